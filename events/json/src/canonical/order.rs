//! The order of members and of the elements of sets.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::write::Writer;
use crate::cursor::Cursor;
use crate::simd::Block;

/// A member of an object, or an element of a set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// The first bytes of the name, or of the element. Most comparisons need no more.
    pub prefix: u64,
    /// Where the name, or the element, starts in the text, after its quote.
    pub name: u32,
    /// Where its canonical text is, without commas.
    pub start: u32,
    pub end: u32,
    pub place: Place,
}

/// Where the canonical text of an item is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// The value is a string in the text, without its quotes.
    String,
    /// The value is a literal in the text.
    Literal,
    /// Name and value are in the output.
    Written,
}

/// An object or a set that has not ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Collection {
    /// The index of its first item.
    pub first: usize,
    /// Where it is written.
    pub start: usize,
}

/// The orders that were found last, by the number of their items.
#[derive(Debug, Default)]
pub(super) struct Orders {
    few: [Vec<u32>; 32],
    many: Vec<u32>,
}

impl Orders {
    fn take(&mut self, count: usize) -> Vec<u32> {
        std::mem::take(self.of(count))
    }

    pub(super) fn keep(&mut self, count: usize, order: Vec<u32>) {
        *self.of(count) = order;
    }

    fn of(&mut self, count: usize) -> &mut Vec<u32> {
        self.few.get_mut(count).unwrap_or(&mut self.many)
    }
}

/// The first eight bytes of a text, so that their order is that of the numbers.
pub(super) fn prefix(text: &[u8]) -> u64 {
    let mut block = [0; 8];
    let length = text.len().min(block.len());
    block[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(block)
}

/// The prefix of a text of this length, of which the first block begins with it.
#[inline(always)]
pub(super) fn prefix_in(block: &Block, length: usize) -> u64 {
    let first = block.first_chunk().expect("a block has eight bytes");
    let behind = u64::MAX.checked_shr(8 * length as u32).unwrap_or(0);
    u64::from_be_bytes(*first) & !behind
}

impl Writer<'_, '_> {
    /// The canonical order of the items of a collection that has ended.
    pub(super) fn order(&mut self, collection: &Collection) -> Vec<u32> {
        let items = &self.work.items[collection.first..];
        let mut order = self.work.orders.take(items.len());
        if !is_order(&order, items) {
            order.clear();
            order.extend(0..items.len() as u32);
            order.sort_unstable_by(|&left, &right| {
                let (left, right) = (&items[left as usize], &items[right as usize]);
                left.prefix.cmp(&right.prefix).then_with(|| compare(self.text, left, right))
            });
        }
        order
    }

    /// Leaves out the members of which another one with the same name follows.
    pub(super) fn remove_replaced(&mut self, object: &Collection, order: &mut Vec<u32>) {
        let (text, items) = (self.text, &self.work.items[object.first..]);
        let prefixes = || order.iter().map(|&index| items[index as usize].prefix);
        if prefixes().zip(prefixes().skip(1)).all(|(prefix, next)| prefix != next) {
            return;
        }
        let end = self.position();
        let pointers = &mut self.work.pointers;
        let mut followers = order.clone().into_iter().skip(1);
        order.retain(|&index| {
            let item = &items[index as usize];
            let Some(follower) = followers.next() else { return true };
            let follower = &items[follower as usize];
            let is_replaced = item.prefix == follower.prefix
                && text_at(text, item.name) == text_at(text, follower.name);
            if is_replaced {
                let behind = items.get(index as usize + 1);
                let end = behind.map_or(end, |item| item.name as usize);
                pointers.remove(item.name as usize..end);
            }
            !is_replaced
        });
    }
}

/// Whether the prefixes of all items are sorted in this order, and no two are the same.
fn is_order(order: &[u32], items: &[Item]) -> bool {
    let prefixes = || order.iter().map(|&index| items.get(index as usize).map(|item| item.prefix));
    order.len() == items.len() && prefixes().zip(prefixes().skip(1)).all(|(last, next)| last < next)
}

/// The order of items with the same prefix; equal ones keep the order in which they stand in the
/// text.
#[cold]
fn compare(text: &[u8], left: &Item, right: &Item) -> Ordering {
    let texts = text_at(text, left.name).cmp(&text_at(text, right.name));
    texts.then(left.name.cmp(&right.name))
}

/// The string that starts after a quote, escapes resolved, or the number that starts here.
pub(super) fn text_at(text: &[u8], start: u32) -> Cow<'_, [u8]> {
    let start = start as usize;
    if start > 0 && text[start - 1] == b'"' {
        let string = Cursor::new(&text[start - 1..]).string();
        string.expect("a name is a string").resolve_bytes()
    } else {
        let number = Cursor::new(&text[start..]).number();
        number.expect("an element is a string or a number").into()
    }
}
