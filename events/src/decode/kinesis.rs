//! Kinesis records: a DynamoDB change, an aggregate of the KPL, or any other content of a stream.

mod content;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use changefan_json::{Cursor, JsonStr, SyntaxError};

use self::content::{Content, check_expansion};
use super::aggregate::{Aggregate, Place};
use super::dynamodb::{self, read_time};
use super::piece::{Piece, Rejected};
use super::raw_record::RawRecord;
use super::record::Delivered;
use super::selection::Selection;
use super::sub_record::{Parent, SubRecord};
use crate::arena::{BatchTextBuilder, Span, Table};
use crate::error::DecodeReason;
use crate::event::{ChangeEvent, Images, Record};
use crate::timestamp::{Timestamp, Unit};
use crate::{Actor, Operation, Source};

/// The longest identifier of an aggregate, in bytes: IAM's limit for ARNs, the longest of them, is
/// 2,048.
const MAX_LENGTH: usize = 2_048;

/// An aggregate of which a piece holds only the beginning.
#[derive(Clone, Debug)]
pub(crate) struct Suspended {
    aggregate: Arc<Aggregate>,
    next: Place,
}

/// What all events of a Kinesis record share.
struct Envelope {
    position: usize,
    record: Span,
    has_embedded_metrics: bool,
    event_id: Span,
    sequence_number: Span,
    stream: Table,
    arrival: Option<Timestamp>,
}

/// Makes change events of a Kinesis record: several when it is an aggregate. An error concerns the
/// record as a whole.
///
/// A sub-record that cannot be decoded does not affect the others.
pub(super) fn decode(
    delivered: Delivered<'_>,
    raw: &RawRecord<'_>,
    suspended: Option<Suspended>,
    piece: &mut Piece,
) -> Result<Option<Suspended>, DecodeReason> {
    let envelope = Envelope::read(&delivered, raw, &mut piece.text)?;
    if let Some(suspended) = suspended {
        return envelope.decode_aggregate(raw, suspended, piece);
    }
    let missing = DecodeReason::Missing { part: "record", name: "data" };
    let base64 = raw.kinesis.data.ok_or(missing)?.resolve();
    let data = STANDARD.decode(base64.as_bytes()).map_err(|_| DecodeReason::NotBase64)?;
    let data = Bytes::from(data);
    match Aggregate::read(&data)? {
        Some(aggregate) => {
            let first = Suspended { aggregate: Arc::new(aggregate), next: Place::default() };
            envelope.decode_aggregate(raw, first, piece)
        }
        None => {
            let content = Content { data: &data, base64: Some(base64), sub_record: None };
            let event = envelope.event(content, &mut piece.text)?;
            piece.push(event);
            Ok(None)
        }
    }
}

impl Envelope {
    fn read(
        delivered: &Delivered<'_>,
        raw: &RawRecord<'_>,
        text: &mut BatchTextBuilder,
    ) -> Result<Self, DecodeReason> {
        let missing = DecodeReason::Missing { part: "record", name: "sequenceNumber" };
        let sequence_number = text.string(raw.kinesis.sequence_number.ok_or(missing)?);
        let arn = text.arn(raw.arn, "stream/");
        Ok(Self {
            position: delivered.position,
            record: delivered.text,
            has_embedded_metrics: raw.has_embedded_metrics,
            event_id: text.optional_string(raw.event_id).or(sequence_number),
            sequence_number,
            stream: Table {
                account: arn.account,
                region: text.optional_string(raw.region).or(arn.region),
                name: arn.name,
                stream_label: Span::NONE,
            },
            arrival: read_time(raw.kinesis.arrival, Some(Unit::Second), text)?,
        })
    }

    /// Decodes the sub-records of an aggregate until the piece is full.
    fn decode_aggregate(
        &self,
        raw: &RawRecord<'_>,
        suspended: Suspended,
        piece: &mut Piece,
    ) -> Result<Option<Suspended>, DecodeReason> {
        check_lengths(raw)?;
        let Suspended { aggregate, mut next } = suspended;
        let selection = Selection::read(raw.sub_records, aggregate.count())?;
        let arn = piece.text.optional_string(raw.arn);
        let arrival = raw.kinesis.arrival.map_or(Span::NONE, |number| piece.text.text(number));
        let message = aggregate.message().clone();
        let parent = piece.text.add_parent(Parent { message, arn, arrival });
        let event_id = raw.event_id.or(raw.kinesis.sequence_number).map(JsonStr::resolve);
        let event_id = event_id.expect("an envelope has one of them");
        let parent_id = piece.text.optional_string(raw.event_id);
        loop {
            let place = next;
            let Some(located) = aggregate.next(&mut next) else { return Ok(None) };
            if !selection.includes(place.index) {
                continue;
            }
            if piece.is_full() {
                return Ok(Some(Suspended { aggregate, next: place }));
            }
            let mark = piece.text.out.len();
            let event = located.and_then(|located| {
                let id = piece.text.write(&format!("{event_id}:{}", place.index));
                let sub_record = Some((place.index, SubRecord::new(parent, &located)));
                let data = &aggregate.message()[located.data];
                let content = Content { data, base64: None, sub_record };
                Self { event_id: id, ..*self }.event(content, &mut piece.text)
            });
            match event {
                Ok(event) => piece.push(event),
                Err(reason) => {
                    piece.text.out.truncate(mark);
                    piece.reject(self.rejected(place.index, parent_id), reason);
                }
            }
        }
    }

