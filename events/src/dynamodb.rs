//! Records of DynamoDB's own: from its stream, or inside the data of a Kinesis record.

use std::borrow::Cow;

use bytestring::ByteString;

use crate::error::DecodeReason;
use crate::event::{Actor, ChangeEvent, Images, Operation, Source};
use crate::fields::{Change, Fields};
use crate::scanner::unescape;
use crate::timestamp::{Timestamp, Unit};

/// Makes a change event of a record's members. `record` is the text that they were read from.
///
/// The images' text is filled in when the whole batch has been read.
pub(crate) fn decode(
    record: &ByteString,
    part: &'static str,
    position: usize,
    fields: Fields<'_>,
) -> Result<ChangeEvent, DecodeReason> {
    let Some(change) = fields.dynamodb else { return Err(DecodeReason::Missing { part, name: "dynamodb" }) };
    let operation = operation(part, fields.event_name)?;
    let event_id = fields.event_id.or(change.sequence_number);
    Ok(ChangeEvent {
        position,
        event_id: share(record, event_id.ok_or(DecodeReason::Missing { part, name: "eventID" })?),
        operation,
        source: Source::DynamoDb,
        actor: if fields.by_ttl && operation == Operation::Remove { Actor::Ttl } else { Actor::User },
        table: fields.table_name.map(|name| share(record, name)).or_else(|| resource(record, fields.arn?, "table/")),
        region: fields.region.map(|region| share(record, region)),
        sequence_number: change.sequence_number.map(|number| share(record, number)),
        timestamp: timestamp(&change, fields.table_name.is_some())?,
        record: record.clone(),
        images: Images { spans: change.images, ..Images::default() },
    })
}

fn operation(part: &'static str, name: Option<&str>) -> Result<Operation, DecodeReason> {
    let name = unescape(name.ok_or(DecodeReason::Missing { part, name: "eventName" })?);
    match name.as_ref() {
        "INSERT" => Ok(Operation::Insert),
        "MODIFY" => Ok(Operation::Modify),
        "REMOVE" => Ok(Operation::Remove),
        _ => Err(DecodeReason::UnknownOperation(DecodeReason::found(&name))),
    }
}

/// DynamoDB's Kinesis destination, which alone names the table, counts milliseconds unless it says microseconds.
fn timestamp(change: &Change<'_>, for_kinesis: bool) -> Result<Option<Timestamp>, DecodeReason> {
    let unit = match change.precision {
        Some("MICROSECOND") => Some(Unit::Microsecond),
        Some("MILLISECOND") => Some(Unit::Millisecond),
        _ if for_kinesis => Some(Unit::Millisecond),
        _ => None,
    };
    read_time(change.created, unit)
}

/// A time that may be missing but not unreadable.
pub(crate) fn read_time(number: Option<&str>, unit: Option<Unit>) -> Result<Option<Timestamp>, DecodeReason> {
    number.map(|number| Timestamp::parse(number, unit).ok_or(DecodeReason::Time)).transpose()
}

/// A string of `text` without copying it, unless it has escapes.
pub(crate) fn share(text: &ByteString, raw: &str) -> ByteString {
    match unescape(raw) {
        Cow::Borrowed(raw) => text.slice_ref(raw),
        Cow::Owned(string) => string.into(),
    }
}

/// The name of the table or stream in `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`.
pub(crate) fn resource(text: &ByteString, arn: &str, kind: &str) -> Option<ByteString> {
    let arn = share(text, arn);
    let resource = arn.splitn(6, ':').nth(5)?.strip_prefix(kind)?;
    let name = resource.split('/').next().filter(|name| !name.is_empty())?;
    Some(arn.slice_ref(name))
}
