//! Members of objects with short names and values, which most are: their places are computed from
//! whole blocks.

use crate::Cursor;
use crate::output::Output;
use crate::simd::{self, Block, LENGTH};
use crate::token::short_number;

/// The text before a value that is the only member of an object, as in `{"S":"…"}`.
#[derive(Clone, Copy, Debug)]
pub struct Wrapped {
    /// Of a string, up to its opening quote.
    pub string: [u8; 6],
    /// Of a number, up to the opening quote of its text.
    pub number: [u8; 6],
}

/// A member that was copied.
#[derive(Clone, Copy, Debug)]
pub struct Copied {
    /// The length of its name in the text and in the output, with quotes and colon.
    pub name: usize,
    /// Whether the object ends behind it.
    pub is_last: bool,
}

/// The bytes that are looked at: a name of one block, a value of three, and what is around it.
const WINDOW: usize = 5 * LENGTH;

/// A value that was copied.
struct Value {
    /// What it has in the output.
    length: usize,
    /// The position behind it in the text.
    end: usize,
}

impl Cursor<'_> {
    /// Reads a member with its wrapped value, and the comma or brace behind it, and appends it
    /// without what wraps the value. Returns `None`, without moving, if it has escapes, white space
    /// or another value, is long, or is close to the end of the text or of the output's memory.
    #[inline(always)]
    pub fn copy_member(&mut self, wrapped: &Wrapped, out: &mut Output) -> Option<Copied> {
        let text: &[u8; WINDOW] = self.rest.first_chunk()?;
        let window: &mut [u8; WINDOW] = out.window()?;
        let name = copy_name(text, window)?;
        let opening = text[name..name + 6].first_chunk::<6>()?;
        let value = if *opening == wrapped.string {
            copy_string(text, name, window)?
        } else if *opening == wrapped.number {
            copy_number(text, name, window)?
        } else {
            return None;
        };
        let [b'}', next @ (b',' | b'}')] = text[value.end..value.end + 2] else { return None };
        window[name + value.length] = next;
        out.commit(name + value.length + 1);
        self.advance(value.end + 2);
        Some(Copied { name, is_last: next == b'}' })
    }
}

/// Copies the name that the text starts with, and returns its length.
#[inline(always)]
fn copy_name(text: &[u8; WINDOW], window: &mut [u8; WINDOW]) -> Option<usize> {
    let name = block(text, 0);
    // The opening quote is copied with the name.
    let end = (simd::special(&name) & !1).trailing_zeros() as usize;
    if text[0] != b'"' || end + 2 > LENGTH || text[end..end + 2] != *b"\":" {
        return None;
    }
    window[..LENGTH].copy_from_slice(&name);
    Some(end + 2)
}

/// Copies a string that is wrapped from here on.
#[inline(always)]
fn copy_string(text: &[u8; WINDOW], at: usize, window: &mut [u8; WINDOW]) -> Option<Value> {
    // The opening quote is copied with the string.
    let (start, mut inside) = (at + 5, !1);
    for before in [0, LENGTH, 2 * LENGTH] {
        let string = block(text, start + before);
        window[at + before..at + before + LENGTH].copy_from_slice(&string);
        let found = simd::special(&string) & inside;
        if found != 0 {
            let quote = before + found.trailing_zeros() as usize % LENGTH;
            let (length, end) = (quote + 1, start + quote + 1);
            return (text[start + quote] == b'"').then_some(Value { length, end });
        }
        inside = !0;
    }
    None
}

/// Copies a number that is wrapped from here on.
#[inline(always)]
fn copy_number(text: &[u8; WINDOW], at: usize, window: &mut [u8; WINDOW]) -> Option<Value> {
    let start = at + 6;
    let number = block(text, start);
    let length = short_number(&number);
    window[at..at + LENGTH].copy_from_slice(&number);
    (1..LENGTH).contains(&length).then_some(Value { length, end: start + length + 1 })
}

#[inline(always)]
fn block(text: &[u8; WINDOW], at: usize) -> Block {
    *text[at..at + LENGTH].first_chunk().expect("a block is as long as a block")
}
