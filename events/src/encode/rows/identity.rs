//! What identifies a change, and what orders the changes of an item.

use changefan_json::write_escaped;

use crate::{ChangeEvent, Operation, Source};

/// The width of a sequence number in [`write_version`]: Kinesis's have 56 digits, DynamoDB's up to 40.
const SEQUENCE_NUMBER_WIDTH: usize = 60;

/// The width of an index in an aggregate: all that a `u32` holds.
const SUB_RECORD_WIDTH: usize = 10;

/// Appends the content of `change_id`: equal for every copy of a change, and distinct otherwise. A part that is missing is
/// empty.
pub(super) fn write_change_id(event: &ChangeEvent, out: &mut String) {
    for part in [event.account(), event.region(), event.table()] {
        write_part(part, out);
        out.push('/');
    }
    write_part(Some(event.event_id()), out);
    match (event.operation(), event.source()) {
        (Operation::Append | Operation::Read | Operation::Snapshot, _) | (_, Source::Export) => {}
        (_, Source::DynamoDb) => {
            out.push('/');
            write_part(event.sequence_number(), out);
        }
        // DynamoDB may put a change into the stream twice, under two sequence numbers.
        (_, Source::Kinesis) => {
            out.push('/');
            write_timestamp(event, out);
        }
    }
}

/// Appends the content of `version`, which sorts as text in the order of an item's changes.
pub(super) fn write_version(event: &ChangeEvent, out: &mut String) {
    match (event.operation(), event.source()) {
        (Operation::Read | Operation::Snapshot, _) | (_, Source::Export) => out.push('0'),
        (_, Source::DynamoDb) => {
            write_part(event.stream_label(), out);
            out.push('|');
            write_sequence_number(event, out);
        }
        (_, Source::Kinesis) => {
            write_timestamp(event, out);
            out.push('|');
            write_sequence_number(event, out);
            out.push('|');
            let index = event.sub_record().unwrap_or_default().to_string();
            write_padded(&index, SUB_RECORD_WIDTH, out);
        }
    }
}

fn write_part(part: Option<&str>, out: &mut String) {
    write_escaped(part.unwrap_or_default(), out);
}

fn write_timestamp(event: &ChangeEvent, out: &mut String) {
    if let Some(timestamp) = event.timestamp() {
        timestamp.write_sortable(out);
    }
}

fn write_sequence_number(event: &ChangeEvent, out: &mut String) {
    write_padded(event.sequence_number().unwrap_or_default(), SEQUENCE_NUMBER_WIDTH, out);
}

/// Appends a decimal number with leading zeros, so that the order of its texts is the order of its values.
fn write_padded(number: &str, width: usize, out: &mut String) {
    const ZEROS: &str = "000000000000000000000000000000000000000000000000000000000000";
    out.push_str(&ZEROS[..width.saturating_sub(number.len())]);
    write_escaped(number, out);
}
