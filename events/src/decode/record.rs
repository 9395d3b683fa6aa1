//! One record of a batch: which envelope it has, and what is kept of it when it is malformed.

use changefan_json::{Cursor, Expectation, JsonStr, SyntaxError};

use super::kinesis::Suspended;
use super::piece::{Identifiers, Piece, Rejected};
use super::raw_record::RawRecord;
use super::{dynamodb, kinesis};
use crate::arena::Span;
use crate::batch::{RecordText, Trigger};
use crate::error::DecodeReason;

/// Reads the record at the cursor and decodes it into the piece: into events, or into an error that
/// keeps it. It fails only when the text is not JSON in UTF-8. An aggregate that does not fit into
/// the piece is suspended.
pub(super) fn decode(
    cursor: &mut Cursor<'_>,
    trigger: Trigger,
    position: usize,
    suspended: Option<Suspended>,
    piece: &mut Piece,
) -> Result<Option<Suspended>, SyntaxError> {
    let (start, mark) = (cursor.position(), piece.text.out.len());
    let mut raw = RawRecord::default();
    let read = raw.read(cursor, &mut piece.text);
    let error = cursor.expectation();
    if read.is_err() {
        cursor.seek(start);
        cursor.skip()?;
    }
    piece.validate(cursor)?;
    let record = cursor.slice(start..cursor.position());
    let text = piece.text.text(record);
    let identifiers = match read {
        Ok(()) => Identifiers::of(&raw),
        Err(SyntaxError) => find_identifiers(record),
    };
    let decoded = match read {
        Ok(()) => {
            let delivered = Delivered { record, text, position };
            decode_envelope(delivered, &raw, suspended, piece)
        }
        Err(SyntaxError) => Err(malformed(&error, start)),
    };
    let suspended = decoded.unwrap_or_else(|reason| {
        piece.text.out.truncate(mark);
        let rejected = Rejected {
            position,
            sub_record: None,
            record: text,
            event_id: piece.text.optional_string(identifiers.event_id),
            sequence_number: piece.text.optional_string(identifiers.sequence_number),
        };
        piece.reject(rejected, reason);
        None
    });
    let identifier = match trigger {
        Trigger::Pipe => identifiers.event_id,
        _ => identifiers.sequence_number,
    };
    let identifier = piece.text.optional_string(identifier);
    piece.records.push(RecordText { text, identifier });
    Ok(suspended)
}

/// A record as it was delivered.
#[derive(Clone, Copy)]
pub(super) struct Delivered<'a> {
    pub record: &'a [u8],
    pub text: Span,
    pub position: usize,
}

/// Makes the events of one record. An error concerns the record as a whole.
fn decode_envelope(
    delivered: Delivered<'_>,
    raw: &RawRecord<'_>,
    suspended: Option<Suspended>,
    piece: &mut Piece,
) -> Result<Option<Suspended>, DecodeReason> {
    match envelope(raw)? {
        Envelope::Kinesis => kinesis::decode(delivered, raw, suspended, piece),
        Envelope::DynamoDb => {
            let Delivered { record, position, .. } = delivered;
            let event = dynamodb::decode(record, "record", position, raw, &mut piece.text)?;
            piece.push(event);
            Ok(None)
        }
    }
}

/// The shapes of a record.
enum Envelope {
    DynamoDb,
    Kinesis,
}

fn envelope(raw: &RawRecord<'_>) -> Result<Envelope, DecodeReason> {
    if raw.is_change() {
        return Ok(Envelope::DynamoDb);
    }
    match raw.event_source.map(JsonStr::resolve_bytes).as_deref() {
        Some(b"aws:kinesis") => Ok(Envelope::Kinesis),
        Some(other) => Err(DecodeReason::UnknownSource { length: other.len() }),
        None if raw.dynamodb.is_some() => Ok(Envelope::DynamoDb),
        None if raw.kinesis.data.is_some() => Ok(Envelope::Kinesis),
        None => Err(DecodeReason::Missing { part: "record", name: "eventSource" }),
    }
}

fn malformed(error: &Expectation, start: usize) -> DecodeReason {
    DecodeReason::Malformed { part: "record", at: error.at - start, expected: error.expected }
}

/// Looks for the event id and the sequence number in a record that is malformed elsewhere.
fn find_identifiers(record: &[u8]) -> Identifiers<'_> {
    let mut found = Identifiers::default();
    // The text after an error cannot be read: the members before it are used.
    let _ = Cursor::new(record).object(|cursor, name| match name {
        b"eventID" => find_string(cursor, &mut found.event_id),
        b"sequenceNumber" => find_string(cursor, &mut found.sequence_number),
        b"dynamodb" | b"kinesis" if cursor.peek() == Some(b'{') => {
            cursor.object(|cursor, name| match name {
                b"SequenceNumber" | b"sequenceNumber" => {
                    find_string(cursor, &mut found.sequence_number)
                }
                _ => cursor.skip().map(drop),
            })
        }
        _ => cursor.skip().map(drop),
    });
    found
}

fn find_string<'a>(
    cursor: &mut Cursor<'a>,
    found: &mut Option<JsonStr<'a>>,
) -> Result<(), SyntaxError> {
    let value = cursor.skip()?;
    *found = Cursor::new(value).string().ok().or(*found);
    Ok(())
}
