//! `debezium`: the envelope that readers of Debezium's connectors expect.

use std::fmt::Write;

use super::{Numbers, write_image};
use crate::{ChangeEvent, Operation, Timestamp};
use changefan_json::{write_optional_string, write_string};

pub(super) fn write(event: &ChangeEvent, numbers: Numbers, out: &mut String) {
    out.push_str(r#"{"before":"#);
    write_image(event.old_image(), numbers, out);
    out.push_str(r#","after":"#);
    write_image(event.new_image(), numbers, out);
    out.push_str(r#","source":"#);
    write_source(event, numbers, out);
    out.push_str(r#","op":""#);
    out.push_str(match event.operation() {
        Operation::Insert => "c",
        Operation::Modify => "u",
        Operation::Remove => "d",
        Operation::Append | Operation::Read | Operation::Snapshot => "r",
    });
    out.push_str(r#"","ts_ms":"#);
    write_milliseconds(event.timestamp(), out);
    out.push('}');
}

/// Where the change comes from. What Debezium has no name for keeps the name that it has in `json`.
fn write_source(event: &ChangeEvent, numbers: Numbers, out: &mut String) {
    out.push_str(r#"{"connector":"#);
    write_string(event.source().as_str(), out);
    out.push_str(r#","ts_ms":"#);
    write_milliseconds(event.timestamp(), out);
    out.push_str(r#","table":"#);
    write_optional_string(event.table(), out);
    out.push_str(r#","sequence":"#);
    write_optional_string(event.sequence_number(), out);
    out.push_str(r#","event_id":"#);
    write_string(event.event_id(), out);
    out.push_str(r#","region":"#);
    write_optional_string(event.region(), out);
    out.push_str(r#","actor":"#);
    write_string(event.actor().as_str(), out);
    out.push_str(r#","keys":"#);
    write_image(event.keys().or(Some("{}")), numbers, out);
    out.push('}');
}

fn write_milliseconds(timestamp: Option<Timestamp>, out: &mut String) {
    match timestamp {
        // Writing to a String cannot fail.
        Some(timestamp) => drop(write!(out, "{}", timestamp.milliseconds())),
        None => out.push_str("null"),
    }
}
