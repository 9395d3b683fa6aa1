//! `json`: a flat envelope with plain images, the same for every source.

use changefan_json::Append;

use super::kept::{Kept, Origin};
use super::{Numbers, write_image};
use crate::ChangeEvent;

pub(super) fn write(event: &ChangeEvent, numbers: Numbers, kept: &mut Kept, out: &mut impl Append) {
    out.append(r#"{"event_id":"#);
    event.texts.write_string(event.event_id, out);
    out.append(r#","operation":""#);
    out.append(event.operation().as_str());
    out.append(&kept.json.of(event, write_origin).members);
    event.texts.write_string(event.sequence_number, out);
    out.append(r#","timestamp":"#);
    match event.timestamp() {
        Some(time) => {
            out.append("\"");
            kept.last_time.text(time).write_rfc3339(time.precision(), out);
            out.append("\"");
        }
        None => out.append("null"),
    }
    out.append(r#","actor":""#);
    out.append(event.actor().as_str());
    out.append(r#"","keys":"#);
    write_image(event, event.images.keys, "{}", numbers, out);
    out.append(r#","old":"#);
    write_image(event, event.images.old, "null", numbers, out);
    out.append(r#","new":"#);
    write_image(event, event.images.new, "null", numbers, out);
    out.append(r#","changed":"#);
    write_image(event, event.images.changed, "null", Numbers::Number, out);
    out.append("}");
}

/// Writes what is between the operation and the sequence number.
fn write_origin(event: &ChangeEvent, origin: &mut Origin) {
    let (table, out) = (event.table_spans(), &mut origin.members);
    out.append(r#"","account":"#);
    event.texts.write_string(table.account, out);
    out.append(r#","table":"#);
    event.texts.write_string(table.name, out);
    out.append(r#","region":"#);
    event.texts.write_string(table.region, out);
    out.append(r#","source":""#);
    out.append(event.source().as_str());
    out.append(r#"","sequence_number":"#);
}
