//! The members of a record that decoding needs, in whatever order they come.

use crate::changed::write_changed;
use crate::event::Images;
use crate::plain;
use crate::scanner::{Raw, Scanner, Stop};
use crate::texts::{Span, Writer};

/// A record of either source, nested or flat. Members that are missing or null are `None`.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a> {
    pub event_id: Option<Raw<'a>>,
    pub event_name: Option<Raw<'a>>,
    pub event_source: Option<Raw<'a>>,
    pub region: Option<Raw<'a>>,
    pub arn: Option<Raw<'a>>,
    pub table_name: Option<Raw<'a>>,
    pub by_ttl: bool,
    pub dynamodb: Option<Change<'a>>,
    pub kinesis: Kinesis<'a>,
}

/// The `dynamodb` member of a record.
#[derive(Debug, Default)]
pub(crate) struct Change<'a> {
    pub created: Option<&'a str>,
    pub precision: Option<Raw<'a>>,
    pub sequence_number: Option<Raw<'a>>,
    pub images: Images,
}

/// The `kinesis` member of a mapping's record; Pipes puts the same members beside the others.
#[derive(Debug, Default)]
pub(crate) struct Kinesis<'a> {
    pub data: Option<Raw<'a>>,
    pub sequence_number: Option<Raw<'a>>,
    pub partition_key: Option<Raw<'a>>,
    pub arrival: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// Reads a whole record and writes its images as plain JSON.
    pub fn read(scanner: &mut Scanner<'a>, writer: &mut Writer) -> Result<Self, Stop> {
        let mut fields = Fields::default();
        let mut nested = None;
        scanner.object(|scanner, name| {
            match name {
                b"eventID" => fields.event_id = optional_string(scanner)?,
                b"eventName" => fields.event_name = optional_string(scanner)?,
                b"eventSource" => fields.event_source = optional_string(scanner)?,
                b"awsRegion" => fields.region = optional_string(scanner)?,
                b"eventSourceARN" => fields.arn = optional_string(scanner)?,
                b"tableName" => fields.table_name = optional_string(scanner)?,
                b"userIdentity" => fields.by_ttl = is_ttl(scanner)?,
                b"dynamodb" => {
                    fields.dynamodb =
                        if scanner.null() { None } else { Some(Change::read(scanner, writer)?) };
                }
                b"kinesis" => {
                    nested = if scanner.null() { None } else { Some(Kinesis::read(scanner)?) }
                }
                _ => fields.kinesis.member(scanner, name)?,
            }
            Ok(())
        })?;
        // Beside a nested object, members of the same names mean something else.
        fields.kinesis = nested.unwrap_or(fields.kinesis);
        Ok(fields)
    }
}

impl<'a> Change<'a> {
    fn read(scanner: &mut Scanner<'a>, writer: &mut Writer) -> Result<Self, Stop> {
        let mut change = Change::default();
        writer.old.clear();
        writer.new.clear();
        scanner.object(|scanner, name| {
            match name {
                b"ApproximateCreationDateTime" => change.created = optional_number(scanner)?,
                b"ApproximateCreationDateTimePrecision" => {
                    change.precision = optional_string(scanner)?
                }
                b"SequenceNumber" => change.sequence_number = optional_string(scanner)?,
                b"Keys" | b"OldImage" | b"NewImage" => change.images.read(name, scanner, writer)?,
                _ => scanner.pass_readable()?,
            }
            Ok(())
        })?;
        if change.images.old != Span::NONE && change.images.new != Span::NONE {
            let start = writer.out.len();
            write_changed(scanner.text(), &writer.old, &writer.new, &mut writer.out);
            change.images.changed = writer.since(start);
        }
        Ok(change)
    }
}

impl Images {
    fn read(
        &mut self,
        name: &[u8],
        scanner: &mut Scanner<'_>,
        writer: &mut Writer,
    ) -> Result<(), Stop> {
        let start = writer.out.len();
        let null = scanner.null();
        let Writer { out, old, new, keys, .. } = writer;
        let (image, other, attributes) = match name {
            b"OldImage" => (&mut self.old, &*new, old),
            b"NewImage" => (&mut self.new, &*old, new),
            _ => (&mut self.keys, &Vec::new(), keys),
        };
        if !null {
            plain::image(scanner, out, other, attributes)?;
        }
        *image = if null { Span::NONE } else { writer.since(start) };
        Ok(())
    }
}

impl<'a> Kinesis<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Result<Self, Stop> {
        let mut kinesis = Kinesis::default();
        scanner.object(|scanner, name| kinesis.member(scanner, name))?;
        Ok(kinesis)
    }

    fn member(&mut self, scanner: &mut Scanner<'a>, name: &[u8]) -> Result<(), Stop> {
        match name {
            b"data" => self.data = string_or_nothing(scanner)?,
            b"sequenceNumber" => self.sequence_number = string_or_nothing(scanner)?,
            b"partitionKey" => self.partition_key = string_or_nothing(scanner)?,
            b"approximateArrivalTimestamp" => self.arrival = optional_number(scanner)?,
            _ => scanner.pass_readable()?,
        }
        Ok(())
    }
}

fn optional_string<'a>(scanner: &mut Scanner<'a>) -> Result<Option<Raw<'a>>, Stop> {
    if scanner.null() { Ok(None) } else { scanner.string().map(Some) }
}

/// A value of another type is passed over: a record that is not Kinesis's may have members of these names.
fn string_or_nothing<'a>(scanner: &mut Scanner<'a>) -> Result<Option<Raw<'a>>, Stop> {
    if scanner.peek() == Some(b'"') {
        scanner.string().map(Some)
    } else {
        scanner.skip_readable().map(|_| None)
    }
}

fn optional_number<'a>(scanner: &mut Scanner<'a>) -> Result<Option<&'a str>, Stop> {
    if scanner.null() { Ok(None) } else { scanner.number().map(Some) }
}

/// Whether the user identity is DynamoDB's own, which deletes expired items. Some emulators capitalise its members.
fn is_ttl(scanner: &mut Scanner<'_>) -> Result<bool, Stop> {
    let (mut service, mut dynamodb) = (false, false);
    if scanner.null() {
        return Ok(false);
    }
    scanner.object(|scanner, name| {
        let value = scanner.skip_readable()?;
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
