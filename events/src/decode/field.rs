//! The members of records that decoding reads, by name.

use changefan_json::{Cursor, JsonStr, SyntaxError};

use super::raw_record::{RawChange, RawRecord};
use crate::arena::BatchTextBuilder;

/// A member that decoding needs, or one that differs from record to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    EventId,
    EventName,
    EventSource,
    Region,
    Arn,
    TableName,
    Created,
    Precision,
    SequenceNumber,
    SizeBytes,
    Keys,
    OldImage,
    NewImage,
    Data,
    RecordSequenceNumber,
    PartitionKey,
    Arrival,
    /// Any other member, which is skipped.
    Other,
}

/// The members of the object `dynamodb`.
pub(super) const OF_CHANGE: [Field; 7] = [
    Field::Created,
    Field::Precision,
    Field::SequenceNumber,
    Field::SizeBytes,
    Field::Keys,
    Field::OldImage,
    Field::NewImage,
];

/// The members of the object `kinesis`.
pub(super) const OF_KINESIS: [Field; 4] =
    [Field::Data, Field::RecordSequenceNumber, Field::PartitionKey, Field::Arrival];

impl Field {
    /// A member of a record.
    pub(super) fn of_record(name: &[u8]) -> Self {
        match name {
            b"eventID" => Self::EventId,
            b"eventName" => Self::EventName,
            b"eventSource" => Self::EventSource,
            b"awsRegion" => Self::Region,
            b"eventSourceARN" => Self::Arn,
            b"tableName" => Self::TableName,
            _ => Self::of_kinesis(name),
        }
    }

    /// A member of the object `dynamodb`.
    pub(super) fn of_change(name: &[u8]) -> Self {
        match name {
            b"ApproximateCreationDateTime" => Self::Created,
            b"ApproximateCreationDateTimePrecision" => Self::Precision,
            b"SequenceNumber" => Self::SequenceNumber,
            b"SizeBytes" => Self::SizeBytes,
            b"Keys" => Self::Keys,
            b"OldImage" => Self::OldImage,
            b"NewImage" => Self::NewImage,
            _ => Self::Other,
        }
    }

    /// A member of the object `kinesis`.
    pub(super) fn of_kinesis(name: &[u8]) -> Self {
        match name {
            b"data" => Self::Data,
            b"sequenceNumber" => Self::RecordSequenceNumber,
            b"partitionKey" => Self::PartitionKey,
            b"approximateArrivalTimestamp" => Self::Arrival,
            _ => Self::Other,
        }
    }

    /// Whether the records of a stream mostly have different values.
    pub(super) fn varies(self) -> bool {
        match self {
            Self::EventName
            | Self::EventSource
            | Self::Region
            | Self::Arn
            | Self::TableName
            | Self::Precision
            | Self::Other => false,
            Self::EventId
            | Self::Created
            | Self::SequenceNumber
            | Self::SizeBytes
            | Self::Keys
            | Self::OldImage
            | Self::NewImage
            | Self::Data
            | Self::RecordSequenceNumber
            | Self::PartitionKey
            | Self::Arrival => true,
        }
    }

    /// Reads the member's value at the cursor.
    #[inline]
    pub(super) fn read<'a>(
        self,
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
        record: &mut RawRecord<'a>,
    ) -> Result<(), SyntaxError> {
        let RawRecord { kinesis, dynamodb, .. } = record;
        match self {
            Self::EventId => record.event_id = optional_string(cursor)?,
            Self::Created => change(dynamodb).created = optional_number(cursor)?,
            Self::SequenceNumber => change(dynamodb).sequence_number = optional_string(cursor)?,
            Self::Keys | Self::OldImage | Self::NewImage => {
                change(dynamodb).images.read(self, cursor, text)?;
            }
            Self::Data => kinesis.data = string_or_none(cursor)?,
            Self::RecordSequenceNumber => kinesis.sequence_number = string_or_none(cursor)?,
            Self::PartitionKey => kinesis.partition_key = string_or_none(cursor)?,
            Self::Arrival => kinesis.arrival = optional_number(cursor)?,
            Self::SizeBytes if cursor.at_digit() => drop(cursor.number()?),
            Self::SizeBytes | Self::Other => drop(cursor.skip_readable()?),
            Self::EventName
            | Self::EventSource
            | Self::Region
            | Self::Arn
            | Self::TableName
            | Self::Precision => self.set(optional_string(cursor)?, record),
        }
        Ok(())
    }

    /// Sets a string that does not vary.
    pub(super) fn set<'a>(self, string: Option<JsonStr<'a>>, record: &mut RawRecord<'a>) {
        match self {
            Self::EventName => record.event_name = string,
            Self::EventSource => record.event_source = string,
            Self::Region => record.region = string,
            Self::Arn => record.arn = string,
            Self::TableName => record.table_name = string,
            Self::Precision => change(&mut record.dynamodb).precision = string,
            _ => unreachable!("{self:?} varies, or is skipped"),
        }
    }
}

fn change<'r, 'a>(change: &'r mut Option<RawChange<'a>>) -> &'r mut RawChange<'a> {
    change.get_or_insert_default()
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

fn optional_number<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a [u8]>, SyntaxError> {
    if cursor.null() { Ok(None) } else { cursor.number().map(Some) }
}
