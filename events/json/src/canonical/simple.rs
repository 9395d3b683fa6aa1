//! Values as most are: strings without escapes, and literals.

use crate::simd::{self, Block, LENGTH};

/// A value whose canonical text needs no more than quotes. Positions are in bytes from its start.
pub(super) struct Simple {
    /// The content: a literal, or what is between the quotes of a string.
    pub start: usize,
    pub end: usize,
}

impl Simple {
    /// In bytes of the text.
    #[inline(always)]
    pub(super) fn length(&self) -> usize {
        self.start + self.end
    }

    #[inline(always)]
    pub(super) fn is_string(&self) -> bool {
        self.start > 0
    }
}

/// The simple value that this text starts with, if whole blocks show its end.
#[inline(always)]
pub(super) fn value(text: &[u8]) -> Option<Simple> {
    match text {
        [b'"', content @ ..] => {
            let length = length_until(simd::quotes, content)?;
            (content[length] == b'"').then_some(Simple { start: 1, end: 1 + length })
        }
        [b'{' | b'[' | ..=b' ', ..] | [] => None,
        literal => {
            let length = length_until(simd::delimiters, literal)?;
            (literal[length] != b'+').then_some(Simple { start: 0, end: length })
        }
    }
}

/// The bytes in which a short name and a short value are looked for.
pub(super) const WINDOW: usize = 6 * LENGTH;

/// The same for a value that starts in the first block of this text, if it is short. Whole blocks
/// at known places need no checks.
#[inline(always)]
pub(super) fn short_value(text: &[u8; WINDOW], at: usize) -> Option<Simple> {
    match text[at] {
        b'"' => {
            let length = short_length(simd::quotes, text, at + 1)?;
            (text[at + 1 + length] == b'"').then_some(Simple { start: 1, end: 1 + length })
        }
        b'{' | b'[' | ..=b' ' => None,
        _ => {
            let length = short_length(simd::delimiters, text, at)?;
            (text[at + length] != b'+').then_some(Simple { start: 0, end: length })
        }
    }
}

/// The length from here up to the first byte that `find` has a bit for, in three blocks.
#[inline(always)]
fn short_length(find: impl Fn(&Block) -> u32, text: &[u8; WINDOW], at: usize) -> Option<usize> {
    for before in [0, LENGTH, 2 * LENGTH] {
        let found = find(text[at + before..at + before + LENGTH].first_chunk()?);
        if found != 0 {
            return Some(before + found.trailing_zeros() as usize % LENGTH);
        }
    }
    None
}

/// The length up to the first byte that `find` has a bit for.
#[inline(always)]
fn length_until(find: impl Fn(&Block) -> u32, text: &[u8]) -> Option<usize> {
    let mut length = 0;
    loop {
        let found = find(text.get(length..)?.first_chunk()?);
        if found != 0 {
            return Some(length + found.trailing_zeros() as usize);
        }
        length += LENGTH;
    }
}
