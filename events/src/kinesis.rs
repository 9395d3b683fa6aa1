//! Kinesis records: a DynamoDB change, a KPL aggregate, or whatever else somebody put into the stream.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use bytestring::ByteString;

use crate::aggregate;
use crate::buffer::Buffer;
use crate::dynamodb::{self, read_time, resource, share};
use crate::error::DecodeReason;
use crate::event::{Actor, ChangeEvent, ImageSpans, Images, Operation, Source};
use crate::fields::Fields;
use crate::json::{write_line, write_optional_string, write_string};
use crate::scanner::{Scanner, Stop, unescape};
use crate::timestamp::{Timestamp, Unit};

/// The Kinesis record that one or more change events are made of.
struct Parent<'a> {
    record: &'a ByteString,
    position: usize,
    event_id: ByteString,
    sequence_number: ByteString,
    region: Option<ByteString>,
    stream: Option<ByteString>,
    arn: Option<ByteString>,
    arrival: Option<Timestamp>,
    arrival_text: Option<&'a str>,
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
    record: &ByteString,
    position: usize,
    fields: &Fields<'_>,
    images: &mut Buffer,
) -> Result<Vec<Result<ChangeEvent, DecodeReason>>, DecodeReason> {
    let missing = |name| DecodeReason::Missing { part: "record", name };
    let sequence_number = share(record, fields.kinesis.sequence_number.ok_or(missing("sequenceNumber"))?);
    let parent = Parent {
        record,
        position,
        event_id: fields.event_id.map_or_else(|| sequence_number.clone(), |id| share(record, id)),
        sequence_number,
        region: fields.region.map(|region| share(record, region)),
        stream: fields.arn.and_then(|arn| resource(record, arn, "stream/")),
        arn: fields.arn.map(|arn| share(record, arn)),
        arrival: read_time(fields.kinesis.arrival, Some(Unit::Second))?,
        arrival_text: fields.kinesis.arrival,
    };
    let base64 = unescape(fields.kinesis.data.ok_or(missing("data"))?);
    let data = Bytes::from(STANDARD.decode(base64.as_bytes()).map_err(DecodeReason::NotBase64)?);
    match aggregate::user_records(&data).map_err(DecodeReason::NotAggregate)? {
        None => Ok(vec![parent.event(data, base64, None, images)]),
        Some(records) => Ok(records
            .into_iter()
            .enumerate()
            .map(|(index, aggregate::UserRecord { partition_key, data })| {
                let base64 = Cow::Owned(STANDARD.encode(&data));
                parent.event(data, base64, Some(Member { index, partition_key }), images)
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
        images: &mut Buffer,
    ) -> Result<ChangeEvent, DecodeReason> {
        let Ok(text) = ByteString::try_from(data) else {
            return Ok(self.append(None, &base64, member, images));
        };
        let mark = images.len();
        let mut scanner = Scanner::new(&text);
        let change = match Fields::read(&mut scanner, images).and_then(|fields| scanner.end().map(|()| fields)) {
            Ok(fields) if is_change(&fields) => dynamodb::decode(&text, "data", self.position, fields),
            Err(Stop) if claims_change(&text) => Err(DecodeReason::malformed("data")(scanner.failure())),
            _ => {
                images.truncate(mark);
                return Ok(self.append(Some(&text), &base64, member, images));
            }
        };
        let change = change.inspect_err(|_| images.truncate(mark))?;
        Ok(ChangeEvent {
            source: Source::Kinesis,
            sequence_number: Some(self.sequence_number.clone()),
            region: change.region.clone().or_else(|| self.region.clone()),
            ..change
        })
    }

    /// A record that carries no change of a DynamoDB table.
    fn append(
        &self,
        text: Option<&ByteString>,
        base64: &str,
        member: Option<Member>,
        images: &mut Buffer,
    ) -> ChangeEvent {
        let start = images.len();
        let mut content = String::new();
        write_content(text, base64, &mut content);
        images.push_str(&content);
        let new = Some(start..images.len());
        let (event_id, record) = match &member {
            None => (self.event_id.clone(), self.record.clone()),
            Some(member) => {
                let event_id = ByteString::from(format!("{}:{}", self.event_id, member.index));
                let record = self.member_record(&event_id, base64, member);
                (event_id, record)
            }
        };
        ChangeEvent {
            position: self.position,
            event_id,
            operation: Operation::Append,
            source: Source::Kinesis,
            actor: Actor::User,
            table: self.stream.clone(),
            region: self.region.clone(),
            sequence_number: Some(self.sequence_number.clone()),
            timestamp: self.arrival,
            record,
            images: Images { spans: ImageSpans { new, ..ImageSpans::default() }, ..Images::default() },
        }
    }

    /// The record that Kinesis would have handed over, had the producer not aggregated it.
    fn member_record(&self, event_id: &str, base64: &str, member: &Member) -> ByteString {
        let mut out = String::with_capacity(base64.len() + 400);
        out.push_str(r#"{"kinesis":{"partitionKey":"#);
        write_optional_string(member.partition_key.as_deref(), &mut out);
        out.push_str(r#","sequenceNumber":"#);
        write_string(&self.sequence_number, &mut out);
        out.push_str(r#","data":"#);
        write_string(base64, &mut out);
        out.push_str(r#","approximateArrivalTimestamp":"#);
        out.push_str(self.arrival_text.unwrap_or("null"));
        out.push_str(r#"},"eventSource":"aws:kinesis","eventID":"#);
        write_string(event_id, &mut out);
        out.push_str(r#","eventName":"aws:kinesis:record","awsRegion":"#);
        write_optional_string(self.region.as_deref(), &mut out);
        out.push_str(r#","eventSourceARN":"#);
        write_optional_string(self.arn.as_deref(), &mut out);
        out.push('}');
        out.into()
    }
}

/// The JSON object that was put, or its text, or its base64 when it is not UTF-8.
fn write_content(text: Option<&ByteString>, base64: &str, out: &mut String) {
    match text {
        Some(text) if is_object(text) => write_line(text.trim_ascii(), out),
        Some(text) => {
            out.push_str(r#"{"data":"#);
            write_string(text, out);
            out.push('}');
        }
        None => {
            out.push_str(r#"{"data_base64":"#);
            write_string(base64, out);
            out.push('}');
        }
    }
}

fn is_object(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.peek() == Some(b'{') && scanner.skip_readable().is_ok() && scanner.end().is_ok()
}

fn is_change(fields: &Fields<'_>) -> bool {
    fields.event_source.is_some_and(|source| unescape(source) == "aws:dynamodb")
}

/// Whether a JSON object that could not be read as a change says that it is one.
fn claims_change(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    let mut claims = false;
    let object = scanner.object(|scanner, name| {
        let value = scanner.skip()?;
        claims |= name == "eventSource" && value == r#""aws:dynamodb""#;
        Ok(())
    });
    object.is_ok() && claims
}
