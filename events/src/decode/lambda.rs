//! The payload of an invocation: a batch of a mapping or of a Pipe, or one record.

use std::sync::Arc;

use bytes::Bytes;
use changefan_json::{Cursor, SyntaxError};

use super::kinesis::Suspended;
use super::piece::Piece;
use super::record;
use crate::arena::MAX_PAYLOAD;
use crate::batch::{Batch, Trigger};
use crate::error::PayloadError;

/// Where the next piece starts.
#[derive(Debug)]
pub(crate) struct Rest {
    /// Of a record, in bytes.
    offset: usize,
    position: usize,
    /// The aggregate in the middle of which it starts.
    suspended: Option<Suspended>,
}

/// Validates a payload and decodes its first piece.
pub(crate) fn first_piece(payload: Bytes) -> Result<Batch, PayloadError> {
    if payload.len() > MAX_PAYLOAD {
        return Err(PayloadError::TooLarge { found: payload.len() });
    }
    let mut cursor = Cursor::new(&payload);
    let mut walk = Walk::new(payload.clone(), Trigger::Mapping, 0, 0);
    let read = walk.payload(&mut cursor).and_then(|found| cursor.end().map(|()| found));
    if !walk.piece.is_rest_valid() {
        // Only the standard library reports where.
        str::from_utf8(&payload).map_err(PayloadError::NotUtf8)?;
    }
    match read {
        Err(SyntaxError) => Err(PayloadError::not_json(&payload, &cursor.expectation())),
        Ok(false) => Err(PayloadError::NotABatch),
        Ok(true) => {
            let record_count = walk.position;
            Ok(walk.finish(record_count))
        }
    }
}

/// Decodes the piece behind another one.
pub(crate) fn following_piece(before: &Batch, rest: &Rest) -> Batch {
    let text = before.texts.payload();
    let mut cursor = Cursor::new(text);
    cursor.seek(rest.offset);
    let mut walk = Walk::new(text.clone(), before.trigger, rest.position, rest.offset);
    walk.suspended = rest.suspended.clone();
    walk.ends_when_full = true;
    let read = walk.resume(&mut cursor);
    assert!(read.is_ok() || walk.rest.is_some(), "a payload is validated with its first piece");
    let window_state = before.window_state.clone();
    Batch { window_state, ..walk.finish(before.record_count) }
}

/// The way through a payload while one piece of it is decoded.
struct Walk {
    piece: Piece,
    trigger: Trigger,
    window_state: Option<Arc<str>>,
    first_position: usize,
    /// Of the record that comes next.
    position: usize,
    /// The aggregate that the last piece has not finished.
    suspended: Option<Suspended>,
    /// Set when the piece is full and not the last one. The records behind it are only counted.
    rest: Option<Rest>,
    /// Whether the records behind a full piece are of no interest, because they were counted
    /// before.
    ends_when_full: bool,
}

impl Walk {
    fn new(payload: Bytes, trigger: Trigger, position: usize, offset: usize) -> Self {
        Self {
            piece: Piece::new(payload, offset),
            trigger,
            window_state: None,
            first_position: position,
            position,
            suspended: None,
            rest: None,
            ends_when_full: false,
        }
    }

    /// Reads a payload. Returns whether it has one of the shapes that streams deliver.
    fn payload(&mut self, cursor: &mut Cursor<'_>) -> Result<bool, SyntaxError> {
        match cursor.peek() {
            Some(b'[') => {
                self.trigger = Trigger::Pipe;
                cursor.array(|cursor| self.record(cursor)).map(|()| true)
            }
            Some(b'{') => self.object(cursor),
            _ => cursor.skip().map(|_| false),
        }
    }

    /// A mapping's batch, or one record.
    fn object(&mut self, cursor: &mut Cursor<'_>) -> Result<bool, SyntaxError> {
        let start = cursor.position();
        let (mut batch, mut record) = (false, false);
        cursor.object(|cursor, name| {
            let value = cursor.peek();
            match name {
                b"Records" if value == Some(b'[') => {
                    batch = true;
                    return cursor.array(|cursor| self.record(cursor));
                }
                b"state" => {
                    return cursor.skip().map(|state| {
                        self.window_state = Some(String::from_utf8_lossy(state).into());
                    });
                }
                // The last invocation of a tumbling window can come without records.
                b"isFinalInvokeForWindow" => batch |= value == Some(b't'),
                b"eventSource" | b"dynamodb" | b"kinesis" => record = true,
                _ => {}
            }
            cursor.skip().map(drop)
        })?;
        if record && !batch {
            self.trigger = Trigger::Direct;
            cursor.seek(start);
            self.record(cursor)?;
        }
        Ok(batch || record)
    }

    /// Reads on at a record.
    fn resume(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
        match self.trigger {
            Trigger::Direct => self.record(cursor),
            Trigger::Pipe => cursor.elements(|cursor| self.record(cursor)),
            Trigger::Mapping => {
                cursor.elements(|cursor| self.record(cursor))?;
                if !cursor.eat(b',') {
                    return Ok(());
                }
                // An object can have several members of one name. The records of all are delivered.
                cursor.members(|cursor, name| match name {
                    b"Records" if cursor.peek() == Some(b'[') => {
                        cursor.array(|cursor| self.record(cursor))
                    }
                    _ => cursor.skip().map(drop),
                })
            }
        }
    }

    /// Reads one record. It fails when the payload is not JSON, or to end a later piece.
    fn record(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
        cursor.peek();
        let (offset, position) = (cursor.position(), self.position);
        if self.rest.is_none() && self.piece.is_full() {
            self.rest = Some(Rest { offset, position, suspended: None });
        }
        if self.rest.is_some() {
            return self.skip(cursor);
        }
        if let [first] = self.piece.records.as_slice() {
            let first = first.text;
            self.piece.make_room(first);
        }
        let suspended = self.suspended.take();
        let suspended = record::decode(cursor, self.trigger, position, suspended, &mut self.piece)?;
        self.rest = suspended.map(|it| Rest { offset, position, suspended: Some(it) });
        self.position += 1;
        Ok(())
    }

    fn skip(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
        if self.ends_when_full {
            return cursor.fail("the end of the piece");
        }
        self.position += 1;
        cursor.skip().map(drop)
    }

    fn finish(self, record_count: usize) -> Batch {
        let Piece { text, events, undecodable, records, .. } = self.piece;
        Batch {
            events,
            undecodable,
            trigger: self.trigger,
            window_state: self.window_state,
            records,
            first_position: self.first_position,
            record_count,
            rest: self.rest,
            texts: text.finish(),
        }
    }
}
