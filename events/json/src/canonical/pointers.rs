//! Pointers to labelled values.

use std::ops::Range;

use super::names::Name;
use super::order::text_at;
use super::text::write_character;
use super::write::Writer;
use crate::labels::Label;
use crate::output::Output;

/// The way from the outermost value to one inside it.
pub(super) struct Path<'p> {
    pub parent: Option<&'p Self>,
    pub step: Step<'p>,
}

#[derive(Clone, Copy)]
pub(super) enum Step<'p> {
    /// By where the name starts in the text, after its quote.
    Member { name: u32 },
    /// By the name in a known shape.
    Known(&'p Name),
    /// By its index.
    Element { index: usize },
}

/// RFC 6901 pointers to labelled values, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Pointers {
    /// All pointers, concatenated.
    text: Vec<u8>,
    pointers: Vec<Pointer>,
    last: Written,
}

#[derive(Clone, Debug)]
struct Pointer {
    label: Label,
    text: Range<usize>,
}

/// Pointers with their kinds, and how they are written. Those of the next object are mostly the
/// same.
#[derive(Debug, Default)]
struct Written {
    pointers: Vec<(Vec<u8>, u8)>,
    written: Output,
}

impl Pointers {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.pointers.clear();
    }

    pub(super) fn count(&self) -> usize {
        self.pointers.len()
    }

    /// Removes the pointers that were added after there were this many.
    pub(super) fn truncate(&mut self, count: usize) {
        self.pointers.truncate(count);
    }

    /// Removes the pointers to values in this part of the text.
    pub(super) fn remove(&mut self, part: Range<usize>) {
        self.pointers.retain(|pointer| !part.contains(&(pointer.label.at as usize)));
    }

    /// Repeats the pointers from `first` on, for values with these labels. They must be the
    /// labels of those values, `moved` bytes ahead; nothing is added, and false returned, when they
    /// are not.
    pub(super) fn copy(&mut self, first: usize, labels: &[Label], moved: u32) -> bool {
        let Some(same) = self.pointers.get(first..first + labels.len()) else { return false };
        let is_moved = |(pointer, label): (&Pointer, &Label)| {
            let Label { at, kind } = pointer.label;
            Label { at: at.wrapping_add(moved), kind } == *label
        };
        let are_same = same.iter().zip(labels).all(is_moved);
        if are_same {
            for (index, &label) in labels.iter().enumerate() {
                let text = self.pointers[first + index].text.clone();
                self.pointers.push(Pointer { label, text });
            }
        }
        are_same
    }

    pub(super) fn write_in_string(
        &mut self,
        part: Range<usize>,
        describe: fn(u8) -> &'static str,
        out: &mut Output,
    ) {
        let text = &self.text;
        let pointers = self.pointers[part].iter();
        let pointers = pointers.map(|pointer| (&text[pointer.text.clone()], pointer.label.kind));
        if !self.last.is_of(pointers.clone()) {
            self.last = Written::new(pointers, describe);
        }
        out.push_bytes(self.last.written.as_bytes());
    }
}

impl Written {
    fn new<'p>(
        pointers: impl Iterator<Item = (&'p [u8], u8)>,
        describe: fn(u8) -> &'static str,
    ) -> Self {
        let pointers: Vec<_> = pointers.map(|(text, kind)| (text.to_vec(), kind)).collect();
        let mut sorted: Vec<_> = pointers.iter().collect();
        sorted.sort_unstable();
        let mut written = Output::new();
        for (index, (text, kind)) in sorted.into_iter().enumerate() {
            if index > 0 {
                written.push(b',');
            }
            written.push_array(br#"\""#);
            write_in_string(text, &mut written);
            written.push_array(br#"\":\""#);
            written.push_str(describe(*kind));
            written.push_array(br#"\""#);
        }
        Self { pointers, written }
    }

    fn is_of<'p>(&self, pointers: impl ExactSizeIterator<Item = (&'p [u8], u8)>) -> bool {
        let last = self.pointers.iter().map(|(text, kind)| (text.as_slice(), *kind));
        pointers.len() == last.len() && pointers.zip(last).all(|(pointer, last)| pointer == last)
    }
}

fn write_in_string(text: &[u8], out: &mut Output) {
    if text.iter().any(|byte| matches!(byte, ..b' ' | b'"' | b'\\')) {
        let text = std::str::from_utf8(text).expect("a pointer consists of names");
        text.chars().for_each(|character| write_character(character, out));
    } else {
        out.push_bytes(text);
    }
}

impl Writer<'_, '_> {
    pub(super) fn add_pointer(&mut self, path: &Path<'_>, label: Label) {
        let start = self.work.pointers.text.len();
        self.push_path(path);
        let text = start..self.work.pointers.text.len();
        self.work.pointers.pointers.push(Pointer { label, text });
    }

    fn push_path(&mut self, path: &Path<'_>) {
        if let Some(parent) = path.parent {
            self.push_path(parent);
        }
        let out = &mut self.work.pointers.text;
        match path.step {
            Step::Known(name) => out.extend_from_slice(&name.pointer),
            Step::Member { name } => {
                out.push(b'/');
                out.extend(token(&text_at(self.text, name)));
            }
            Step::Element { index } => out.extend(format!("/{index}").bytes()),
        }
    }
}

/// A name as a reference token (RFC 6901, section 3): `~` and `/` are escaped.
pub(super) fn token(name: &[u8]) -> Vec<u8> {
    let mut token = Vec::with_capacity(name.len());
    for byte in name {
        match byte {
            b'~' => token.extend_from_slice(b"~0"),
            b'/' => token.extend_from_slice(b"~1"),
            _ => token.push(*byte),
        }
    }
    token
}
