//! What identifies a change, and what orders the changes of an item.

use changefan_json::Output;

use crate::timestamp::TimeText;
use crate::{ChangeEvent, Operation, Source};

/// The width of a sequence number in a version: Kinesis's have 56 digits, DynamoDB's up to 40.
const WIDTH: usize = 60;

/// Short parts of it are copied as one block.
const ZEROS: &[u8] = &[b'0'; 2 * WIDTH];

/// Appends the end of a change id, which follows account, region and table. The whole is equal for
/// every copy of a change, and distinct otherwise. A part that is missing is empty.
pub(super) fn write_change_id(event: &ChangeEvent, time: Option<TimeText>, out: &mut Output) {
    event.texts.write_escaped(event.event_id, out);
    match (event.operation(), event.source()) {
        (Operation::Append | Operation::Read | Operation::Snapshot, _) | (_, Source::Export) => {}
        (_, Source::DynamoDb) => {
            out.push(b'/');
            event.texts.write_escaped(event.sequence_number, out);
        }
        // DynamoDB may put a change into the stream twice, under two sequence numbers.
        (_, Source::Kinesis) => {
            out.push(b'/');
            push_time(time, out);
        }
    }
}

/// Appends the content of `version`, which sorts as text in the order of an item's changes.
pub(super) fn write_version(event: &ChangeEvent, time: Option<TimeText>, out: &mut Output) {
    match (event.operation(), event.source()) {
        (Operation::Read | Operation::Snapshot, _) | (_, Source::Export) => out.push(b'0'),
        (_, Source::DynamoDb) => {
            event.texts.write_escaped(event.table_spans().stream_label, out);
            out.push(b'|');
            write_sequence_number(event, out);
        }
        (_, Source::Kinesis) => {
            push_time(time, out);
            out.push(b'|');
            write_sequence_number(event, out);
            out.push(b'|');
            // Ten digits: all that a `u32` holds.
            out.push_str(&format!("{:010}", event.sub_record().unwrap_or_default()));
        }
    }
}

fn push_time(time: Option<TimeText>, out: &mut Output) {
    if let Some(time) = time {
        out.push_array(time.as_bytes());
    }
}

/// With leading zeros, so that the order of the texts is the order of the numbers.
fn write_sequence_number(event: &ChangeEvent, out: &mut Output) {
    let zeros = WIDTH.saturating_sub(event.sequence_number.len());
    out.push_part(ZEROS, 0..zeros);
    event.texts.write_escaped(event.sequence_number, out);
}
