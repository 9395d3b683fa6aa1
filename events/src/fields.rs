//! The members of a record that decoding needs, in whatever order they come.

use crate::buffer::Buffer;
use crate::changed::write_changed;
use crate::event::ImageSpans;
use crate::plain;
use crate::scanner::{Scanner, Stop};

/// A record of either source, nested or flat. Members that are missing or null are `None`.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a> {
    pub event_id: Option<&'a str>,
    pub event_name: Option<&'a str>,
    pub event_source: Option<&'a str>,
    pub region: Option<&'a str>,
    pub arn: Option<&'a str>,
    pub table_name: Option<&'a str>,
    pub by_ttl: bool,
    pub dynamodb: Option<Change<'a>>,
    pub kinesis: Kinesis<'a>,
}

/// The `dynamodb` member of a record.
#[derive(Debug, Default)]
pub(crate) struct Change<'a> {
    pub created: Option<&'a str>,
    pub precision: Option<&'a str>,
    pub sequence_number: Option<&'a str>,
    pub images: ImageSpans,
}

/// The `kinesis` member of a mapping's record; Pipes puts the same members beside the others.
#[derive(Debug, Default)]
pub(crate) struct Kinesis<'a> {
    pub data: Option<&'a str>,
    pub sequence_number: Option<&'a str>,
    pub partition_key: Option<&'a str>,
    pub arrival: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// Reads a whole record and appends its images to `images` as plain JSON.
    pub fn read(scanner: &mut Scanner<'a>, images: &mut Buffer) -> Result<Self, Stop> {
        let mut fields = Fields::default();
        let mut nested = None;
        scanner.object(|scanner, name| {
            match name {
                "eventID" => fields.event_id = optional_string(scanner)?,
                "eventName" => fields.event_name = optional_string(scanner)?,
                "eventSource" => fields.event_source = optional_string(scanner)?,
                "awsRegion" => fields.region = optional_string(scanner)?,
                "eventSourceARN" => fields.arn = optional_string(scanner)?,
                "tableName" => fields.table_name = optional_string(scanner)?,
                "userIdentity" => fields.by_ttl = is_ttl(scanner)?,
                "dynamodb" => {
                    fields.dynamodb = if scanner.null() { None } else { Some(Change::read(scanner, images)?) };
                }
                "kinesis" => nested = if scanner.null() { None } else { Some(Kinesis::read(scanner)?) },
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
    fn read(scanner: &mut Scanner<'a>, images: &mut Buffer) -> Result<Self, Stop> {
        let mut change = Change::default();
        let (mut old, mut new): (Option<Vec<_>>, Option<Vec<_>>) = (None, None);
        scanner.object(|scanner, name| {
            match name {
                "ApproximateCreationDateTime" => change.created = optional_number(scanner)?,
                "ApproximateCreationDateTimePrecision" => change.precision = optional_string(scanner)?,
                "SequenceNumber" => change.sequence_number = optional_string(scanner)?,
                "Keys" => (change.images.keys, _) = optional_image(scanner, images, &None)?,
                "OldImage" => (change.images.old, old) = optional_image(scanner, images, &new)?,
                "NewImage" => (change.images.new, new) = optional_image(scanner, images, &old)?,
                _ => drop(scanner.skip_readable()?),
            }
            Ok(())
        })?;
        if let (Some(old), Some(new)) = (old, new) {
            let start = images.len();
            write_changed(&old, &new, images);
            change.images.changed = Some(start..images.len());
        }
        Ok(change)
    }
}

impl<'a> Kinesis<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Result<Self, Stop> {
        let mut kinesis = Kinesis::default();
        scanner.object(|scanner, name| kinesis.member(scanner, name))?;
        Ok(kinesis)
    }

    fn member(&mut self, scanner: &mut Scanner<'a>, name: &str) -> Result<(), Stop> {
        match name {
            "data" => self.data = string_or_nothing(scanner)?,
            "sequenceNumber" => self.sequence_number = string_or_nothing(scanner)?,
            "partitionKey" => self.partition_key = string_or_nothing(scanner)?,
            "approximateArrivalTimestamp" => self.arrival = optional_number(scanner)?,
            _ => drop(scanner.skip_readable()?),
        }
        Ok(())
    }
}

type Image<'a> = (Option<std::ops::Range<usize>>, Option<Vec<plain::Attribute<'a>>>);

fn optional_image<'a>(
    scanner: &mut Scanner<'a>,
    images: &mut Buffer,
    other: &Option<Vec<plain::Attribute<'a>>>,
) -> Result<Image<'a>, Stop> {
    if scanner.null() {
        return Ok((None, None));
    }
    let start = images.len();
    let attributes = plain::image(scanner, images, other.as_deref().unwrap_or_default())?;
    Ok((Some(start..images.len()), Some(attributes)))
}

fn optional_string<'a>(scanner: &mut Scanner<'a>) -> Result<Option<&'a str>, Stop> {
    if scanner.null() { Ok(None) } else { scanner.string().map(Some) }
}

/// A value of another type is passed over: a record that is not Kinesis's may have members of these names.
fn string_or_nothing<'a>(scanner: &mut Scanner<'a>) -> Result<Option<&'a str>, Stop> {
    if scanner.peek() == Some(b'"') { scanner.string().map(Some) } else { scanner.skip_readable().map(|_| None) }
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
            "type" | "Type" => service = value == r#""Service""#,
            "principalId" | "PrincipalId" | "PrincipalID" => dynamodb = value == r#""dynamodb.amazonaws.com""#,
            _ => {}
        }
        Ok(())
    })?;
    Ok(service && dynamodb)
}
