//! What one invocation hands over.

use std::str::Utf8Error;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;

use crate::arena::{BatchText, BatchTextBuilder, Span};
use crate::decode::dynamodb;
use crate::decode::kinesis;
use crate::decode::raw_record::RawRecord;
use crate::error::{DecodeError, DecodeReason, PayloadError};
use crate::event::ChangeEvent;
use changefan_json::{Cursor, Expectation, JsonStr, SyntaxError};

/// A batch of stream records, each decoded on its own.
///
/// Every input record is accounted for: its position appears in [`Batch::events`] or in [`Batch::undecodable`], or in
/// both when it is an aggregate of which only a part could be decoded.
///
/// ```
/// use changefan_events::{Batch, Operation};
///
/// let payload = r#"{"Records":[{
///     "eventID":"1", "eventName":"INSERT", "eventSource":"aws:dynamodb",
///     "dynamodb":{"Keys":{"id":{"N":"7"}}, "NewImage":{"id":{"N":"7"}}, "SequenceNumber":"111"}
/// }]}"#;
/// let batch = Batch::decode(payload.into())?;
/// assert_eq!(batch.events[0].operation(), Operation::Insert);
/// assert_eq!(batch.events[0].new_image(), Some(r#"{"id":7}"#));
/// assert_eq!(batch.identifier(0), Some("111"));
/// # Ok::<(), changefan_events::PayloadError>(())
/// ```
#[derive(Debug)]
pub struct Batch {
    /// The changes, in the order of the records.
    pub events: Vec<ChangeEvent>,
    /// The records that could not be decoded, in their order.
    pub undecodable: Vec<DecodeError>,
    /// Who handed the batch over, and so how it wants to be answered.
    pub trigger: Trigger,
    /// The JSON text of a tumbling window's state, to be answered unchanged.
    pub window_state: Option<ByteString>,
    records: Vec<Record>,
    texts: Arc<BatchText>,
}

/// One record as it was handed over.
#[derive(Debug)]
struct Record {
    text: Span,
    identifier: Span,
}

/// Who handed a batch over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// A Lambda event source mapping: records are identified by sequence number.
    Mapping,
    /// EventBridge Pipes: records are identified by event id.
    Pipe,
    /// Somebody who sent one record that is in no batch.
    Direct,
}

/// Lambda, CreateEventSourceMapping: the largest `BatchSize`, in records. Larger ones are decoded as well.
const LARGEST_BATCH: usize = 10_000;

impl Batch {
    /// Decodes the payload of an invocation, of up to 6 MB, whichever shape it has.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] when the payload is no batch at all. A record that is malformed is no such error: it is found in
    /// [`Batch::undecodable`].
    pub fn decode(payload: Bytes) -> Result<Batch, PayloadError> {
        let Ok(text) = ByteString::try_from(payload.clone()) else {
            return Err(PayloadError::not_utf8(&payload));
        };
        let writer = BatchTextBuilder::new(text.clone());
        let batch = Batch::empty(Arc::clone(&writer.texts));
        let mut decoder = Decoder { text: &text, writer, batch };
        let mut cursor = Cursor::new(&text);
        match decoder.payload(&mut cursor).and_then(|found| cursor.end().map(|()| found)) {
            Err(SyntaxError) => Err(PayloadError::not_json(&text, &cursor.expectation())),
            Ok(false) => Err(PayloadError::NoBatch),
            Ok(true) => decoder.finish().map_err(PayloadError::NotUtf8),
        }
    }

    /// How many records were handed over.
    pub fn record_count(&self) -> usize {
        self.records.len()
    }

    /// The JSON text of the record at a position, as it was handed over; empty beyond the last one.
    pub fn record(&self, position: usize) -> &str {
        self.records
            .get(position)
            .and_then(|record| self.texts.get(record.text))
            .unwrap_or_default()
    }

    /// What the caller calls the record at a position: the sequence number, or for Pipes the event id.
    pub fn identifier(&self, position: usize) -> Option<&str> {
        self.texts.get(self.records.get(position)?.identifier)
    }

    fn empty(texts: Arc<BatchText>) -> Self {
        Batch {
            events: Vec::new(),
            undecodable: Vec::new(),
            trigger: Trigger::Mapping,
            window_state: None,
            records: Vec::new(),
            texts,
        }
    }
}

/// A batch while it is read.
struct Decoder<'a> {
    text: &'a ByteString,
    writer: BatchTextBuilder,
    batch: Batch,
}

impl<'a> Decoder<'a> {
    /// Reads a payload and tells whether it is in one of the shapes that streams hand over.
    fn payload(&mut self, cursor: &mut Cursor<'a>) -> Result<bool, SyntaxError> {
        match cursor.peek() {
            Some(b'[') => {
                self.batch.trigger = Trigger::Pipe;
                cursor.array(|cursor| self.record(cursor)).map(|()| true)
            }
            Some(b'{') => self.object(cursor),
            _ => cursor.skip().map(|_| false),
        }
    }

