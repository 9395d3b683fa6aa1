//! Records of DynamoDB's own: from its stream, or inside the data of a Kinesis record.

use std::sync::Arc;

use super::constants::Constants;
use super::raw_record::RawRecord;
use crate::arena::BatchTextBuilder;
use crate::error::DecodeReason;
use crate::event::{ChangeEvent, Record};
use crate::timestamp::{Timestamp, Unit};
use crate::{Actor, Operation, Source};

/// Makes a change event of a record's members. `record` is the text that they were read from.
pub(crate) fn decode(
    record: &[u8],
    part: &'static str,
    position: usize,
    raw: &RawRecord<'_>,
    text: &mut BatchTextBuilder,
) -> Result<ChangeEvent, DecodeReason> {
    let Some(change) = &raw.dynamodb else {
        return Err(DecodeReason::Missing { part, name: "dynamodb" });
    };
    let constants = Constants::of(raw, part, text)?;
    let Constants { operation, table, unit } = constants;
    let event_id = raw.event_id.or(change.sequence_number);
    let event_id = event_id.ok_or(DecodeReason::Missing { part, name: "eventID" })?;
    Ok(ChangeEvent {
        ordinal: 0,
        position,
        event_id: text.string(event_id),
        operation,
        source: Source::DynamoDb,
        actor: if raw.by_ttl && operation == Operation::Remove { Actor::Ttl } else { Actor::User },
        has_embedded_metrics: raw.has_embedded_metrics,
        table,
        sequence_number: text.optional_string(change.sequence_number),
        timestamp: read_time(change.created, unit, text)?,
        record: Record::Text(text.text(record)),
        sub_record: None,
        images: change.images,
        texts: Arc::clone(&text.texts),
    })
}

/// A time that may be missing but not unreadable.
pub(crate) fn read_time(
    number: Option<&[u8]>,
    unit: Option<Unit>,
    text: &mut BatchTextBuilder,
) -> Result<Option<Timestamp>, DecodeReason> {
    number.map(|number| text.time(number, unit).ok_or(DecodeReason::Time)).transpose()
}
