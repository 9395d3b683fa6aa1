//! Objects and sets that are in canonical order already are copied in one pass.

use super::alike::Mark;
use super::members::Simple;
use super::names::WrittenName;
use super::order::prefix_in;
use super::pointers::Path;
use super::shape::Shape;
use super::simple;
use super::write::Writer;

impl Writer<'_, '_> {
    /// Copies an object whose members are in canonical order. Returns whether the object has this
    /// shape.
    #[inline(always)]
    pub(super) fn copy_members(
        &mut self,
        shape: &Shape,
        mark: &Mark<'_>,
        parent: Option<&Path<'_>>,
    ) -> bool {
        let (text, mut rest, mut label) = (self.text.len(), self.rest, self.next_label());
        for (name, written) in shape.names.iter().zip(&shape.order) {
            match name.short_value_in(rest) {
                Some((at, Some(simple))) if text - rest.len() + at != label => {
                    written.push_with(rest, &Simple::at(&simple, at), self.out);
                    rest = &rest[at + simple.length()..];
                }
                _ => {
                    let Some(value) = name.value_in(rest) else { return false };
                    written.push(self.out);
                    self.rest = value;
                    self.value_of(name, parent);
                    (rest, label) = (self.rest, self.next_label());
                }
            }
        }
        self.rest = rest;
        self.finish(shape, mark);
        self.close(shape)
    }

    /// Copies the set that starts here. Returns false, without moving, if its elements are not
    /// sorted, or not simple.
    pub(super) fn copy_elements(&mut self) -> bool {
        let start = self.out.len();
        let rest = self.copy_sorted();
        match rest {
            Some(length) => self.rest = &self.rest[self.rest.len() - length..],
            None => self.out.truncate_text(start),
        }
        rest.is_some()
    }

    /// Copies a sorted set. Returns the length of the text behind it.
    fn copy_sorted(&mut self) -> Option<usize> {
        let (start, mut rest, mut last) = (self.out.len(), self.rest, 0);
        loop {
            let element = rest.get(1..)?;
            let simple = simple::value(element)?;
            let first_bytes = element.get(simple.start..)?.first_chunk()?;
            let prefix = prefix_in(first_bytes, simple.end - simple.start);
            if last >= prefix {
                return None;
            }
            WrittenName::NONE.push_with(element, &Simple::at(&simple, 0), self.out);
            (rest, last) = (&element[simple.length()..], prefix);
            match rest {
                [b',', ..] => {}
                [b']', ..] => break,
                _ => return None,
            }
        }
        self.out.replace(start, b'[');
        self.out.push(b']');
        Some(rest.len() - 1)
    }
}
