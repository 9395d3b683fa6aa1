//! Kinesis records: a DynamoDB change, a KPL aggregate, or whatever else somebody put into the stream.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::aggregate;
use crate::arena::{BatchTextBuilder, Span};
use crate::decode::dynamodb::{self, read_time};
use crate::decode::raw_record::RawRecord;
use crate::error::DecodeReason;
use crate::event::{Actor, ChangeEvent, Images, Operation, Source};
use crate::timestamp::{Timestamp, Unit};
use changefan_json::{Cursor, JsonStr, SyntaxError};
use changefan_json::{write_line, write_optional_string, write_string};

/// The Kinesis record that one or more change events are made of.
struct Parent<'a> {
    record: &'a str,
    position: usize,
    event_id: Span,
    sequence_number: Span,
    region: Span,
    stream: Span,
    fields: &'a RawRecord<'a>,
    arrival: Option<Timestamp>,
}

/// A user record of an aggregate: one of several that share their parent's sequence number.
struct Member {
    index: usize,
    partition_key: Option<String>,
}

/// Makes change events of a Kinesis record's members: several when it is a KPL aggregate.
///
/// Each event stands for itself: one that cannot be decoded leaves its neighbours untouched.
pub(crate) fn decode(
    record: &str,
    position: usize,
    fields: &RawRecord<'_>,
    writer: &mut BatchTextBuilder,
) -> Result<Vec<Result<ChangeEvent, DecodeReason>>, DecodeReason> {
    let missing = |name| DecodeReason::Missing { part: "record", name };
    let sequence_number =
        writer.string(fields.kinesis.sequence_number.ok_or(missing("sequenceNumber"))?);
    let parent = Parent {
        record,
        position,
        event_id: fields.event_id.map_or(sequence_number, |id| writer.string(id)),
        sequence_number,
        region: writer.optional_string(fields.region),
        stream: writer.resource(fields.arn, "stream/"),
        fields,
        arrival: read_time(fields.kinesis.arrival, Some(Unit::Second))?,
    };
    let base64 = fields.kinesis.data.ok_or(missing("data"))?.resolve();
    let data = Bytes::from(STANDARD.decode(base64.as_bytes()).map_err(DecodeReason::NotBase64)?);
    match aggregate::user_records(&data).map_err(DecodeReason::NotAggregate)? {
        None => Ok(vec![parent.event(data, base64, None, writer)]),
        Some(records) => Ok(records
            .into_iter()
            .enumerate()
            .map(|(index, aggregate::UserRecord { partition_key, data })| {
                let base64 = Cow::Owned(STANDARD.encode(&data));
                parent.event(data, base64, Some(Member { index, partition_key }), writer)
            })
            .collect()),
    }
}

impl Parent<'_> {
    fn event(
        &self,
        data: Bytes,
        base64: Cow<'_, str>,
        member: Option<Member>,
        writer: &mut BatchTextBuilder,
    ) -> Result<ChangeEvent, DecodeReason> {
        let Ok(text) = std::str::from_utf8(&data) else {
            return Ok(self.append(None, &base64, member, writer));
        };
        let mark = writer.out.len();
        let mut cursor = Cursor::new(text);
        let change = match RawRecord::read(&mut cursor, writer)
            .and_then(|fields| cursor.end().map(|()| fields))
        {
            Ok(fields) if is_change(&fields) => {
                dynamodb::decode(text, "data", self.position, fields, writer)
            }
            Err(SyntaxError) if claims_change(text) => {
                Err(DecodeReason::malformed("data")(cursor.expectation()))
            }
            _ => {
                writer.out.truncate(mark);
                return Ok(self.append(Some(text), &base64, member, writer));
            }
        };
        let change = change.inspect_err(|_| writer.out.truncate(mark))?;
        let region = if change.region == Span::NONE { self.region } else { change.region };
        Ok(ChangeEvent {
            source: Source::Kinesis,
            sequence_number: self.sequence_number,
            region,
            ..change
        })
    }

    /// A record that carries no change of a DynamoDB table.
    fn append(
        &self,
        text: Option<&str>,
        base64: &str,
        member: Option<Member>,
        writer: &mut BatchTextBuilder,
    ) -> ChangeEvent {
        let new = writer.write(&content(text, base64));
        let (event_id, record) = match &member {
            None => (self.event_id, writer.text(self.record)),
            Some(member) => {
                let event_id = format!("{}:{}", self.event_id(), member.index);
                let record = self.member_record(&event_id, base64, member);
                (writer.write(&event_id), writer.write(&record))
            }
        };
        ChangeEvent {
            ordinal: 0,
            position: self.position,
            operation: Operation::Append,
            source: Source::Kinesis,
            actor: Actor::User,
            timestamp: self.arrival,
            event_id,
            table: self.stream,
            region: self.region,
            sequence_number: self.sequence_number,
            record,
            images: Images { new, ..Images::default() },
            texts: Arc::clone(&writer.texts),
        }
    }

    fn event_id(&self) -> Cow<'_, str> {
        let raw = self.fields.event_id.or(self.fields.kinesis.sequence_number);
        raw.map(JsonStr::resolve).unwrap_or_default()
    }

    /// The record that Kinesis would have handed over, had the producer not aggregated it.
    fn member_record(&self, event_id: &str, base64: &str, member: &Member) -> String {
        let RawRecord { kinesis, region, arn, .. } = self.fields;
        let mut out = String::with_capacity(base64.len() + 400);
        out.push_str(r#"{"kinesis":{"partitionKey":"#);
        write_optional_string(member.partition_key.as_deref(), &mut out);
        out.push_str(r#","sequenceNumber":"#);
        write_optional_string(kinesis.sequence_number.map(JsonStr::resolve).as_deref(), &mut out);
        out.push_str(r#","data":"#);
        write_string(base64, &mut out);
        out.push_str(r#","approximateArrivalTimestamp":"#);
        out.push_str(kinesis.arrival.unwrap_or("null"));
        out.push_str(r#"},"eventSource":"aws:kinesis","eventID":"#);
        write_string(event_id, &mut out);
        out.push_str(r#","eventName":"aws:kinesis:record","awsRegion":"#);
        write_optional_string(region.map(JsonStr::resolve).as_deref(), &mut out);
        out.push_str(r#","eventSourceARN":"#);
        write_optional_string(arn.map(JsonStr::resolve).as_deref(), &mut out);
        out.push('}');
        out
    }
}

/// The JSON object that was put, or its text, or its base64 when it is not UTF-8.
fn content(text: Option<&str>, base64: &str) -> String {
    let mut out = String::new();
    match text {
        Some(text) if is_object(text) => write_line(text.trim_ascii(), &mut out),
        Some(text) => {
            out.push_str(r#"{"data":"#);
            write_string(text, &mut out);
            out.push('}');
        }
        None => {
            out.push_str(r#"{"data_base64":"#);
            write_string(base64, &mut out);
            out.push('}');
        }
    }
    out
}

fn is_object(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    cursor.peek() == Some(b'{') && cursor.skip_readable().is_ok() && cursor.end().is_ok()
}

fn is_change(fields: &RawRecord<'_>) -> bool {
    fields.event_source.is_some_and(|source| source.resolve() == "aws:dynamodb")
}

/// Whether a JSON object that could not be read as a change says that it is one.
fn claims_change(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    let mut claims = false;
    let object = cursor.object(|cursor, name| {
        let value = cursor.skip()?;
        claims |= name == b"eventSource" && value == r#""aws:dynamodb""#;
        Ok(())
    });
    object.is_ok() && claims
}
