//! The order of members and of the elements of sets.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Canonical;
use super::write::Writer;
use crate::cursor::Cursor;
use crate::output::Output;

/// A member of an object, or an element of a set, that was written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Item {
    /// The first bytes of the name, or of the element. Most comparisons need no more.
    pub prefix: u64,
    /// Where the name, or the element, starts in the text, after its quote.
    pub name: u32,
    /// Where it ends in the text; 0 if it cannot be copied.
    pub text_end: u32,
    /// Where it was written, without commas.
    pub start: u32,
    pub end: u32,
    /// The index of the pointer to its first labelled value.
    pub first_pointer: u32,
    /// The number of its labelled values.
    pub pointers: u32,
}

/// An object or an array that has not ended.
#[derive(Debug)]
pub(super) struct Collection {
    /// The index of its first item.
    pub first: usize,
    /// The number of its items that have ended.
    pub count: usize,
    /// Where its content was written.
    pub content: usize,
    /// Whether its items are in their order so far.
    pub is_sorted: bool,
    /// The prefix of its last item.
    last: Option<u64>,
}

/// Orders of items by their indices.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The order that was found last for each number of items, if they are few.
    last: Vec<Vec<u32>>,
    /// The order of many items.
    many: Vec<u32>,
}

/// Orders of more items are not kept.
const FEW: usize = 64;

impl Collection {
    pub(super) fn new(first: usize, content: usize) -> Self {
        Self { first, count: 0, content, is_sorted: true, last: None }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, prefix: u64) {
        // Equal prefixes are left to sorting.
        self.is_sorted &= self.last < Some(prefix);
        self.last = Some(prefix);
        self.count += 1;
    }
}

/// The first eight bytes of a text, so that their order is that of the numbers.
pub(super) fn prefix(text: &[u8]) -> u64 {
    match text.first_chunk() {
        Some(&bytes) => u64::from_be_bytes(bytes),
        None => text.iter().rev().fold(0, |prefix, &byte| prefix >> 8 | u64::from(byte) << 56),
    }
}

impl Writer<'_, '_> {
    /// Sorts the members of the object that has ended. Of several with one name only the last is
    /// kept.
    #[inline(always)]
    pub(super) fn sort_members(&mut self, object: &Collection) {
        if !object.is_sorted {
            self.sort(object, true);
        }
    }

    /// Sorts the elements of the set that has ended.
    #[inline(always)]
    pub(super) fn sort_elements(&mut self, set: &Collection) {
        if !set.is_sorted {
            self.sort(set, false);
        }
    }

    fn sort(&mut self, collection: &Collection, is_object: bool) {
        let mut order = self.canonical.scratch.order.take(collection.count);
        let items = &self.canonical.scratch.items[collection.first..];
        if !self.canonical.is_order(&order, items) {
            self.canonical.find_order(&mut order, items);
            if is_object {
                self.remove_replaced(collection.first, &mut order);
            }
        }
        let items = &mut self.canonical.scratch.items[collection.first..];
        rearrange(self.out, collection.content, items, &order);
        self.canonical.scratch.order.keep(collection.count, order);
    }

    #[cold]
    fn remove_replaced(&mut self, first: usize, order: &mut Vec<u32>) {
        let items: Vec<Item> = self.canonical.scratch.items[first..].to_vec();
        let mut index = 0;
        while index + 1 < order.len() {
            let [item, next] = [order[index], order[index + 1]].map(|at| items[at as usize]);
            if self.canonical.text_at(item.name) != self.canonical.text_at(next.name) {
                index += 1;
                continue;
            }
            let behind = items.get(order.remove(index) as usize + 1);
            let end = behind.map_or(self.position(), |item| item.name as usize);
            self.canonical.scratch.pointers.remove(item.name as usize..end);
            // Their pointers have moved.
            let items = &mut self.canonical.scratch.items[first..];
            items.iter_mut().for_each(|item| item.text_end = 0);
        }
    }
}

/// Rewrites items in this order, in place of the text that was written from `content` on. The last
/// byte closes the object or the set.
fn rearrange(out: &mut Output, content: usize, items: &mut [Item], order: &[u32]) {
    let end = out.len();
    let size: u32 = items.iter().map(|item| item.end - item.start + 1).sum();
    let bytes = out.with_room(size as usize + CHUNK);
    let (mut at, moved) = (end as u32, (end - content) as u32);
    for &index in order {
        let item = &mut items[index as usize];
        let (start, length) = (item.start as usize, (item.end - item.start) as usize);
        let to = at as usize;
        if length <= CHUNK {
            let mut chunk = [0; CHUNK];
            chunk.copy_from_slice(&bytes[start..start + CHUNK]);
            bytes[to..to + CHUNK].copy_from_slice(&chunk);
        } else {
            bytes.copy_within(start..start + length, to);
        }
        bytes[to + length] = b',';
        (item.start, item.end) = (at - moved, at - moved + length as u32);
        at += length as u32 + 1;
    }
    let at = at as usize;
    bytes[at - 1] = bytes[end - 1];
    bytes.copy_within(end..at, content);
    out.truncate_text(content + at - end);
}

/// Shorter items are copied as one block, including the bytes that follow them.
const CHUNK: usize = 64;

impl Order {
    /// The order that was found last for this number of items, or any other.
    fn take(&mut self, count: usize) -> Vec<u32> {
        std::mem::take(self.last.get_mut(count).unwrap_or(&mut self.many))
    }

    fn keep(&mut self, count: usize, order: Vec<u32>) {
        if count < FEW && self.last.len() <= count {
            self.last.resize(count + 1, Vec::new());
        }
        *self.last.get_mut(count).unwrap_or(&mut self.many) = order;
    }
}

impl<'a> Canonical<'a> {
    /// Whether all items are in this order, and no two are the same.
    fn is_order(&self, order: &[u32], items: &[Item]) -> bool {
        let mut last: Option<&Item> = None;
        order.len() == items.len()
            && order.iter().all(|&index| {
                let item = items.get(index as usize);
                let before = std::mem::replace(&mut last, item);
                match (before, item) {
                    (_, None) => false,
                    (None, _) => true,
                    (Some(before), Some(item)) if before.prefix == item.prefix => {
                        self.text_at(before.name) < self.text_at(item.name)
                    }
                    (Some(before), Some(item)) => before.prefix < item.prefix,
                }
            })
    }

    fn find_order(&self, order: &mut Vec<u32>, items: &[Item]) {
        order.clear();
        order.extend(0..items.len() as u32);
        order.sort_unstable_by(|&left, &right| {
            let (left, right) = (&items[left as usize], &items[right as usize]);
            left.prefix.cmp(&right.prefix).then_with(|| self.compare(left, right))
        });
    }

    /// The order of texts with the same prefix; equal ones keep the order in which they stand in
    /// the text.
    #[cold]
    fn compare(&self, left: &Item, right: &Item) -> Ordering {
        let texts = self.text_at(left.name).cmp(&self.text_at(right.name));
        texts.then(left.name.cmp(&right.name))
    }

    /// The string that starts after a quote, escapes resolved, or the number that starts here.
    pub(super) fn text_at(&self, start: u32) -> Cow<'a, [u8]> {
        let start = start as usize;
        if start > 0 && self.text.as_bytes()[start - 1] == b'"' {
            let string = Cursor::new(&self.text[start - 1..]).string();
            string.expect("a name is a string").resolve_bytes()
        } else {
            let number = Cursor::new(&self.text[start..]).number();
            number.expect("an element is a string or a number").as_bytes().into()
        }
    }
}
