//! The text is read once. An object or a set is written when it ends, in its order; values that
//! need more than quotes are written before, and removed then.

use super::alike::Before;
use super::members::Values;
use super::nested::Member;
use super::order::{Collection, Item, Orders, Place, prefix, prefix_in};
use super::pointers::{Path, Pointers, Step};
use super::shape::Shape;
use super::simple::{self, Simple};
use super::versions::OldVersion;
use super::{Canonical, Version};
use crate::labels::Label;
use crate::output::Output;
use crate::simd::{self, LENGTH};

/// A position in the text, and what was written up to it.
pub(super) struct Writer<'w, 'a> {
    pub text: &'a [u8],
    is_set: fn(u8) -> bool,
    pub version: Version,
    pub shapes: &'w [Shape],
    /// The number of shapes that may be learnt.
    pub learns: usize,
    pub work: &'w mut Work,
    pub out: &'w mut Output,
    /// Where the values of an object's members are written before their order is known. What is
    /// nested in them is written to `out` first, and so on.
    pub aside: &'w mut Output,
    /// The text from the position on.
    pub rest: &'a [u8],
    /// The labels from the position on.
    pub labels: &'a [Label],
}

/// What the objects and sets that have not ended need, and what is known of those before.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// The items of sets, and of objects of no known shape.
    pub items: Vec<Item>,
    /// The values of objects of a known shape.
    pub values: Values,
    pub old: OldVersion,
    pub orders: Orders,
    pub pointers: Pointers,
    pub before: Before,
    /// The members of objects of no known shape.
    pub learnt: Vec<Vec<Member>>,
    /// The index of the first label from the start of the last outermost object on.
    first_label: usize,
}

impl Work {
    /// Forgets the objects of another text.
    pub(super) fn start(&mut self) {
        self.before.start();
        self.old.clear();
        self.pointers.clear();
    }
}

impl<'w, 'a> Writer<'w, 'a> {
    pub(super) fn new(
        canonical: &'w mut Canonical<'a>,
        start: usize,
        version: Version,
        out: &'w mut Output,
    ) -> Self {
        let Canonical { text, labels, is_set, scratch } = canonical;
        let (shapes, learns) = (scratch.shapes.known(), scratch.shapes.to_learn());
        let (work, aside) = (&mut scratch.work, &mut scratch.aside);
        work.first_label = first_label(labels, work.first_label, start);
        let (rest, labels) = (&text[start..], &labels[work.first_label..]);
        Writer { text, is_set: *is_set, version, shapes, learns, work, out, aside, rest, labels }
    }

    /// Writes the object that starts here. The outermost one has no path.
    pub(super) fn object<const IS_OUTERMOST: bool>(&mut self, path: Option<&Path<'_>>) {
        if !self.object_alike::<IS_OUTERMOST>(path) {
            self.object_of_items(path);
        }
    }

    /// Writes an object of no known shape.
    fn object_of_items(&mut self, path: Option<&Path<'_>>) {
        let object = self.open();
        let mut has_next = self.enter(b'}');
        while has_next {
            self.member(path);
            has_next = self.next();
        }
        self.arrange_members(&object);
    }

