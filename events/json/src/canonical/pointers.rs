//! Pointers to labelled values.

use std::ops::Range;

use super::order::text_at;
use super::text::write_character;
use super::write::Writer;
use crate::labels::Label;
use crate::output::Output;

/// The way from the outermost value to one inside it.
pub(super) struct Path<'p> {
    pub parent: Option<&'p Self>,
    pub step: Step,
}

#[derive(Clone, Copy)]
pub(super) enum Step {
    /// By where the name starts in the text, after its quote.
    Member { name: u32 },
    /// By its index.
    Element { index: usize },
}

/// RFC 6901 pointers to labelled values, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Pointers {
    /// All pointers, concatenated.
    text: String,
    pointers: Vec<Pointer>,
}

#[derive(Clone, Debug)]
struct Pointer {
    label: Label,
    text: Range<usize>,
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
        &self,
        part: Range<usize>,
        describe: fn(u8) -> &'static str,
        out: &mut Output,
    ) {
        let pointers = &self.pointers[part];
        if pointers.is_sorted_by_key(|pointer| self.text(pointer)) {
            return self.write(pointers.iter(), describe, out);
        }
        let mut pointers: Vec<&Pointer> = pointers.iter().collect();
        pointers.sort_unstable_by_key(|pointer| self.text(pointer));
        self.write(pointers.into_iter(), describe, out);
    }

    fn write<'p>(
        &self,
        pointers: impl Iterator<Item = &'p Pointer>,
        describe: fn(u8) -> &'static str,
        out: &mut Output,
    ) {
        for (index, pointer) in pointers.enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.push_array(br#"\""#);
            write_in_string(self.text(pointer), out);
            out.push_array(br#"\":\""#);
            out.push_str(describe(pointer.label.kind));
            out.push_array(br#"\""#);
        }
    }

    fn text(&self, pointer: &Pointer) -> &str {
        &self.text[pointer.text.clone()]
    }
}

fn write_in_string(text: &str, out: &mut Output) {
    if text.bytes().any(|byte| matches!(byte, ..b' ' | b'"' | b'\\')) {
        text.chars().for_each(|character| write_character(character, out));
    } else {
        out.push_str(text);
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
        self.work.pointers.text.push('/');
        match path.step {
            Step::Element { index } => self.work.pointers.text.push_str(&index.to_string()),
            Step::Member { name } => self.push_token(name),
        }
    }

    /// A name as a reference token (RFC 6901, section 3): `~` and `/` are escaped.
    fn push_token(&mut self, name: u32) {
        let name = text_at(self.text, name);
        let name = std::str::from_utf8(&name).expect("a name is UTF-8");
        let out = &mut self.work.pointers.text;
        if name.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
            out.push_str(&name.replace('~', "~0").replace('/', "~1"));
        } else {
            out.push_str(name);
        }
    }
}
