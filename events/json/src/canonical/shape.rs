//! Shapes of objects. Objects of one table mostly have the same names in the same order, so a name
//! is compared with that of an earlier object, and the canonical order is known.

use super::members::{Part, Simple};
use super::order::Item;
use super::pointers::is_token;
use super::simple::{self, WINDOW};
use crate::output::Output;
use crate::simd::{self, LENGTH};

/// The names of an object's members.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    /// In the order of the text.
    pub names: Vec<Name>,
    /// In canonical order, with their indices in `names`.
    pub order: Vec<(usize, WrittenName)>,
    /// Whether both orders are the same.
    pub is_sorted: bool,
}

/// What precedes the value of a member in the text, from the brace or comma to the colon.
#[derive(Debug, PartialEq)]
pub(super) struct Name {
    piece: Piece,
    /// In canonical order.
    pub place: usize,
    /// Whether the name is its own reference token in a pointer.
    pub is_token: bool,
}

/// What precedes the value of a member in the output, from the comma to the opening quote of a
/// string.
#[derive(Debug, PartialEq)]
pub(super) struct WrittenName(Piece);

/// A short text.
#[derive(Debug, PartialEq)]
struct Piece {
    /// Bytes from `length` on do not belong to it.
    bytes: [u8; Self::MOST],
    length: usize,
    /// A bit for each byte of the first block that belongs to it.
    first: u32,
}

/// The shapes that are known.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    shapes: Vec<Shape>,
    /// How many were learnt.
    learnt: usize,
}

impl Shape {
    /// Objects with more members have no shape.
    pub(super) const MOST_MEMBERS: usize = 64;

    /// The shape of an object, by its members in the order of the text and their canonical order;
    /// `None` if a name has escapes or is long, or there is white space.
    pub(super) fn of(text: &[u8], items: &[Item], order: &[u32]) -> Option<Self> {
        let is_learnt = (1..=Self::MOST_MEMBERS).contains(&items.len());
        if !is_learnt || order.len() != items.len() {
            return None;
        }
        let names: Vec<&[u8]> =
            items.iter().map(|item| piece(text, item.name as usize)).collect::<Option<_>>()?;
        let written = |&index: &u32| {
            let name = &names[index as usize];
            let parts: [&[u8]; 3] = [br#",\""#, &name[2..name.len() - 2], br#"\":\""#];
            Some((index as usize, WrittenName(Piece::new(&parts.concat())?)))
        };
        let mut places = vec![0; names.len()];
        order.iter().enumerate().for_each(|(place, &index)| places[index as usize] = place);
        let is_sorted = order.is_sorted();
        let order = order.iter().map(written).collect::<Option<_>>()?;
        let name = |(&name, place): (&&[u8], usize)| {
            Some(Name { piece: Piece::new(name)?, place, is_token: is_token(name) })
        };
        let names = names.iter().zip(places).map(name).collect::<Option<_>>()?;
        Some(Self { names, order, is_sorted })
    }
}

/// The name that starts here, and what is around it.
fn piece(text: &[u8], start: usize) -> Option<&[u8]> {
    let length = text[start..].iter().position(|&byte| matches!(byte, b'"' | b'\\'))?;
    let piece = text.get(start.checked_sub(2)?..start + length + 2)?;
    matches!(piece, [b'{' | b',', b'"', .., b'"', b':']).then_some(piece)
}

impl Name {
    /// Without quotes. It has no escapes.
    pub(super) fn text(&self) -> &[u8] {
        &self.piece.bytes[2..self.piece.length - 2]
    }

    /// Where the value of this member starts, and the value if it is simple and short, if the text
    /// starts with this name and the name is short.
    #[inline(always)]
    pub(super) fn short_value_in(&self, text: &[u8]) -> Option<(usize, Option<simple::Simple>)> {
        let text: &[u8; WINDOW] = text.first_chunk()?;
        let Piece { bytes, length, first } = &self.piece;
        let same = simd::equal(text.first_chunk()?, bytes.first_chunk()?);
        if same & first != *first || *length > LENGTH {
            return None;
        }
        Some((*length, simple::short_value(text, *length)))
    }

    /// The value and what follows, if the text starts with this name.
    #[inline(always)]
    pub(super) fn value_in<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let Piece { bytes, length, first } = &self.piece;
        let same = simd::equal(text.first_chunk()?, bytes.first_chunk()?);
        let is_same = same & first == *first
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
        Self(Piece { bytes, length: 3, first: 0 })
    };

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

    /// Appends the name and a value that is written already.
    #[inline(always)]
    pub(super) fn push_with_written(&self, written: &Output, part: Part, out: &mut Output) {
        self.push(out);
        out.push_from(written, part.into());
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
        let first = (1 << text.len().min(LENGTH)) - 1;
        Some(Self { bytes, length: text.len(), first })
    }
}

impl Shapes {
    /// The number of shapes that are known at a time.
    pub(super) const MOST: usize = 8;

    /// The number of shapes that are learnt in all. Objects may never resemble each other.
    const MOST_LEARNT: usize = 64;

    pub(super) fn known(&self) -> &[Shape] {
        &self.shapes
    }

    /// How many may be learnt from one object.
    pub(super) fn to_learn(&self) -> usize {
        Self::MOST.min(Self::MOST_LEARNT - self.learnt)
    }

    /// Keeps a shape, in place of the oldest one.
    pub(super) fn learn(&mut self, shape: Shape) {
        match self.shapes.get_mut(self.learnt % Self::MOST) {
            Some(oldest) => *oldest = shape,
            None => self.shapes.push(shape),
        }
        self.learnt += 1;
    }
}
