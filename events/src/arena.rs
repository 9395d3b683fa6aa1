//! The texts that all events of a batch share.

mod builder;

use std::sync::{Mutex, OnceLock};

use bytes::Bytes;
use changefan_json::{Append, Canonical, Label, Scratch, write_escaped, write_optional_string};

use crate::decode::sub_record::Parent;
use crate::encode::Kept;

pub(crate) use builder::BatchTextBuilder;

/// The payload, and what decoding has written: images as plain JSON, and strings that do not occur
/// in the payload as they are meant.
///
/// Both are UTF-8: the payload is validated while its records are read, and what is written
/// consists of pieces of it. Encoders copy bytes. A text that is asked for as a `str` is validated
/// again: there is no other way without unsafe code.
#[derive(Debug)]
pub(crate) struct BatchText {
    payload: Bytes,
    /// Set once all events are decoded.
    written: OnceLock<Written>,
    kept: [Mutex<Kept>; ENCODERS],
}

/// The threads that usually encode at the same time: the one that delivers, and the one that writes
/// standard output.
const ENCODERS: usize = 2;

#[derive(Debug)]
struct Written {
    text: Vec<u8>,
    labels: Vec<Label>,
    parents: Vec<Parent>,
    tables: Vec<Table>,
}

/// A table, and the stream that its changes came from. The events of a batch mostly have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub account: Span,
    pub region: Span,
    pub name: Span,
    pub stream_label: Span,
}

/// A piece of the texts. Its bytes are counted through the payload first, then through what was
/// written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

/// The largest payload that spans can address, in bytes: written text needs the rest of their
/// range.
pub(crate) const MAX_PAYLOAD: usize = u32::MAX as usize / 2;

impl Span {
    /// Absent, which is not the same as an empty text.
    pub(crate) const NONE: Self = Self { start: u32::MAX, end: u32::MAX };

    fn new(start: usize, end: usize) -> Self {
        assert!(end < u32::MAX as usize, "the texts of a batch exceed what spans can address");
        Self { start: start as u32, end: end as u32 }
    }

    /// In bytes.
    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// This span, or the other one if this is absent.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == Self::NONE { other } else { self }
    }
}

impl Table {
    pub(crate) fn spans(self) -> [Span; 4] {
        [self.account, self.region, self.name, self.stream_label]
    }
}

impl BatchText {
    /// The text of a span; `None` only for [`Span::NONE`].
    pub(crate) fn get(&self, span: Span) -> Option<&str> {
        let text = self.bytes(span)?;
        Some(std::str::from_utf8(text).expect("the texts of a batch consist of pieces of UTF-8"))
    }

    /// The bytes of a span; `None` only for [`Span::NONE`].
    pub(crate) fn bytes(&self, span: Span) -> Option<&[u8]> {
        if span == Span::NONE {
            return None;
        }
        let (start, end, payload) = (span.start as usize, span.end as usize, self.payload.len());
        Some(match start.checked_sub(payload) {
            None => &self.payload[start..end],
            Some(start) => &self.written().text[start..end - payload],
        })
    }

    /// Calls `encode` with what was kept when an event was encoded before.
    pub(crate) fn with_kept(&self, encode: impl FnOnce(&mut Kept)) {
        match self.kept.iter().find_map(|kept| kept.try_lock().ok()) {
            Some(mut kept) => encode(&mut kept),
            // Other threads encode events of the batch, or have panicked.
            None => encode(&mut Kept::default()),
        }
    }

    /// A writer of canonical images.
    pub(crate) fn canonical<'a>(
        &'a self,
        is_set: fn(u8) -> bool,
        scratch: &'a mut Scratch,
    ) -> Canonical<'a> {
        let Written { text, labels, .. } = self.written();
        Canonical::new(text, labels, is_set, scratch)
    }

    /// Whether two spans are of the same text.
    pub(crate) fn are_same(&self, left: Span, right: Span) -> bool {
        left == right || left.len() == right.len() && self.bytes(left) == self.bytes(right)
    }

    /// Where a span starts in what decoding has written; `None` for [`Span::NONE`].
    ///
    /// # Panics
    ///
    /// It is a span of the payload.
    pub(crate) fn position_in_written_text(&self, span: Span) -> Option<usize> {
        let start = (span != Span::NONE).then_some(span.start as usize)?;
        Some(start.checked_sub(self.payload.len()).expect("images are written by decoding"))
    }

    pub(crate) fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// An aggregate of the batch, by the index that [`BatchTextBuilder::add_parent`] returned.
    pub(crate) fn parent(&self, index: u32) -> &Parent {
        &self.written().parents[index as usize]
    }

    /// A table of the batch, by the index that [`BatchTextBuilder::add_table`] returned.
    #[inline]
    pub(crate) fn table(&self, index: u32) -> &Table {
        &self.written().tables[index as usize]
    }

    /// Appends a piece as a JSON string, or `null`.
    #[inline]
    pub(crate) fn write_string(&self, span: Span, out: &mut impl Append) {
        if span.end as usize <= self.payload.len() {
            self.write_payload_string(span, out);
        } else {
            write_optional_string(self.get(span), out);
        }
    }

    /// Strings of the payload that spans refer to have no escapes. A whole one is copied with its
    /// quotes.
    #[inline]
    fn write_payload_string(&self, span: Span, out: &mut impl Append) {
        let (start, end, bytes) = (span.start as usize, span.end as usize, &self.payload);
        if start > 0 && bytes[start - 1] == b'"' && bytes.get(end) == Some(&b'"') {
            out.append_part(&self.payload, start - 1..end + 1);
        } else {
            out.append("\"");
            out.append_part(&self.payload, start..end);
            out.append("\"");
        }
    }

    /// Appends a piece of any texts; nothing if it is absent.
    #[inline]
    pub(crate) fn append(&self, span: Span, out: &mut impl Append) {
        let (start, end, payload) = (span.start as usize, span.end as usize, self.payload.len());
        match start.checked_sub(payload) {
            _ if span == Span::NONE => {}
            None => out.append_part(&self.payload, start..end),
            Some(start) => out.append_part(&self.written().text, start..end - payload),
        }
    }

    /// Appends a piece as the content of a JSON string; nothing if it is absent.
    #[inline]
    pub(crate) fn write_escaped(&self, span: Span, out: &mut impl Append) {
        if (span.start as usize) < self.payload.len() {
            // Strings of the payload that a span refers to have no escapes.
            out.append_part(&self.payload, span.start as usize..span.end as usize);
        } else if let Some(text) = self.get(span) {
            write_escaped(text, out);
        }
    }

    fn written(&self) -> &Written {
        self.written.get().expect("events are read after their batch is decoded")
    }

    /// The span of a slice of the payload; `None` for any other text.
    fn span_of(&self, slice: &[u8]) -> Option<Span> {
        let start = slice.as_ptr().addr().checked_sub(self.payload.as_ptr().addr())?;
        let end = start + slice.len();
        (end <= self.payload.len()).then(|| Span::new(start, end))
    }
}
