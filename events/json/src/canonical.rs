//! Canonical JSON text: equal values have equal text, independent of what wrote them.

mod copies;
mod order;
mod pointers;
mod simple;
mod text;
mod write;

use std::ops::Range;

use self::order::{Item, Order};
use self::pointers::Pointers;
use self::write::Writer;
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
/// use changefan_json::{Canonical, Output, Scratch};
///
/// let text = r#"{"b": [2, 1], "\u0061": "\/"}"#;
/// let (mut scratch, mut out) = (Scratch::default(), Output::new());
/// Canonical::new(text, &[], |_| false, &mut scratch).write_in_string(0, &mut out);
/// assert_eq!(out.into_text()?, r#"{\"a\":\"/\",\"b\":[2,1]}"#);
/// # Ok::<(), std::str::Utf8Error>(())
/// ```
#[derive(Debug)]
pub struct Canonical<'a> {
    text: &'a str,
    labels: &'a [Label],
    is_set: fn(u8) -> bool,
    scratch: &'a mut Scratch,
}

/// What writing needs besides the text. It is worth keeping for the next text: objects of one table
/// mostly have the same members in the same order.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The members of the objects, and the elements of the sets, that have not ended.
    items: Vec<Item>,
    /// The members of the object that was written last.
    written: Vec<Item>,
    order: Order,
    pointers: Pointers,
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
    /// A writer of objects of `text`, which must be valid JSON. `labels` are those of the text's
    /// values, in the order of the text; an array whose label's kind is a set's is sorted.
    ///
    /// # Panics
    ///
    /// The text is longer than 4 GiB.
    pub fn new(
        text: &'a str,
        labels: &'a [Label],
        is_set: fn(u8) -> bool,
        scratch: &'a mut Scratch,
    ) -> Self {
        assert!(u32::try_from(text.len()).is_ok(), "a canonical text is below 4 GiB");
        scratch.items.clear();
        scratch.written.clear();
        scratch.pointers.clear();
        Canonical { text, labels, is_set, scratch }
    }

    /// Appends the canonical text of the object that starts at this byte of the text.
    ///
    /// A member that is the same in the object before, which the output must still have, is copied
    /// from there.
    ///
    /// # Panics
    ///
    /// No JSON object starts there, or the output exceeds 4 GiB.
    pub fn write_in_string(&mut self, start: usize, out: &mut Output) -> Labelled {
        let first = self.scratch.pointers.count();
        Writer::new(self, start, out).outermost_object();
        assert!(u32::try_from(out.len()).is_ok(), "the output is below 4 GiB");
        Labelled(first..self.scratch.pointers.count())
    }

    /// Appends the labels of an object as members of a JSON object in canonical form, and as the
    /// content of a JSON string. The name of a member is an RFC 6901 pointer into the object's
    /// canonical text, its value what `describe` returns for the label's kind.
    pub fn write_labels_in_string(
        &self,
        labelled: &Labelled,
        describe: fn(u8) -> &'static str,
        out: &mut Output,
    ) {
        self.scratch.pointers.write_in_string(labelled.0.clone(), describe, out);
    }
}

#[cfg(test)]
mod tests;
