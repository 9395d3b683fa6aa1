//! What stands between the values of an object of a known shape.

use super::members::{Simple, Value};
use super::simple::{self, WINDOW};
use crate::output::Output;
use crate::simd::{self, LENGTH};

/// What precedes the value of a member in the text, from the value before to the colon.
#[derive(Debug)]
pub(super) struct Name {
    piece: Piece,
    /// In canonical order.
    pub place: usize,
    /// The RFC 6901 pointer from the object to the value.
    pub pointer: Vec<u8>,
}

/// What precedes the value of a member in the output, from the value before to the opening quote of
/// a string.
#[derive(Debug)]
pub(super) struct WrittenName(Piece);

/// A short text.
#[derive(Debug)]
struct Piece {
    /// Bytes from `length` on do not belong to it.
    bytes: [u8; Self::MOST],
    length: usize,
    /// A bit for each byte of the first block, and of the second one, that belongs to it.
    belongs: [u32; 2],
}

impl Name {
    /// The length in bytes of the longest name that any shape can have.
    pub(super) const LONGEST: usize = Piece::MOST - br#",\"\":\""#.len();

    /// `None` if the text is long.
    pub(super) fn new(text: &[u8], place: usize, pointer: &[u8]) -> Option<Self> {
        Some(Self { piece: Piece::new(text)?, place, pointer: pointer.to_vec() })
    }

    /// Where the value of this member starts, and the value if it is simple and short, if the text
    /// starts with this name and the name is short.
    #[inline(always)]
    pub(super) fn short_value_in(&self, text: &[u8]) -> Option<(usize, Option<simple::Simple>)> {
        let text: &[u8; WINDOW] = text.first_chunk()?;
        let length = self.piece.length;
        let is_same = self.piece.is_same::<0>(text)
            && (length <= LENGTH || length <= 2 * LENGTH && self.piece.is_same::<1>(text));
        is_same.then(|| (length, simple::short_value(text, length)))
    }

    /// The value and what follows, if the text starts with this name.
    #[inline(always)]
    pub(super) fn value_in<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let Piece { bytes, length, .. } = &self.piece;
        let is_same = self.piece.is_same::<0>(text.first_chunk::<LENGTH>()?)
            && (*length <= LENGTH || text[LENGTH..].starts_with(&bytes[LENGTH..*length]));
        if is_same { text.get(*length..) } else { None }
    }
}

/// The bytes of the text that are copied with a short value.
const SHORT: usize = 3 * LENGTH;

/// Lengths up to [`SHORT`] are not changed by it. It shows the compiler that they are short.
const MASK: usize = 63;

/// The quote of a string in a string.
const QUOTE: &[u8; 2] = br#"\""#;

impl WrittenName {
    /// Of an element, which has no name.
    pub(super) const NONE: Self = {
        let mut bytes = [0; Piece::MOST];
        [bytes[0], bytes[1], bytes[2]] = *br#",\""#;
        Self(Piece { bytes, length: 3, belongs: [0; 2] })
    };

    /// `None` if the text is long.
    pub(super) fn new(text: &[u8]) -> Option<Self> {
        Some(Self(Piece::new(&[text, QUOTE].concat())?))
    }

    /// Appends the name and a value, which is in the text or written already.
    #[inline(always)]
    pub(super) fn push_with_value(
        &self,
        text: &[u8],
        value: &Value,
        written: &Output,
        out: &mut Output,
    ) {
        match value {
            Value::Simple(simple) => self.push_with(text, simple, out),
            Value::Written(part) => {
                self.push(out);
                out.push_from(written, (*part).into());
            }
        }
    }

    /// Appends the name and a simple value of the text.
    #[inline(always)]
    pub(super) fn push_with(&self, text: &[u8], simple: &Simple, out: &mut Output) {
        if self.push_with_short(text, simple, out).is_none() {
            self.push_with_long(text, simple, out);
        }
    }

    /// The same for a short value that does not end close to the end of the text or of the memory.
    #[inline(always)]
    fn push_with_short(&self, text: &[u8], simple: &Simple, out: &mut Output) -> Option<()> {
        let (length, quote) = (simple.length as usize, simple.quotes as usize * QUOTE.len());
        let chunk = text.get(simple.start as usize..)?.first_chunk::<SHORT>()?;
        if length > SHORT {
            return None;
        }
        let window = out.window::<{ 2 * MASK + QUOTE.len() }>()?;
        window[..Piece::MOST].copy_from_slice(&self.0.bytes);
        // A literal replaces the opening quote, and is not followed by the other one.
        let at = (self.0.length - QUOTE.len() + quote) & MASK;
        window[at..at + SHORT].copy_from_slice(chunk);
        let end = at + (length & MASK);
        window[end..end + QUOTE.len()].copy_from_slice(QUOTE);
        out.commit(end + quote);
        Some(())
    }

    #[cold]
    fn push_with_long(&self, text: &[u8], simple: &Simple, out: &mut Output) {
        let Simple { start, length, quotes } = *simple;
        let quote = quotes as usize * QUOTE.len();
        out.push_bytes(&self.0.bytes[..self.0.length - QUOTE.len() + quote]);
        out.push_bytes(&text[start as usize..(start + length) as usize]);
        out.push_bytes(&QUOTE[..quote]);
    }

    /// Appends the name.
    #[inline(always)]
    pub(super) fn push(&self, out: &mut Output) {
        match out.window() {
            Some(window) => {
                *window = self.0.bytes;
                out.commit(self.0.length - QUOTE.len());
            }
            None => self.push_slowly(out),
        }
    }

    #[cold]
    fn push_slowly(&self, out: &mut Output) {
        out.push_bytes(&self.0.bytes[..self.0.length - QUOTE.len()]);
    }
}

impl Piece {
    /// In bytes.
    const MOST: usize = 3 * LENGTH;

    fn new(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::MOST];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        let belong = |length: usize| (1 << length.min(LENGTH)) - 1;
        let belongs = [belong(text.len()), belong(text.len().saturating_sub(LENGTH))];
        Some(Self { bytes, length: text.len(), belongs })
    }

    /// Whether a text is the same as this one, as far as it belongs to this block.
    #[inline(always)]
    fn is_same<const BLOCK: usize>(&self, text: &[u8]) -> bool {
        let from = BLOCK * LENGTH;
        let [Some(text), Some(bytes)] = [text, &self.bytes].map(|text| text[from..].first_chunk())
        else {
            return false;
        };
        let belongs = self.belongs[BLOCK];
        simd::equal(text, bytes) & belongs == belongs
    }
}
