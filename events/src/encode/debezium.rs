//! `debezium`: the change event that readers of Debezium's connectors expect, as its connectors'
//! documentation describes it for version 3.

use std::fmt::Write;

use super::{Numbers, write_image};
use crate::{ChangeEvent, Operation};
use changefan_json::{Append, write_optional_string, write_string};

pub(super) fn write(event: &ChangeEvent, numbers: Numbers, out: &mut impl Append) {
    out.append(r#"{"before":"#);
    write_image(event, event.images.old, "null", numbers, out);
    out.append(r#","after":"#);
    write_image(event, event.images.new, "null", numbers, out);
    out.append(r#","source":"#);
    write_source(event, numbers, out);
    out.append(r#","op":""#);
    out.append(match event.operation() {
        Operation::Insert => "c",
        Operation::Modify => "u",
        Operation::Remove => "d",
        Operation::Read => "r",
        Operation::Append | Operation::Snapshot => "m",
    });
    out.append(r#"","ts_ms":"#);
    write_number(Times::of(event).milliseconds, out);
    out.append(r#","ts_us":"#);
    write_number(Times::of(event).microseconds, out);
    out.append(r#","ts_ns":"#);
    write_number(Times::of(event).nanoseconds, out);
    out.append("}");
}

/// Where the change comes from: first Debezium's members, then those of `json` that it has no name
/// for.
fn write_source(event: &ChangeEvent, numbers: Numbers, out: &mut impl Append) {
    out.append(concat!(r#"{"version":""#, env!("CARGO_PKG_VERSION"), r#"","connector":"#));
    write_string(event.source().as_str(), out);
    // Debezium names a table by `name`, `db` and `table`. Tables are unique within an account and a
    // region.
    out.append(r#","name":"#);
    write_string(event.account().unwrap_or_default(), out);
    out.append(r#","ts_ms":"#);
    write_number(Times::of(event).milliseconds, out);
    out.append(r#","snapshot":"#);
    out.append(match event.operation() {
        Operation::Read | Operation::Snapshot => r#""true""#,
        _ => r#""false""#,
    });
    out.append(r#","db":"#);
    write_string(event.region().unwrap_or_default(), out);
    out.append(r#","sequence":"#);
    write_optional_string(sequence(event).as_deref(), out);
    out.append(r#","ts_us":"#);
    write_number(Times::of(event).microseconds, out);
    out.append(r#","ts_ns":"#);
    write_number(Times::of(event).nanoseconds, out);
    out.append(r#","table":"#);
    write_optional_string(event.table(), out);
    out.append(r#","event_id":"#);
    write_string(event.event_id(), out);
    out.append(r#","region":"#);
    write_optional_string(event.region(), out);
    out.append(r#","account":"#);
    write_optional_string(event.account(), out);
    out.append(r#","actor":"#);
    write_string(event.actor().as_str(), out);
    out.append(r#","keys":"#);
    write_image(event, event.images.keys, "{}", numbers, out);
    out.append("}");
}

/// A JSON array of texts, as text: the sequence number, and the index in an aggregate.
fn sequence(event: &ChangeEvent) -> Option<String> {
    let mut sequence = "[".to_owned();
    write_string(event.sequence_number()?, &mut sequence);
    if let Some(index) = event.sub_record() {
        write!(sequence, ",\"{index}\"").expect("writing to a String succeeds");
    }
    sequence.push(']');
    Some(sequence)
}

/// The time of the change in Debezium's three units, each of which is a signed number of 64 bits.
#[derive(Default)]
struct Times {
    milliseconds: Option<i64>,
    microseconds: Option<i64>,
    /// `None` also from the year 2262 on.
    nanoseconds: Option<i64>,
}

impl Times {
    fn of(event: &ChangeEvent) -> Self {
        event.timestamp().map_or(Self::default(), |time| Self {
            milliseconds: Some(time.milliseconds()),
            microseconds: Some(time.microseconds()),
            nanoseconds: time.microseconds().checked_mul(1000),
        })
    }
}

fn write_number(number: Option<i64>, out: &mut impl Append) {
    match number {
        Some(number) => out.append(&number.to_string()),
        None => out.append("null"),
    }
}
