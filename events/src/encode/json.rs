//! `json`: a flat envelope with plain images, the same for every source.

use super::{Numbers, write_image};
use crate::ChangeEvent;

pub(super) fn write(event: &ChangeEvent, numbers: Numbers, out: &mut String) {
    out.push_str(r#"{"event_id":"#);
    event.texts.write_string(event.event_id, out);
    out.push_str(r#","operation":""#);
    out.push_str(event.operation().as_str());
    out.push_str(r#"","account":"#);
    event.texts.write_string(event.account, out);
    out.push_str(r#","table":"#);
    event.texts.write_string(event.table, out);
    out.push_str(r#","region":"#);
    event.texts.write_string(event.region, out);
    out.push_str(r#","source":""#);
    out.push_str(event.source().as_str());
    out.push_str(r#"","sequence_number":"#);
    event.texts.write_string(event.sequence_number, out);
    out.push_str(r#","timestamp":"#);
    match event.timestamp() {
        Some(timestamp) => {
            out.push('"');
            timestamp.write_rfc3339(out);
            out.push('"');
        }
        None => out.push_str("null"),
    }
    out.push_str(r#","actor":""#);
    out.push_str(event.actor().as_str());
    out.push_str(r#"","keys":"#);
    write_image(event.keys().or(Some("{}")), numbers, out);
    out.push_str(r#","old":"#);
    write_image(event.old_image(), numbers, out);
    out.push_str(r#","new":"#);
    write_image(event.new_image(), numbers, out);
    out.push_str(r#","changed":"#);
    out.push_str(event.changed().unwrap_or("null"));
    out.push('}');
}
