//! Records of DynamoDB's own: from its stream, or inside the data of a Kinesis record.

use std::sync::Arc;

use changefan_json::JsonStr;

use super::raw_record::{RawChange, RawRecord};
use crate::arena::BatchTextBuilder;
use crate::error::DecodeReason;
use crate::event::{ChangeEvent, Record};
use crate::timestamp::{Timestamp, Unit};
use crate::{Actor, Operation, Source};

/// Makes a change event of a record's members. `record` is the text that they were read from.
pub(crate) fn decode(
    record: &str,
    part: &'static str,
    position: usize,
    raw: &RawRecord<'_>,
    text: &mut BatchTextBuilder,
) -> Result<ChangeEvent, DecodeReason> {
    let Some(change) = &raw.dynamodb else {
        return Err(DecodeReason::Missing { part, name: "dynamodb" });
    };
    let operation = read_operation(part, raw.event_name)?;
    let event_id = raw.event_id.or(change.sequence_number);
    let event_id = event_id.ok_or(DecodeReason::Missing { part, name: "eventID" })?;
    let arn = text.arn(raw.arn, "table/");
    Ok(ChangeEvent {
        ordinal: 0,
        position,
        event_id: text.string(event_id),
        operation,
        source: Source::DynamoDb,
        actor: if raw.by_ttl && operation == Operation::Remove { Actor::Ttl } else { Actor::User },
        has_embedded_metrics: raw.has_embedded_metrics,
        account: arn.account,
        region: text.optional_string(raw.region).or(arn.region),
        table: text.optional_string(raw.table_name).or(arn.name),
        stream_label: arn.label,
        sequence_number: text.optional_string(change.sequence_number),
        timestamp: timestamp(change, raw.table_name.is_some(), text)?,
        record: Record::Text(text.text(record)),
        sub_record: None,
        images: change.images,
        texts: Arc::clone(&text.texts),
    })
}

fn read_operation(
    part: &'static str,
    name: Option<JsonStr<'_>>,
) -> Result<Operation, DecodeReason> {
    let name = name.ok_or(DecodeReason::Missing { part, name: "eventName" })?;
    match name.resolve_bytes().as_ref() {
        b"INSERT" => Ok(Operation::Insert),
        b"MODIFY" => Ok(Operation::Modify),
        b"REMOVE" => Ok(Operation::Remove),
        _ => Err(DecodeReason::UnknownOperation { length: name.resolve_bytes().len() }),
    }
}

/// DynamoDB's Kinesis destination, which alone names the table, counts milliseconds unless it says
/// microseconds.
fn timestamp(
    change: &RawChange<'_>,
    for_kinesis: bool,
    text: &mut BatchTextBuilder,
) -> Result<Option<Timestamp>, DecodeReason> {
    let unit = match change.precision.map(|precision| precision.bytes()) {
        Some(b"MICROSECOND") => Some(Unit::Microsecond),
        Some(b"MILLISECOND") => Some(Unit::Millisecond),
        _ if for_kinesis => Some(Unit::Millisecond),
        _ => None,
    };
    read_time(change.created, unit, text)
}

/// A time that may be missing but not unreadable.
pub(crate) fn read_time(
    number: Option<&str>,
    unit: Option<Unit>,
    text: &mut BatchTextBuilder,
) -> Result<Option<Timestamp>, DecodeReason> {
    number.map(|number| text.time(number, unit).ok_or(DecodeReason::Time)).transpose()
}
