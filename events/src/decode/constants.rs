//! What the records of a stream have in common.

use changefan_json::JsonStr;

use super::raw_record::RawRecord;
use crate::Operation;
use crate::arena::{BatchTextBuilder, Table};
use crate::error::DecodeReason;
use crate::timestamp::Unit;

/// What the members of a change say that do not vary from record to record. Those that are kept are
/// of records whose source is `aws:dynamodb`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constants {
    pub operation: Operation,
    /// By [`BatchTextBuilder::table`].
    pub table: u32,
    /// The unit of the creation time.
    pub unit: Option<Unit>,
}

impl Constants {
    /// The constants of a change. They are read once for all records of a shape, which have the
    /// same texts.
    #[inline]
    pub(super) fn of(
        raw: &RawRecord<'_>,
        part: &'static str,
        text: &mut BatchTextBuilder,
    ) -> Result<Self, DecodeReason> {
        match raw.constants {
            Some(constants) => Ok(constants),
            None => Self::read(raw, part, text),
        }
    }

    fn read(
        raw: &RawRecord<'_>,
        part: &'static str,
        text: &mut BatchTextBuilder,
    ) -> Result<Self, DecodeReason> {
        let operation = read_operation(part, raw.event_name)?;
        let arn = text.arn(raw.arn, "table/");
        let table = Table {
            account: arn.account,
            region: match raw.region {
                // The same span for all shapes, which is quick to compare.
                Some(region) if text.is_same(arn.region, region.bytes()) => arn.region,
                region => text.optional_string(region).or(arn.region),
            },
            name: text.optional_string(raw.table_name).or(arn.name),
            stream_label: arn.label,
        };
        let unit = read_unit(raw);
        let constants = Self { operation, table: text.add_table(table), unit };
        // Written text may be removed with its record, so only parts of the payload are kept.
        let mut spans = table.spans().into_iter();
        if raw.has_shape && raw.is_change() && spans.all(|span| text.is_of_payload(span)) {
            text.shapes.keep_constants(constants);
        }
        Ok(constants)
    }
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
fn read_unit(raw: &RawRecord<'_>) -> Option<Unit> {
    let precision = raw.dynamodb.as_ref().and_then(|change| change.precision);
    match precision.map(|precision| precision.bytes()) {
        Some(b"MICROSECOND") => Some(Unit::Microsecond),
        Some(b"MILLISECOND") => Some(Unit::Millisecond),
        _ if raw.table_name.is_some() => Some(Unit::Millisecond),
        _ => None,
    }
}
