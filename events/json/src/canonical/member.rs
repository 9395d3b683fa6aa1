//! Members of objects of a known shape.

use std::ops::Range;

use super::simple::Simple;

/// The value of a member whose object has not ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// The content of a string without escapes, in the text.
    String(Part),
    /// A literal in the text.
    Literal(Part),
    /// Any value, in the output.
    Written(Part),
    /// A member from its comma on, in the output.
    Same(Part),
}

impl Value {
    #[inline(always)]
    pub(super) fn simple(simple: &Simple, position: usize) -> Self {
        let part = Part::from(position + simple.start..position + simple.end);
        if simple.is_string() { Self::String(part) } else { Self::Literal(part) }
    }
}

/// A part of the text or of the output.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub start: u32,
    end: u32,
}

impl From<Range<usize>> for Part {
    #[inline(always)]
    fn from(part: Range<usize>) -> Self {
        Self { start: part.start as u32, end: part.end as u32 }
    }
}

impl From<Part> for Range<usize> {
    #[inline(always)]
    fn from(part: Part) -> Self {
        part.start as usize..part.end as usize
    }
}

/// A member of an old version.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Member {
    /// Where it is in the text, from its brace or comma on.
    pub text: Part,
    /// Where it was written, from its comma on.
    pub written: Part,
    /// The indices of the pointers to its labelled values.
    pub pointers: Part,
}
