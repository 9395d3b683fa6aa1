//! Items as most are: a short name, and a short string or a literal, without escapes, white space
//! or labels.
//!
//! They are read from one window of the text and written to one of the output, so that few bounds
//! have to be checked, and in one loop, so that the positions stay in registers.

use super::order::{Collection, Item};
use crate::output::Output;
use crate::simd::{self, Block, LENGTH};

/// The bytes of the text in which a simple item ends, and those in which it is written.
const WINDOW: usize = 64;

/// A part of the text or of the output.
pub(super) type Window = [u8; WINDOW];

/// An item that was written.
pub(super) struct Simple {
    prefix: u64,
    /// The bytes before its name, or before the content of an element.
    quote: usize,
    /// Its length in the text.
    length: usize,
    /// Its length in the output.
    written: usize,
    /// Whether only its name was written, and its value is still to be.
    is_name: bool,
}

/// What follows a row of simple items.
pub(super) enum Behind {
    /// The end of the object or set, or a comma that is not written.
    Mark,
    /// The value of a member whose name is written.
    Value(Item),
    /// An item that is not simple.
    Item,
}

/// A part of a text, and of a line.
pub(super) struct Row<'r, 'a> {
    /// The text from `position` on.
    pub rest: &'a [u8],
    pub position: usize,
    /// The position of the next value with a label.
    pub label: usize,
    pub items: &'r mut Vec<Item>,
    pub out: &'r mut Output,
}

impl Row<'_, '_> {
    /// Writes at most `limit` simple items, and the commas between them.
    #[inline(always)]
    pub(super) fn write(
        &mut self,
        collection: &mut Collection,
        limit: usize,
        write: impl Fn(&Window, &mut Window, bool) -> Option<Simple>,
    ) -> Behind {
        for _ in 0..limit {
            let is_unlabelled = self.position + WINDOW <= self.label;
            let Some(text) = self.rest.first_chunk() else { return Behind::Item };
            let Some(simple) = write(text, self.out.window(), is_unlabelled) else {
                return Behind::Item;
            };
            let item = self.end(&simple);
            if simple.is_name {
                return Behind::Value(item);
            }
            self.items.push(item);
            collection.add(item.prefix);
            match self.rest {
                // Otherwise something else than an item may follow the comma.
                [b',', b'"' | b'-' | b'0'..=b'9', ..] => {
                    self.out.push(b',');
                    self.position += 1;
                    self.rest = &self.rest[1..];
                }
                _ => return Behind::Mark,
            }
        }
        Behind::Item
    }

    #[inline(always)]
    fn end(&mut self, simple: &Simple) -> Item {
        let (start, position) = (self.out.len(), self.position);
        self.out.commit(simple.written);
        self.position += simple.length;
        self.rest = &self.rest[simple.length..];
        Item {
            prefix: simple.prefix,
            name: (position + simple.quote) as u32,
            text_end: self.position as u32,
            start: start as u32,
            end: self.out.len() as u32,
            ..Item::default()
        }
    }
}

/// Writes a member, or only its name.
#[inline(always)]
pub(super) fn write_member(text: &Window, out: &mut Window, with_value: bool) -> Option<Simple> {
    let name = text[1..].first_chunk::<LENGTH>()?;
    let length = simd::quotes(name).trailing_zeros() as usize;
    if length >= LENGTH || text[length + 1] != b'"' || text[length + 2] != b':' {
        return None;
    }
    out[..2].copy_from_slice(br#"\""#);
    out[2..2 + LENGTH].copy_from_slice(name);
    let prefix = prefix_of(name, length);
    let (length, written) = (length + 3, length + 5);
    out[written - 3..written].copy_from_slice(br#"\":"#);
    let value = if with_value { write_value(text, length, out, written) } else { None };
    let (length, written, is_name) =
        value.map_or((length, written, true), |(length, written)| (length, written, false));
    Some(Simple { prefix, quote: 1, length, written, is_name })
}

/// Writes an element of a set.
#[inline(always)]
pub(super) fn write_element(text: &Window, out: &mut Window, _: bool) -> Option<Simple> {
    let (length, written) = write_value(text, 0, out, 0)?;
    let quote = usize::from(text[0] == b'"');
    let prefix = prefix_of(text[quote..].first_chunk()?, length - 2 * quote);
    Some(Simple { prefix, quote, length, written, is_name: false })
}

/// Writes a value of at most 31 bytes. Returns where it ends in the text and in the output.
#[inline(always)]
fn write_value(
    text: &Window,
    start: usize,
    out: &mut Window,
    written: usize,
) -> Option<(usize, usize)> {
    match text[start] {
        b'"' => {
            out[written..written + 2].copy_from_slice(br#"\""#);
            let (start, written) = (start + 1, written + 2);
            let length = write_until(simd::quotes, text, start, out, written)?;
            if text[start + length] != b'"' {
                return None;
            }
            let written = written + length;
            out[written..written + 2].copy_from_slice(br#"\""#);
            Some((start + length + 1, written + 2))
        }
        b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
            let length = write_until(simd::delimiters, text, start, out, written)?;
            Some((start + length, written + length))
        }
        _ => None,
    }
}

/// Writes up to the first byte that `find` has a bit for, and returns the length, which is less
/// than two blocks.
#[inline(always)]
fn write_until(
    find: impl Fn(&Block) -> u32,
    text: &Window,
    start: usize,
    out: &mut Window,
    written: usize,
) -> Option<usize> {
    let block = text[start..].first_chunk()?;
    out[written..written + LENGTH].copy_from_slice(block);
    let found = find(block);
    if found != 0 {
        return Some(found.trailing_zeros() as usize);
    }
    let block = text[start + LENGTH..].first_chunk()?;
    out[written + LENGTH..written + 2 * LENGTH].copy_from_slice(block);
    let found = find(block);
    (found != 0).then(|| LENGTH + found.trailing_zeros() as usize)
}

/// As [`super::order::prefix`] of the beginning of a block.
#[inline(always)]
fn prefix_of(block: &Block, length: usize) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *block;
    let bytes = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    match length {
        0 => 0,
        1..8 => bytes & !(u64::MAX >> (8 * length)),
        _ => bytes,
    }
}