    fn rejected(&self, sub_record: usize, event_id: Span) -> Rejected {
        Rejected {
            position: self.position,
            sub_record: Some(sub_record),
            record: self.record,
            event_id,
            sequence_number: self.sequence_number,
        }
    }

    /// A DynamoDB change, or an append of any other content.
    fn event(
        &self,
        content: Content<'_>,
        text: &mut BatchTextBuilder,
    ) -> Result<ChangeEvent, DecodeReason> {
        let Ok(data) = std::str::from_utf8(content.data) else {
            return Ok(self.append(&content, None, text));
        };
        let mark = text.out.len();
        let (mut cursor, mut raw) = (Cursor::new(data), RawRecord::default());
        match raw.read(&mut cursor, text).and_then(|()| cursor.end()) {
            Ok(()) if raw.is_change() => {
                let change = dynamodb::decode(data.as_bytes(), "data", self.position, &raw, text)?;
                Ok(self.change(&content, change, text))
            }
            Err(SyntaxError) if claims_change(data) => {
                Err(DecodeReason::malformed("data")(cursor.expectation()))
            }
            _ => {
                text.out.truncate(mark);
                check_expansion(data)?;
                Ok(self.append(&content, Some(data), text))
            }
        }
    }

    fn change(
        &self,
        content: &Content<'_>,
        change: ChangeEvent,
        text: &mut BatchTextBuilder,
    ) -> ChangeEvent {
        let Table { account, region, name, .. } = text.table(change.table);
        let (account, region) = (account.or(self.stream.account), region.or(self.stream.region));
        ChangeEvent {
            source: Source::Kinesis,
            sequence_number: self.sequence_number,
            table: text.add_table(Table { account, region, name, ..self.stream }),
            sub_record: content.sub_record_index(),
            ..change
        }
    }

    fn append(
        &self,
        content: &Content<'_>,
        data: Option<&str>,
        text: &mut BatchTextBuilder,
    ) -> ChangeEvent {
        let images = Images { new: content.write(data, text), ..Images::default() };
        let record = match content.sub_record {
            None => Record::Text(self.record),
            Some((_, sub_record)) => Record::Composed(sub_record),
        };
        ChangeEvent {
            ordinal: 0,
            position: self.position,
            operation: Operation::Append,
            source: Source::Kinesis,
            actor: Actor::User,
            has_embedded_metrics: content.sub_record.is_none() && self.has_embedded_metrics,
            timestamp: self.arrival,
            event_id: self.event_id,
            table: text.add_table(self.stream),
            sequence_number: self.sequence_number,
            record,
            sub_record: content.sub_record_index(),
            images,
            texts: Arc::clone(&text.texts),
        }
    }
}

/// What is repeated for each sub-record must be short. AWS's identifiers and ARNs are.
fn check_lengths(raw: &RawRecord<'_>) -> Result<(), DecodeReason> {
    let lengths = [
        ("eventID", length(raw.event_id)),
        ("sequenceNumber", length(raw.kinesis.sequence_number)),
        ("eventSourceARN", length(raw.arn)),
        ("awsRegion", length(raw.region)),
        ("approximateArrivalTimestamp", raw.kinesis.arrival.map_or(0, <[u8]>::len)),
    ];
    match lengths.into_iter().find(|(_, bytes)| *bytes > MAX_LENGTH) {
        Some((name, bytes)) => Err(DecodeReason::TooLong { name, bytes }),
        None => Ok(()),
    }
}

fn length(string: Option<JsonStr<'_>>) -> usize {
    string.map_or(0, |string| string.bytes().len())
}

/// Whether a JSON object that could not be read as a change claims to be one.
fn claims_change(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    let mut claims = false;
    let object = cursor.object(|cursor, name| {
        let value = cursor.skip()?;
        claims |= name == b"eventSource" && value == br#""aws:dynamodb""#;
        Ok(())
    });
    object.is_ok() && claims
}
