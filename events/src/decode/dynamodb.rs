//! Records of DynamoDB's own: from its stream, or inside the data of a Kinesis record.

use std::sync::Arc;

use crate::arena::BatchTextBuilder;
use crate::decode::raw_record::{RawChange, RawRecord};
use crate::error::DecodeReason;
use crate::event::{Actor, ChangeEvent, Operation, Source};
use crate::timestamp::{Timestamp, Unit};
use changefan_json::JsonStr;

/// Makes a change event of a record's members. `record` is the text that they were read from.
pub(crate) fn decode(
    record: &str,
    part: &'static str,
    position: usize,
    fields: RawRecord<'_>,
    writer: &mut BatchTextBuilder,
) -> Result<ChangeEvent, DecodeReason> {
    let Some(change) = fields.dynamodb else {
        return Err(DecodeReason::Missing { part, name: "dynamodb" });
    };
    let operation = operation(part, fields.event_name)?;
    let event_id = fields.event_id.or(change.sequence_number);
    Ok(ChangeEvent {
        ordinal: 0,
        position,
        event_id: writer.string(event_id.ok_or(DecodeReason::Missing { part, name: "eventID" })?),
        operation,
        source: Source::DynamoDb,
        actor: if fields.by_ttl && operation == Operation::Remove {
            Actor::Ttl
        } else {
            Actor::User
        },
        table: match fields.table_name {
            Some(name) => writer.string(name),
            None => writer.resource(fields.arn, "table/"),
        },
        region: writer.optional_string(fields.region),
        sequence_number: writer.optional_string(change.sequence_number),
        timestamp: timestamp(&change, fields.table_name.is_some())?,
        record: writer.text(record),
        images: change.images,
        texts: Arc::clone(&writer.texts),
    })
}

fn operation(part: &'static str, name: Option<JsonStr<'_>>) -> Result<Operation, DecodeReason> {
    let name = name.ok_or(DecodeReason::Missing { part, name: "eventName" })?;
    match name.resolve_bytes().as_ref() {
        b"INSERT" => Ok(Operation::Insert),
        b"MODIFY" => Ok(Operation::Modify),
        b"REMOVE" => Ok(Operation::Remove),
        _ => Err(DecodeReason::UnknownOperation(DecodeReason::found(&name.resolve()))),
    }
}

/// DynamoDB's Kinesis destination, which alone names the table, counts milliseconds unless it says microseconds.
fn timestamp(change: &RawChange<'_>, for_kinesis: bool) -> Result<Option<Timestamp>, DecodeReason> {
    let unit = match change.precision.map(|precision| precision.bytes()) {
        Some(b"MICROSECOND") => Some(Unit::Microsecond),
        Some(b"MILLISECOND") => Some(Unit::Millisecond),
        _ if for_kinesis => Some(Unit::Millisecond),
        _ => None,
    };
    read_time(change.created, unit)
}

/// A time that may be missing but not unreadable.
pub(crate) fn read_time(
    number: Option<&str>,
    unit: Option<Unit>,
) -> Result<Option<Timestamp>, DecodeReason> {
    number.map(|number| Timestamp::parse(number, unit).ok_or(DecodeReason::Time)).transpose()
}
