//! A piece of a batch while it is decoded.

use bytes::Bytes;
use changefan_json::{Cursor, JsonStr, SyntaxError};

use super::raw_record::RawRecord;
use crate::ChangeEvent;
use crate::arena::{BatchTextBuilder, Span};
use crate::batch::RecordText;
use crate::error::{DecodeError, DecodeReason};

/// A piece is full at this many events, or at as many errors. It is Lambda's largest `BatchSize`,
/// too (CreateEventSourceMapping).
pub(crate) const MAX_EVENTS: usize = 10_000;

/// A piece is also full when decoding has written this many bytes. Of a payload of 6 MB that takes
/// control characters, each of which becomes six bytes.
const MAX_WRITTEN: usize = 12 * 1024 * 1024;

/// What a piece holds so far.
pub(super) struct Piece {
    pub text: BatchTextBuilder,
    pub events: Vec<ChangeEvent>,
    pub undecodable: Vec<DecodeError>,
    pub records: Vec<RecordText>,
    payload: Bytes,
    /// Up to where the payload is known to be UTF-8.
    validated: usize,
}

/// A record, or with an index one of its sub-records, that cannot be decoded.
pub(super) struct Rejected {
    pub position: usize,
    pub sub_record: Option<usize>,
    pub record: Span,
    pub event_id: Span,
    pub sequence_number: Span,
}

/// The event id and the sequence number, if they could be found.
#[derive(Clone, Copy, Default)]
pub(super) struct Identifiers<'a> {
    pub event_id: Option<JsonStr<'a>>,
    pub sequence_number: Option<JsonStr<'a>>,
}

impl<'a> Identifiers<'a> {
    pub(super) fn of(record: &RawRecord<'a>) -> Self {
        let of_change = record.dynamodb.as_ref().and_then(|change| change.sequence_number);
        Identifiers {
            event_id: record.event_id,
            sequence_number: of_change.or(record.kinesis.sequence_number),
        }
    }
}

impl Piece {
    /// A piece of a payload that is known to be UTF-8 up to this byte.
    pub(super) fn new(payload: Bytes, validated: usize) -> Self {
        Self {
            text: BatchTextBuilder::new(payload.clone()),
            events: Vec::new(),
            undecodable: Vec::new(),
            records: Vec::new(),
            payload,
            validated,
        }
    }

    /// Validates what was read up to the cursor, some records at a time: the processor's cache
    /// still holds them. Validating the whole payload beforehand reads it from memory twice.
    pub(super) fn validate(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
        const CACHED: usize = 16 * 1024;
        let unknown = self.validated..cursor.position();
        if unknown.len() < CACHED {
            return Ok(());
        }
        if simdutf8::basic::from_utf8(cursor.slice(unknown)).is_err() {
            return cursor.fail("UTF-8");
        }
        self.validated = cursor.position();
        Ok(())
    }

    /// Whether the rest of the payload is UTF-8, too.
    pub(super) fn is_rest_valid(&self) -> bool {
        simdutf8::basic::from_utf8(&self.payload[self.validated..]).is_ok()
    }

    /// Whether the next record or sub-record belongs to another piece.
    pub(super) fn is_full(&self) -> bool {
        self.events.len() >= MAX_EVENTS
            || self.undecodable.len() >= MAX_EVENTS
            || self.text.out.len() >= MAX_WRITTEN
    }

    pub(super) fn push(&mut self, event: ChangeEvent) {
        let ordinal = self.events.len();
        self.events.push(ChangeEvent { ordinal, ..event });
    }

    pub(super) fn reject(&mut self, rejected: Rejected, reason: DecodeReason) {
        let Rejected { position, sub_record, record, event_id, sequence_number } = rejected;
        let texts = self.text.texts.clone();
        self.undecodable.push(DecodeError {
            position,
            sub_record,
            reason,
            event_id,
            sequence_number,
            record,
            texts,
        });
    }

    /// Allocates for records like the first one: a growing allocation is copied.
    pub(super) fn make_room(&mut self, first: Span) {
        let expected = self.payload.len() / first.len().max(1) + 1;
        self.records.reserve(expected.min(MAX_EVENTS));
        self.events.reserve(expected.min(MAX_EVENTS));
        let written = self.text.out.len().saturating_mul(expected) / 8 * 9;
        self.text.out.reserve_total(written.min(self.payload.len()).min(MAX_WRITTEN));
    }
}