    /// A mapping's batch, or one record.
    fn object(&mut self, cursor: &mut Cursor<'a>) -> Result<bool, SyntaxError> {
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
                    return cursor
                        .skip()
                        .map(|state| self.batch.window_state = Some(self.text.slice_ref(state)));
                }
                // The last invocation of a tumbling window can come without records.
                b"isFinalInvokeForWindow" => batch |= value == Some(b't'),
                b"eventSource" | b"dynamodb" | b"kinesis" => record = true,
                _ => {}
            }
            cursor.skip().map(drop)
        })?;
        if record && !batch {
            self.batch.trigger = Trigger::Direct;
            cursor.seek(start);
            self.record(cursor)?;
        }
        Ok(batch || record)
    }

    /// Reads one record. It fails only when the payload is not JSON.
    fn record(&mut self, cursor: &mut Cursor<'a>) -> Result<(), SyntaxError> {
        cursor.peek();
        let (start, mark) = (cursor.position(), self.writer.out.len());
        if let [first] = self.batch.records.as_slice() {
            self.make_room(first.text.len());
        }
        let fields =
            RawRecord::read(cursor, &mut self.writer).map_err(|SyntaxError| cursor.expectation());
        if fields.is_err() {
            cursor.seek(start);
            cursor.skip()?;
        }
        let record = cursor.slice(start..cursor.position());
        let identifiers = match &fields {
            Ok(fields) => identifiers(fields),
            Err(_) => find_identifiers(record),
        };
        let malformed = |error: Expectation| {
            DecodeReason::malformed("record")(Expectation {
                at: error.at.saturating_sub(start),
                ..error
            })
        };
        if let Err(reason) = fields.map_err(malformed).and_then(|fields| self.event(record, fields))
        {
            self.writer.out.truncate(mark);
            self.reject(record, identifiers, reason);
        }
        let (event_id, sequence_number) = identifiers;
        let identifier =
            if self.batch.trigger == Trigger::Pipe { event_id } else { sequence_number };
        let identifier = self.writer.optional_string(identifier);
        self.batch.records.push(Record { text: self.writer.text(record), identifier });
        Ok(())
    }

    /// Makes room for records like the first one: what grows is copied, and leaves holes behind.
    fn make_room(&mut self, first: usize) {
        let expected = self.text.len() / first.max(1) + 1;
        self.batch.records.reserve(expected.min(LARGEST_BATCH));
        self.batch.events.reserve(expected.min(LARGEST_BATCH));
        let written = self.writer.out.len() * expected / 8 * 9;
        self.writer.out.reserve_total(written.min(self.text.len()));
    }

    /// Makes the events of one record. The error concerns the record as a whole.
    fn event(&mut self, record: &str, fields: RawRecord<'_>) -> Result<(), DecodeReason> {
        let position = self.batch.records.len();
        match envelope(&fields)? {
            Envelope::DynamoDb => {
                let event = dynamodb::decode(record, "record", position, fields, &mut self.writer)?;
                self.push(event);
            }
            Envelope::Kinesis => {
                let identifiers = identifiers(&fields);
                for event in kinesis::decode(record, position, &fields, &mut self.writer)? {
                    match event {
                        Ok(event) => self.push(event),
                        Err(reason) => self.reject(record, identifiers, reason),
                    }
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, event: ChangeEvent) {
        let ordinal = self.batch.events.len();
        self.batch.events.push(ChangeEvent { ordinal, ..event });
    }

    fn reject(&mut self, record: &str, identifiers: Identifiers<'_>, reason: DecodeReason) {
        let (event_id, sequence_number) = identifiers;
        let owned = |raw: Option<JsonStr<'_>>| raw.map(|raw| raw.resolve().into_owned());
        self.batch.undecodable.push(DecodeError {
            position: self.batch.records.len(),
            event_id: owned(event_id),
            sequence_number: owned(sequence_number),
            record: self.text.slice_ref(record),
            reason,
        });
    }

    fn finish(self) -> Result<Batch, Utf8Error> {
        self.writer.finish().map(|()| self.batch)
    }
}

/// The shapes of a record.
enum Envelope {
    DynamoDb,
    Kinesis,
}

fn envelope(fields: &RawRecord<'_>) -> Result<Envelope, DecodeReason> {
    match fields.event_source.map(JsonStr::resolve_bytes).as_deref() {
        Some(b"aws:dynamodb") => Ok(Envelope::DynamoDb),
        Some(b"aws:kinesis") => Ok(Envelope::Kinesis),
        Some(other) => {
            Err(DecodeReason::UnknownSource(DecodeReason::found(&String::from_utf8_lossy(other))))
        }
        None if fields.dynamodb.is_some() => Ok(Envelope::DynamoDb),
        None if fields.kinesis.data.is_some() => Ok(Envelope::Kinesis),
        None => Err(DecodeReason::Missing { part: "record", name: "eventSource" }),
    }
}

/// The event id and the sequence number, with their escapes unresolved.
type Identifiers<'a> = (Option<JsonStr<'a>>, Option<JsonStr<'a>>);

fn identifiers<'a>(fields: &RawRecord<'a>) -> Identifiers<'a> {
    let of_change = fields.dynamodb.as_ref().and_then(|change| change.sequence_number);
    (fields.event_id, of_change.or(fields.kinesis.sequence_number))
}

/// Looks for the event id and the sequence number in a record that is malformed elsewhere.
fn find_identifiers(record: &str) -> Identifiers<'_> {
    let (mut event_id, mut sequence_number) = (None, None);
    // An error means that the rest could not be read: what was found until then counts.
    let _ = Cursor::new(record).object(|cursor, name| match name {
        b"eventID" => find_string(cursor, &mut event_id),
        b"sequenceNumber" => find_string(cursor, &mut sequence_number),
        b"dynamodb" | b"kinesis" if cursor.peek() == Some(b'{') => {
            cursor.object(|cursor, name| match name {
                b"SequenceNumber" | b"sequenceNumber" => find_string(cursor, &mut sequence_number),
                _ => cursor.skip().map(drop),
            })
        }
        _ => cursor.skip().map(drop),
    });
    (event_id, sequence_number)
}

fn find_string<'a>(
    cursor: &mut Cursor<'a>,
    found: &mut Option<JsonStr<'a>>,
) -> Result<(), SyntaxError> {
    let value = cursor.skip()?;
    *found = Cursor::new(value).string().ok().or(*found);
    Ok(())
}
