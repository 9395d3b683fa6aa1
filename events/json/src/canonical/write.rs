//! Values are written in the order of the text. An object or set that is in another order than the
//! canonical one is rearranged when it ends.

use super::Canonical;
use super::order::{Collection, Item, prefix};
use super::pointers::{Path, Step};
use super::simple::{self, Behind, Row, Simple, Window};
use crate::labels::Label;
use crate::output::Output;

/// A position in the text, and what was written up to it.
pub(super) struct Writer<'w, 'a> {
    pub canonical: &'w mut Canonical<'a>,
    pub out: &'w mut Output,
    /// The text from the position on.
    pub rest: &'a [u8],
    /// The labels from the position on.
    pub labels: &'a [Label],
}

impl<'w, 'a> Writer<'w, 'a> {
    pub(super) fn new(canonical: &'w mut Canonical<'a>, start: usize, out: &'w mut Output) -> Self {
        let (text, labels) = (canonical.text.as_bytes(), canonical.labels);
        let first = match labels {
            [] => 0,
            labels => labels.partition_point(|label| (label.at as usize) < start),
        };
        Writer { canonical, out, rest: &text[start..], labels: &labels[first..] }
    }

    /// Writes the outermost object, and keeps where its members are.
    pub(super) fn outermost_object(&mut self) {
        let before = std::mem::take(&mut self.canonical.scratch.written);
        let mut object = self.open(b'{');
        let mut has_next = self.enter(b'}');
        while has_next {
            match before.get(object.count) {
                Some(same) if self.copy(same, &mut object) => {}
                Some(_) => self.members(None, &mut object, 1),
                None => self.members(None, &mut object, usize::MAX),
            }
            has_next = self.next(b'}');
        }
        self.sort_members(&object);
        self.keep_members(before);
    }

    fn value(&mut self, path: &Path<'_>) {
        match self.peek() {
            b'"' => {
                self.label(path);
                self.string(br#"\""#);
            }
            b'{' => self.object(path),
            b'[' => self.array(path),
            _ => drop(self.literal()),
        }
    }

    fn object(&mut self, path: &Path<'_>) {
        let mut object = self.open(b'{');
        let mut has_next = self.enter(b'}');
        while has_next {
            self.members(Some(path), &mut object, usize::MAX);
            has_next = self.next(b'}');
        }
        self.sort_members(&object);
        self.canonical.scratch.items.truncate(object.first);
    }

    /// Writes members: at most `limit` simple ones, or one that is not.
    fn members(&mut self, parent: Option<&Path<'_>>, object: &mut Collection, limit: usize) {
        match self.row(object, limit, simple::write_member) {
            Behind::Mark => {}
            Behind::Value(item) => self.named_value(parent, item, object),
            Behind::Item => self.member(parent, object),
        }
    }

    #[inline(always)]
    fn row(
        &mut self,
        collection: &mut Collection,
        limit: usize,
        write: impl Fn(&Window, &mut Window, bool) -> Option<Simple>,
    ) -> Behind {
        let label = self.labels.first().map_or(usize::MAX, |label| label.at as usize);
        let position = self.position();
        let items = &mut self.canonical.scratch.items;
        let mut row = Row { rest: self.rest, position, label, items, out: self.out };
        let behind = row.write(collection, limit, write);
        self.rest = row.rest;
        behind
    }

    fn member(&mut self, parent: Option<&Path<'_>>, object: &mut Collection) {
        self.peek();
        let mut item = self.item();
        let name = self.string(br#"\":"#);
        item.prefix = name.prefix();
        item.name += 1;
        self.peek();
        self.rest = &self.rest[1..];
        self.named_value(parent, item, object);
    }

    fn named_value(&mut self, parent: Option<&Path<'_>>, item: Item, object: &mut Collection) {
        let first_pointer = self.canonical.scratch.pointers.count() as u32;
        self.value(&Path { parent, step: Step::Member { name: item.name } });
        self.end(Item { first_pointer, ..item }, object);
    }

    fn array(&mut self, path: &Path<'_>) {
        let label = self.label(path);
        let mut array = self.open(b'[');
        let mut has_next = self.enter(b']');
        if label.is_some_and(self.canonical.is_set) {
            while has_next {
                self.elements(&mut array);
                has_next = self.next(b']');
            }
            self.sort_elements(&array);
            self.canonical.scratch.items.truncate(array.first);
        } else {
            while has_next {
                let step = Step::Element { index: array.count };
                self.value(&Path { parent: Some(path), step });
                array.count += 1;
                has_next = self.next(b']');
            }
        }
    }

    /// Writes elements of a set, which are strings or numbers: simple ones, or one that is not.
    fn elements(&mut self, set: &mut Collection) {
        if let Behind::Mark = self.row(set, usize::MAX, simple::write_element) {
            return;
        }
        let is_string = self.peek() == b'"';
        let mut item = self.item();
        item.name += u32::from(is_string);
        item.prefix = match is_string {
            true => self.string(br#"\""#).prefix(),
            false => prefix(self.literal()),
        };
        self.end(item, set);
    }

    /// An item that starts here.
    fn item(&self) -> Item {
        Item { name: self.position() as u32, start: self.out.len() as u32, ..Item::default() }
    }

    fn end(&mut self, item: Item, collection: &mut Collection) {
        let Item { first_pointer, .. } = item;
        let item = Item {
            text_end: self.position() as u32,
            end: self.out.len() as u32,
            pointers: self.canonical.scratch.pointers.count() as u32 - first_pointer,
            ..item
        };
        collection.add(item.prefix);
        self.canonical.scratch.items.push(item);
    }

    #[inline(always)]
    fn open(&mut self, bracket: u8) -> Collection {
        self.close(bracket);
        Collection::new(self.canonical.scratch.items.len(), self.out.len())
    }

    /// Whether a first item comes; otherwise the closing bracket is written.
    #[inline(always)]
    fn enter(&mut self, close: u8) -> bool {
        let has_first = self.peek() != close;
        if !has_first {
            self.close(close);
        }
        has_first
    }

    /// Whether another item comes; otherwise the closing bracket is written.
    #[inline(always)]
    fn next(&mut self, close: u8) -> bool {
        let has_next = self.peek() == b',';
        self.close(if has_next { b',' } else { close });
        if has_next {
            self.peek();
        }
        has_next
    }

    #[inline(always)]
    fn close(&mut self, byte: u8) {
        self.out.push(byte);
        self.rest = &self.rest[1..];
    }

    /// Takes the label of the value that starts here.
    #[inline(always)]
    fn label(&mut self, path: &Path<'_>) -> Option<u8> {
        match self.labels {
            [label, rest @ ..] if label.at as usize == self.position() => {
                self.labels = rest;
                self.canonical.add_pointer(path, *label);
                Some(label.kind)
            }
            _ => None,
        }
    }

    /// In bytes from the start of the text.
    #[inline(always)]
    pub(super) fn position(&self) -> usize {
        self.canonical.text.len() - self.rest.len()
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
