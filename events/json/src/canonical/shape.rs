//! Shapes of objects. Objects of one table mostly have the same names in the same order, so a name
//! is compared with that of an earlier object, and the canonical order is known.

use std::ops::Range;

use super::order::Item;
use crate::output::Output;
use crate::simd::{self, LENGTH};

/// The names of an object's members.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    /// In the order of the text.
    pub names: Vec<Name>,
    /// In canonical order, with their indices in `names`.
    pub order: Vec<(usize, WrittenName)>,
}

/// What precedes the value of a member in the text, from the brace or comma to the colon.
#[derive(Debug, PartialEq)]
pub(super) struct Name(Piece);

/// What precedes the value of a member in the output, from the comma to the colon.
#[derive(Debug, PartialEq)]
pub(super) struct WrittenName(Piece);

/// A short text.
#[derive(Debug, PartialEq)]
struct Piece {
    /// Bytes from `length` on do not belong to it.
    bytes: [u8; Self::MOST],
    length: usize,
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
    const MOST_MEMBERS: usize = 64;

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
            let parts: [&[u8]; 3] = [br#",\""#, &name[2..name.len() - 2], br#"\":"#];
            Some((index as usize, WrittenName(Piece::new(&parts.concat())?)))
        };
        let order = order.iter().map(written).collect::<Option<_>>()?;
        let name = |&name: &&[u8]| Piece::new(name).map(Name);
        Some(Self { names: names.iter().map(name).collect::<Option<_>>()?, order })
    }
}

/// The name that starts here, and what is around it.
fn piece(text: &[u8], start: usize) -> Option<&[u8]> {
    let length = text[start..].iter().position(|&byte| matches!(byte, b'"' | b'\\'))?;
    let piece = text.get(start.checked_sub(2)?..start + length + 2)?;
    matches!(piece, [b'{' | b',', b'"', .., b'"', b':']).then_some(piece)
}

impl Name {
    /// The value and what follows, if the text starts with this name.
    #[inline(always)]
    pub(super) fn value_in<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let Piece { bytes, length } = &self.0;
        let same = simd::equal(text.first_chunk()?, bytes.first_chunk()?).trailing_ones() as usize;
        let is_same = match *length {
            ..=LENGTH => same >= *length,
            _ => same == LENGTH && text[LENGTH..].starts_with(&bytes[LENGTH..*length]),
        };
        if is_same { text.get(*length..) } else { None }
    }
}

/// The bytes of the text that are copied with a short value.
const SHORT: usize = 3 * LENGTH;

impl WrittenName {
    pub(super) fn push(&self, out: &mut Output) {
        out.push_bytes(&self.0.bytes[..self.0.length]);
    }

    /// Appends the name and a string of the text.
    #[inline(always)]
    pub(super) fn push_with_string(&self, text: &[u8], part: Range<usize>, out: &mut Output) {
        let (at, length) = (self.0.length, part.len());
        if let Some(chunk) = text[part.start..].first_chunk::<SHORT>()
            && length <= SHORT
            && at <= Piece::MOST
        {
            let window = out.window::<{ Piece::MOST + SHORT + 4 }>();
            window[..Piece::MOST].copy_from_slice(&self.0.bytes);
            window[at..at + 2].copy_from_slice(br#"\""#);
            window[at + 2..at + 2 + SHORT].copy_from_slice(chunk);
            window[at + 2 + length..at + 4 + length].copy_from_slice(br#"\""#);
            out.commit(at + length + 4);
        } else {
            self.push(out);
            out.push_quoted(text, part);
        }
    }

    /// Appends the name and a literal of the text.
    #[inline(always)]
    pub(super) fn push_with_literal(&self, text: &[u8], part: Range<usize>, out: &mut Output) {
        let (at, length) = (self.0.length, part.len());
        if let Some(chunk) = text[part.start..].first_chunk::<SHORT>()
            && length <= SHORT
            && at <= Piece::MOST
        {
            let window = out.window::<{ Piece::MOST + SHORT }>();
            window[..Piece::MOST].copy_from_slice(&self.0.bytes);
            window[at..at + SHORT].copy_from_slice(chunk);
            out.commit(at + length);
        } else {
            self.push(out);
            out.push_part(text, part);
        }
    }
}

impl Piece {
    /// In bytes.
    const MOST: usize = 3 * LENGTH;

    fn new(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::MOST];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { bytes, length: text.len() })
    }
}

impl Shapes {
    /// So many are known at a time.
    pub(super) const MOST: usize = 8;

    /// So many are learnt in all: objects may never resemble each other.
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
