//! Canonical JSON text: equal values have equal text, independent of what wrote them.

mod alike;
mod arrange;
mod members;
mod names;
mod nested;
mod order;
mod pointers;
mod shape;
mod shapes;
mod simple;
mod sorted;
mod text;
mod versions;
mod write;

use std::ops::Range;

use self::shapes::Shapes;
use self::write::{Work, Writer};
use crate::labels::Label;
use crate::output::Output;

/// Writes objects of one text in canonical form:
///
/// - members are sorted by the UTF-8 bytes of their names; of several members with one name the
///   last counts;
/// - elements of sets are sorted by the bytes of their text, those of other arrays keep their
///   order;
/// - strings are escaped only where JSON requires it, as `serde_json` does;
/// - literals and numbers keep their text, and there is no white space.
///
/// The canonical text is written as the content of a JSON string: its quotes and backslashes are
/// escaped.
///
/// ```
/// use changefan_json::{Canonical, Output, Scratch, Version};
///
/// let text = r#"{"b": [2, 1], "\u0061": "\/"}"#;
/// let (mut scratch, mut out) = (Scratch::default(), Output::new());
/// let mut canonical = Canonical::new(text, &[], |_| false, &mut scratch);
/// canonical.write_in_string(0, Version::Only, &mut out);
/// assert_eq!(out.into_text()?, r#"{\"a\":\"/\",\"b\":[2,1]}"#);
/// # Ok::<(), std::str::Utf8Error>(())
/// ```
#[derive(Debug)]
pub struct Canonical<'a> {
    text: &'a [u8],
    labels: &'a [Label],
    is_set: fn(u8) -> bool,
    scratch: &'a mut Scratch,
}

/// What writing needs besides the text. It is worth keeping for the next text: objects of one table
/// mostly have the same members in the same order.
#[derive(Debug, Default)]
pub struct Scratch {
    shapes: Shapes,
    work: Work,
    /// Where values of objects are written that have not ended.
    aside: Output,
}

/// What an object is to those that are written before and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Nothing.
    Only,
    /// Its members are compared with those of the new version.
    Old,
    /// A member that is the same in the old version, which the output must still have, is copied
    /// from there.
    New,
}

/// The labelled values of an object that was written, by the indices of their pointers.
#[derive(Clone, Debug)]
pub struct Labelled(Range<usize>);

impl Labelled {
    /// Whether no value of the object has a label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Canonical<'a> {
    /// A writer of objects of `text`, which must be valid JSON in UTF-8. `labels` are those of the
    /// text's values, in the order of the text; an array whose label's kind is a set's is sorted.
    ///
    /// # Panics
    ///
    /// The text is longer than 4 GiB.
    pub fn new(
        text: &'a (impl AsRef<[u8]> + ?Sized),
        labels: &'a [Label],
        is_set: fn(u8) -> bool,
        scratch: &'a mut Scratch,
    ) -> Self {
        let text = text.as_ref();
        assert!(u32::try_from(text.len()).is_ok(), "a canonical text is below 4 GiB");
        scratch.work.start();
        Canonical { text, labels, is_set, scratch }
    }

    /// Appends the canonical text of the object that starts at this byte of the text.
    ///
    /// # Panics
    ///
    /// No JSON object starts there, or the output exceeds 4 GiB.
    pub fn write_in_string(
        &mut self,
        start: usize,
        version: Version,
        out: &mut Output,
    ) -> Labelled {
        let first = self.scratch.work.pointers.count();
        Writer::new(self, start, version, out).object::<true>(None);
        assert!(u32::try_from(out.len()).is_ok(), "the output is below 4 GiB");
        self.scratch.learn();
        Labelled(first..self.scratch.work.pointers.count())
    }

    /// Appends the labels of an object as members of a JSON object in canonical form, and as the
    /// content of a JSON string. The name of a member is an RFC 6901 pointer into the object's
    /// canonical text, its value what `describe` returns for the label's kind, which must be the
    /// same in each call.
    pub fn write_labels_in_string(
        &mut self,
        labelled: &Labelled,
        describe: fn(u8) -> &'static str,
        out: &mut Output,
    ) {
        self.scratch.work.pointers.write_in_string(labelled.0.clone(), describe, out);
    }
}

impl Scratch {
    /// Keeps the shapes of the objects that were written last.
    fn learn(&mut self) {
        if !self.work.learnt.is_empty() {
            // Its shape may be replaced.
            self.work.old.clear();
        }
        while let Some(members) = self.work.learnt.pop() {
            self.shapes.learn(&members);
        }
    }
}

#[cfg(test)]
mod tests;
