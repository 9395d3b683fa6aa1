//! The members of a record that decoding needs, in whatever order they come.

use crate::arena::{BatchTextBuilder, Span};
use crate::decode::diff::write_changed;
use crate::decode::unmarshal;
use crate::event::Images;
use changefan_json::{Cursor, JsonStr, SyntaxError};

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

impl<'a> RawRecord<'a> {
    /// Reads a whole record and writes its images as plain JSON.
    pub fn read(
        cursor: &mut Cursor<'a>,
        writer: &mut BatchTextBuilder,
    ) -> Result<Self, SyntaxError> {
        let mut fields = RawRecord::default();
        let mut nested = None;
        cursor.object(|cursor, name| {
            match name {
                b"eventID" => fields.event_id = optional_string(cursor)?,
                b"eventName" => fields.event_name = optional_string(cursor)?,
                b"eventSource" => fields.event_source = optional_string(cursor)?,
                b"awsRegion" => fields.region = optional_string(cursor)?,
                b"eventSourceARN" => fields.arn = optional_string(cursor)?,
                b"tableName" => fields.table_name = optional_string(cursor)?,
                b"userIdentity" => fields.by_ttl = is_ttl(cursor)?,
                b"dynamodb" => {
                    fields.dynamodb =
                        if cursor.null() { None } else { Some(RawChange::read(cursor, writer)?) };
                }
                b"kinesis" => {
                    nested = if cursor.null() { None } else { Some(RawKinesis::read(cursor)?) }
                }
                _ => fields.kinesis.member(cursor, name)?,
            }
            Ok(())
        })?;
        // Beside a nested object, members of the same names mean something else.
        fields.kinesis = nested.unwrap_or(fields.kinesis);
        Ok(fields)
    }
}

impl<'a> RawChange<'a> {
    fn read(cursor: &mut Cursor<'a>, writer: &mut BatchTextBuilder) -> Result<Self, SyntaxError> {
        let mut change = RawChange::default();
        writer.old.clear();
        writer.new.clear();
        cursor.object(|cursor, name| {
            match name {
                b"ApproximateCreationDateTime" => change.created = optional_number(cursor)?,
                b"ApproximateCreationDateTimePrecision" => {
                    change.precision = optional_string(cursor)?
                }
                b"SequenceNumber" => change.sequence_number = optional_string(cursor)?,
                b"Keys" | b"OldImage" | b"NewImage" => change.images.read(name, cursor, writer)?,
                _ => drop(cursor.skip_readable()?),
            }
            Ok(())
        })?;
        if change.images.old != Span::NONE && change.images.new != Span::NONE {
            let start = writer.out.len();
            write_changed(cursor.text(), &writer.old, &writer.new, &mut writer.out);
            change.images.changed = writer.since(start);
        }
        Ok(change)
    }
}

impl Images {
    fn read(
        &mut self,
        name: &[u8],
        cursor: &mut Cursor<'_>,
        writer: &mut BatchTextBuilder,
    ) -> Result<(), SyntaxError> {
        let start = writer.out.len();
        let null = cursor.null();
        let BatchTextBuilder { out, old, new, keys, .. } = writer;
        let (image, other, attributes) = match name {
            b"OldImage" => (&mut self.old, &*new, old),
            b"NewImage" => (&mut self.new, &*old, new),
            _ => (&mut self.keys, &Vec::new(), keys),
        };
        if !null {
            unmarshal::image(cursor, out, other, attributes)?;
        }
        *image = if null { Span::NONE } else { writer.since(start) };
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
            b"data" => self.data = string_or_nothing(cursor)?,
            b"sequenceNumber" => self.sequence_number = string_or_nothing(cursor)?,
            b"partitionKey" => self.partition_key = string_or_nothing(cursor)?,
            b"approximateArrivalTimestamp" => self.arrival = optional_number(cursor)?,
            _ => drop(cursor.skip_readable()?),
        }
        Ok(())
    }
}

fn optional_string<'a>(cursor: &mut Cursor<'a>) -> Result<Option<JsonStr<'a>>, SyntaxError> {
    if cursor.null() { Ok(None) } else { cursor.string().map(Some) }
}

/// A value of another type is passed over: a record that is not Kinesis's may have members of these names.
fn string_or_nothing<'a>(cursor: &mut Cursor<'a>) -> Result<Option<JsonStr<'a>>, SyntaxError> {
    if cursor.peek() == Some(b'"') {
        cursor.string().map(Some)
    } else {
        cursor.skip_readable().map(|_| None)
    }
}

fn optional_number<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a str>, SyntaxError> {
    if cursor.null() { Ok(None) } else { cursor.number().map(Some) }
}

/// Whether the user identity is DynamoDB's own, which deletes expired items. Some emulators capitalise its members.
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
                dynamodb = value == r#""dynamodb.amazonaws.com""#
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(service && dynamodb)
}
