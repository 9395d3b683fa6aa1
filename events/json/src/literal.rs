//! Text that is compared with what comes next.

use crate::cursor::Cursor;
use crate::simd::{self, Block, LENGTH};

/// A text that [`Cursor::eat_literal`] compares with many others. One of up to sixteen bytes is
/// compared at once.
#[derive(Debug)]
pub struct Literal {
    text: Vec<u8>,
    /// As much of it as fits.
    first: Block,
    /// A bit for each byte of the first block that belongs to it.
    mask: u32,
}

impl From<&[u8]> for Literal {
    fn from(text: &[u8]) -> Self {
        let (mut first, length) = ([0; LENGTH], text.len().min(LENGTH));
        first[..length].copy_from_slice(&text[..length]);
        Self { text: text.to_vec(), first, mask: (1 << length) - 1 }
    }
}

impl Literal {
    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }
}

impl Cursor<'_> {
    /// Moves past exactly this text if it comes next, without white space before it. Returns
    /// whether it did.
    #[inline]
    pub fn eat_literal(&mut self, literal: &Literal) -> bool {
        let Literal { text, first, mask } = literal;
        match self.rest.first_chunk() {
            Some(block) if simd::equal(block, first) & mask != *mask => false,
            Some(_) if text.len() <= LENGTH => {
                self.advance(text.len());
                true
            }
            _ => self.eat_text(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn literals_are_eaten_as_texts_are(
            literal in "a{0,40}[ab]{0,3}", text in "a{0,40}[ab]{0,3}", behind in "[ac]{0,30}",
        ) {
            for text in [text, literal.clone() + &behind] {
                let (mut expected, mut found) = (Cursor::new(&text), Cursor::new(&text));
                let is_next = expected.eat_text(literal.as_bytes());
                prop_assert_eq!(found.eat_literal(&literal.as_bytes().into()), is_next);
                prop_assert_eq!(found.position(), expected.position());
            }
        }
    }
}
