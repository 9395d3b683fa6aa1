//! The members of a record that decoding needs, in any order.

use changefan_json::{Cursor, JsonStr, SyntaxError};

use super::diff::write_changed;
use super::selection;
use super::unmarshal;
use crate::arena::{BatchTextBuilder, Span};
use crate::event::Images;

/// A record of either source, nested or flat. Members that are missing or null are `None`.
#[derive(Debug, Default)]
pub(crate) struct RawRecord<'a> {
    pub event_id: Option<JsonStr<'a>>,
    pub event_name: Option<JsonStr<'a>>,
    pub event_source: Option<JsonStr<'a>>,
    pub region: Option<JsonStr<'a>>,
    pub arn: Option<JsonStr<'a>>,
    pub table_name: Option<JsonStr<'a>>,
    pub by_ttl: bool,
    /// Whether there is a member `_aws`.
    pub has_embedded_metrics: bool,
    /// The JSON text of the member that selects sub-records.
    pub sub_records: Option<&'a str>,
    pub dynamodb: Option<RawChange<'a>>,
    pub kinesis: RawKinesis<'a>,
}

/// The `dynamodb` member of a record.
#[derive(Debug, Default)]
pub(crate) struct RawChange<'a> {
    pub created: Option<&'a str>,
    pub precision: Option<JsonStr<'a>>,
    pub sequence_number: Option<JsonStr<'a>>,
    pub images: Images,
}

/// The `kinesis` member of a mapping's record; Pipes puts the same members beside the others.
#[derive(Debug, Default)]
pub(crate) struct RawKinesis<'a> {
    pub data: Option<JsonStr<'a>>,
    pub sequence_number: Option<JsonStr<'a>>,
    pub partition_key: Option<JsonStr<'a>>,
    pub arrival: Option<&'a str>,
}

/// As the bytes that the cursor compares.
const MEMBER: &[u8] = selection::MEMBER.as_bytes();

impl<'a> RawRecord<'a> {
    /// Reads a whole record and writes its images as plain JSON.
    pub(crate) fn read(
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
    ) -> Result<Self, SyntaxError> {
        let mut record = RawRecord::default();
        let mut nested = None;
        cursor.object(|cursor, name| {
            match name {
                b"eventID" => record.event_id = optional_string(cursor)?,
                b"eventName" => record.event_name = optional_string(cursor)?,
                b"eventSource" => record.event_source = optional_string(cursor)?,
                b"awsRegion" => record.region = optional_string(cursor)?,
                b"eventSourceARN" => record.arn = optional_string(cursor)?,
                b"tableName" => record.table_name = optional_string(cursor)?,
                b"userIdentity" => record.by_ttl = is_ttl(cursor)?,
                b"dynamodb" => {
                    record.dynamodb =
                        if cursor.null() { None } else { Some(RawChange::read(cursor, text)?) };
                }
                b"kinesis" => {
                    nested = if cursor.null() { None } else { Some(RawKinesis::read(cursor)?) }
                }
                b"_aws" => {
                    record.has_embedded_metrics = true;
                    cursor.skip_readable()?;
                }
                MEMBER => record.sub_records = Some(cursor.skip_readable()?),
                _ => record.kinesis.member(cursor, name)?,
            }
            Ok(())
        })?;
        // Beside a nested object, members of the same names mean something else.
        record.kinesis = nested.unwrap_or(record.kinesis);
        Ok(record)
    }
}

impl<'a> RawChange<'a> {
    fn read(cursor: &mut Cursor<'a>, text: &mut BatchTextBuilder) -> Result<Self, SyntaxError> {
        let mut change = RawChange::default();
        text.old.clear();
        text.new.clear();
        cursor.object(|cursor, name| {
            match name {
                b"ApproximateCreationDateTime" => change.created = optional_number(cursor)?,
                b"ApproximateCreationDateTimePrecision" => {
                    change.precision = optional_string(cursor)?;
                }
                b"SequenceNumber" => change.sequence_number = optional_string(cursor)?,
                b"Keys" | b"OldImage" | b"NewImage" => change.images.read(name, cursor, text)?,
                _ => drop(cursor.skip_readable()?),
            }
            Ok(())
        })?;
        if change.images.old != Span::NONE && change.images.new != Span::NONE {
            let start = text.out.len();
            write_changed(cursor.text(), &text.old, &text.new, &mut text.out);
            change.images.changed = text.since(start);
        }
        Ok(change)
    }
}

impl Images {
    fn read(
        &mut self,
        name: &[u8],
        cursor: &mut Cursor<'_>,
        text: &mut BatchTextBuilder,
    ) -> Result<(), SyntaxError> {
        let start = text.out.len();
        let null = cursor.null();
        let BatchTextBuilder { out, old, new, keys, .. } = text;
        let (image, other, attributes) = match name {
            b"OldImage" => (&mut self.old, &*new, old),
            b"NewImage" => (&mut self.new, &*old, new),
            _ => (&mut self.keys, &Vec::new(), keys),
        };
        if !null {
            unmarshal::image(cursor, out, other, attributes)?;
        }
        *image = if null { Span::NONE } else { text.since(start) };
        Ok(())
    }
}

impl<'a> RawKinesis<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, SyntaxError> {
        let mut kinesis = RawKinesis::default();
        cursor.object(|cursor, name| kinesis.member(cursor, name))?;
        Ok(kinesis)
    }

    fn member(&mut self, cursor: &mut Cursor<'a>, name: &[u8]) -> Result<(), SyntaxError> {
        match name {
            b"data" => self.data = string_or_none(cursor)?,
            b"sequenceNumber" => self.sequence_number = string_or_none(cursor)?,
            b"partitionKey" => self.partition_key = string_or_none(cursor)?,
            b"approximateArrivalTimestamp" => self.arrival = optional_number(cursor)?,
            _ => drop(cursor.skip_readable()?),
        }
        Ok(())
    }
}

fn optional_string<'a>(cursor: &mut Cursor<'a>) -> Result<Option<JsonStr<'a>>, SyntaxError> {
    if cursor.null() { Ok(None) } else { cursor.string().map(Some) }
}

/// A value of another type is skipped: a record that is not Kinesis's may have members of these
/// names.
fn string_or_none<'a>(cursor: &mut Cursor<'a>) -> Result<Option<JsonStr<'a>>, SyntaxError> {
    if cursor.peek() == Some(b'"') {
        cursor.string().map(Some)
    } else {
        cursor.skip_readable().map(|_| None)
    }
}

fn optional_number<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a str>, SyntaxError> {
    if cursor.null() { Ok(None) } else { cursor.number().map(Some) }
}

/// Whether the user identity is DynamoDB's own, which deletes expired items. Some emulators
/// capitalise its members.
fn is_ttl(cursor: &mut Cursor<'_>) -> Result<bool, SyntaxError> {
    let (mut service, mut dynamodb) = (false, false);
    if cursor.null() {
        return Ok(false);
    }
    cursor.object(|cursor, name| {
        let value = cursor.skip_readable()?;
        match name {
            b"type" | b"Type" => service = value == r#""Service""#,
            b"principalId" | b"PrincipalId" | b"PrincipalID" => {
                dynamodb = value == r#""dynamodb.amazonaws.com""#;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(service && dynamodb)
}