    fn member(&mut self, parent: Option<&Path<'_>>) {
        if let Some(length) = self.simple_member() {
            self.rest = &self.rest[length..];
            return;
        }
        let (name, start) = (self.position() + 1, self.out.len());
        let prefix = self.string(br#"\":"#).prefix();
        self.peek();
        self.pass();
        self.peek();
        self.value(&Path { parent, step: Step::Member { name: name as u32 } });
        self.push_written(prefix, name, start);
    }

    /// Adds a member that starts here, with a short name and a simple value. Returns its length.
    fn simple_member(&mut self) -> Option<usize> {
        let position = self.position();
        let name = self.rest.get(1..)?.first_chunk()?;
        let length = simd::quotes(name).trailing_zeros() as usize;
        let [b'"', b':', value @ ..] = self.rest.get(1 + length..)? else { return None };
        let value_at = position + length + 3;
        if length >= LENGTH || value_at == self.next_label() {
            return None;
        }
        let simple = simple::value(value)?;
        let prefix = prefix_in(name, length);
        self.push_simple(prefix, position + 1, value_at, &simple);
        Some(length + 3 + simple.length())
    }

    /// Adds an item whose value starts at this position of the text.
    fn push_simple(&mut self, prefix: u64, name: usize, value: usize, simple: &Simple) {
        let place = if simple.is_string() { Place::String } else { Place::Literal };
        let [name, start, end] =
            [name, value + simple.start, value + simple.end].map(|at| at as u32);
        self.work.items.push(Item { prefix, name, start, end, place });
    }

    #[inline(always)]
    pub(super) fn value(&mut self, path: &Path<'_>) {
        match self.peek() {
            b'{' => self.object::<false>(Some(path)),
            b'[' => self.array(path),
            b'"' => self.labelled_string(path),
            _ => drop(self.literal()),
        }
    }

    fn labelled_string(&mut self, path: &Path<'_>) {
        self.label(path);
        self.string(br#"\""#);
    }

    fn array(&mut self, path: &Path<'_>) {
        let label = self.label(path);
        if label.is_some_and(self.is_set) {
            if !self.copy_elements() {
                self.set();
            }
            return;
        }
        self.out.push(b'[');
        self.pass();
        let mut has_next = self.enter(b']');
        let mut index = 0;
        while has_next {
            self.value(&Path { parent: Some(path), step: Step::Element { index } });
            index += 1;
            has_next = self.next();
            if has_next {
                self.out.push(b',');
            }
        }
        self.out.push(b']');
    }

    fn set(&mut self) {
        let set = self.open();
        let mut has_next = self.enter(b']');
        while has_next {
            self.element();
            has_next = self.next();
        }
        self.arrange_elements(&set);
    }

    /// Reads an element of a set, which is a string or a number.
    fn element(&mut self) {
        let position = self.position();
        if let Some(simple) = simple::value(self.rest)
            && let Some(block) = self.rest[simple.start..].first_chunk()
        {
            let prefix = prefix_in(block, simple.end - simple.start);
            self.push_simple(prefix, position + simple.start, position, &simple);
            self.rest = &self.rest[simple.length()..];
            return;
        }
        let start = self.out.len();
        let (name, prefix) = match self.rest[0] {
            b'"' => (position + 1, self.string(br#"\""#).prefix()),
            _ => (position, prefix(self.literal())),
        };
        self.push_written(prefix, name, start);
    }

    /// Adds an item that is written from here on.
    fn push_written(&mut self, prefix: u64, name: usize, start: usize) {
        let (start, end) = (start as u32, self.out.len() as u32);
        let item = Item { prefix, name: name as u32, start, end, place: Place::Written };
        self.work.items.push(item);
    }

    /// Opens an object or a set.
    fn open(&mut self) -> Collection {
        self.pass();
        Collection { first: self.work.items.len(), start: self.out.len() }
    }

    /// Whether a first item comes, and not the closing bracket, which is passed.
    fn enter(&mut self, close: u8) -> bool {
        let has_first = self.peek() != close;
        if !has_first {
            self.pass();
        }
        has_first
    }

    /// Whether another item comes. Passes the comma, or the closing bracket.
    fn next(&mut self) -> bool {
        let has_next = self.peek() == b',';
        self.pass();
        if has_next {
            self.peek();
        }
        has_next
    }

    fn pass(&mut self) {
        self.rest = &self.rest[1..];
    }

    /// Where the next value with a label is.
    #[inline(always)]
    pub(super) fn next_label(&self) -> usize {
        self.labels.first().map_or(usize::MAX, |label| label.at as usize)
    }

    /// Takes the label of the value that starts here.
    fn label(&mut self, path: &Path<'_>) -> Option<u8> {
        match self.labels {
            [label, rest @ ..] if label.at as usize == self.position() => {
                self.labels = rest;
                self.add_pointer(path, *label);
                Some(label.kind)
            }
            _ => None,
        }
    }

    /// In bytes from the start of the text.
    #[inline(always)]
    pub(super) fn position(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// The next byte that is not white space.
    #[inline(always)]
    fn peek(&mut self) -> u8 {
        match self.rest {
            [next, ..] if *next > b' ' => *next,
            _ => self.peek_after_space(),
        }
    }

    #[cold]
    fn peek_after_space(&mut self) -> u8 {
        let spaces = self.rest.iter().take_while(|&&byte| byte <= b' ').count();
        self.rest = &self.rest[spaces..];
        self.rest[0]
    }
}

/// The index of the first label from this position of the text on. It is mostly close to the last
/// one.
fn first_label(labels: &[Label], last: usize, start: usize) -> usize {
    const CLOSE: usize = 8;
    let is_before = |label: &Label| (label.at as usize) < start;
    let (before, behind) = labels.split_at(last.min(labels.len()));
    let close = if before.last().is_some_and(|label| !is_before(label)) {
        let steps = before.iter().rev().take(CLOSE).position(is_before);
        steps.map(|steps| before.len() - steps)
    } else {
        let steps = behind.iter().take(CLOSE).position(|label| !is_before(label));
        steps.map(|steps| before.len() + steps)
    };
    close.unwrap_or_else(|| labels.partition_point(is_before))
}
