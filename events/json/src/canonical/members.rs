//! Members of objects of a known shape: all are read in the order of the text, and then written in
//! canonical order.

use std::ops::Range;

use super::alike::Mark;
use super::names::Name;
use super::pointers::{Path, Step};
use super::shape::Shape;
use super::simple;
use super::versions::OldVersion;
use super::write::{Work, Writer};

/// The value of a member whose object has not ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// A simple value of the text.
    Simple(Simple),
    /// Any value, which was written aside.
    Written(Part),
}

/// A literal of the text, or the content of a string without escapes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Simple {
    pub start: u32,
    pub length: u32,
    /// One on each side of a string, none around a literal.
    pub quotes: u8,
}

impl Simple {
    /// The value at this position.
    #[inline(always)]
    pub(super) fn at(simple: &simple::Simple, position: usize) -> Self {
        let (start, length) = (position + simple.start, simple.end - simple.start);
        Self { start: start as u32, length: length as u32, quotes: simple.start as u8 }
    }
}

/// The values of objects that have not ended.
#[derive(Debug, Default)]
pub(super) struct Values {
    values: Vec<Value>,
    /// Where those of the next object are.
    pub next: usize,
}

impl Values {
    /// Prepares for the values of an object.
    #[inline(always)]
    pub(super) fn open(&mut self, shape: &Shape) {
        self.next += shape.names.len();
        if self.values.len() < self.next {
            self.grow();
        }
    }

    #[inline(always)]
    fn set(&mut self, at: usize, value: Value) {
        self.values[at] = value;
    }

    /// Those of an object.
    #[inline(always)]
    pub(super) fn of(&self, mark: &Mark<'_>) -> &[Value] {
        &self.values[mark.values..]
    }

    #[cold]
    fn grow(&mut self) {
        self.values.resize(self.next, Value::Written(Part::default()));
    }
}

/// A part of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    start: u32,
    end: u32,
}

impl From<Range<usize>> for Part {
    #[inline(always)]
    fn from(part: Range<usize>) -> Self {
        Self { start: part.start as u32, end: part.end as u32 }
    }
}

impl From<Part> for Range<usize> {
    #[inline(always)]
    fn from(part: Part) -> Self {
        part.start as usize..part.end as usize
    }
}

impl Writer<'_, '_> {
    /// Reads an object and calls `each` with the index of each member and where it ends. Returns
    /// whether the object has this shape.
    #[inline(always)]
    pub(super) fn read_members(
        &mut self,
        shape: &Shape,
        mark: &Mark<'_>,
        parent: Option<&Path<'_>>,
        each: impl Fn(&mut Work, usize, usize),
    ) -> bool {
        self.work.values.open(shape);
        // Local copies stay in registers.
        let (text, mut rest, mut label) = (self.text.len(), self.rest, self.next_label());
        for (index, name) in shape.names.iter().enumerate() {
            let (position, value) = (text - rest.len(), mark.values + name.place);
            match name.short_value_in(rest) {
                Some((at, Some(simple))) if position + at != label => {
                    let found = Simple::at(&simple, position + at);
                    self.work.values.set(value, Value::Simple(found));
                    rest = &rest[at + simple.length()..];
                }
                Some((at, None)) if matches!(rest.get(at), Some(b'{' | b'[')) => {
                    self.rest = &rest[at..];
                    self.write_value(name, parent, value);
                    (rest, label) = (self.rest, self.next_label());
                }
                _ => {
                    self.rest = rest;
                    if !self.read_member(name, parent, value) {
                        return false;
                    }
                    (rest, label) = (self.rest, self.next_label());
                }
            }
            each(self.work, index, text - rest.len());
        }
        self.rest = rest;
        self.close(shape)
    }

    /// Reads a member with a short value. Returns whether it is one, and has this name.
    #[inline(always)]
    pub(super) fn read_short_member(&mut self, name: &Name, value: usize) -> bool {
        let Some((at, Some(simple))) = name.short_value_in(self.rest) else { return false };
        let position = self.position() + at;
        if position == self.next_label() {
            return false;
        }
        self.work.values.set(value, Value::Simple(Simple::at(&simple, position)));
        self.rest = &self.rest[at + simple.length()..];
        true
    }

    /// Reads a member. Returns whether it has this name.
    pub(super) fn read_member(
        &mut self,
        name: &Name,
        parent: Option<&Path<'_>>,
        value: usize,
    ) -> bool {
        let Some(rest) = name.value_in(self.rest) else { return false };
        let position = self.text.len() - rest.len();
        self.rest = rest;
        match simple::value(rest) {
            Some(simple) if position != self.next_label() => {
                self.work.values.set(value, Value::Simple(Simple::at(&simple, position)));
                self.rest = &rest[simple.length()..];
            }
            _ => self.write_value(name, parent, value),
        }
        true
    }

    /// Passes the closing braces. Returns whether they come next.
    #[inline(always)]
    pub(super) fn close(&mut self, shape: &Shape) -> bool {
        for _ in 0..shape.closing[0] {
            let [b'}', rest @ ..] = self.rest else { return false };
            self.rest = rest;
        }
        true
    }

    /// Writes a value that needs more than quotes.
    fn write_value(&mut self, name: &Name, parent: Option<&Path<'_>>, value: usize) {
        std::mem::swap(&mut self.out, &mut self.aside);
        let start = self.out.len();
        self.value_of(name, parent);
        self.work.values.set(value, Value::Written((start..self.out.len()).into()));
        std::mem::swap(&mut self.out, &mut self.aside);
    }

    /// Writes the value of the member with this name.
    pub(super) fn value_of(&mut self, name: &Name, parent: Option<&Path<'_>>) {
        self.value(&Path { parent, step: Step::Known(name) });
    }

    /// Writes an object that was read, and calls `each` with the place of each member and where it
    /// ends.
    #[inline(always)]
    pub(super) fn write_members(
        &mut self,
        shape: &Shape,
        mark: &Mark<'_>,
        mut each: impl FnMut(&mut OldVersion, usize, usize),
    ) {
        let text = self.text;
        let Work { values, old, .. } = &mut *self.work;
        for (place, (name, value)) in shape.order.iter().zip(values.of(mark)).enumerate() {
            name.push_with_value(text, value, self.aside, self.out);
            each(old, place, self.out.len());
        }
        self.finish(shape, mark);
    }

    /// Ends an object that was written.
    #[inline(always)]
    pub(super) fn finish(&mut self, shape: &Shape, mark: &Mark<'_>) {
        for _ in 0..shape.closing[1] {
            self.out.push(b'}');
        }
        self.aside.truncate_text(mark.aside);
        self.work.values.next = mark.values;
    }
}
