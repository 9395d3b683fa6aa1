//! `json`: a flat envelope with plain images, the same for every source.

use super::{Numbers, write_image};
use crate::ChangeEvent;
use changefan_json::Append;

pub(super) fn write(event: &ChangeEvent, numbers: Numbers, out: &mut impl Append) {
    out.append(r#"{"event_id":"#);
    event.texts.write_string(event.event_id, out);
    out.append(r#","operation":""#);
    out.append(event.operation().as_str());
    out.append(r#"","account":"#);
    event.texts.write_string(event.account, out);
    out.append(r#","table":"#);
    event.texts.write_string(event.table, out);
    out.append(r#","region":"#);
    event.texts.write_string(event.region, out);
    out.append(r#","source":""#);
    out.append(event.source().as_str());
    out.append(r#"","sequence_number":"#);
    event.texts.write_string(event.sequence_number, out);
    out.append(r#","timestamp":"#);
    match event.timestamp() {
        Some(time) => {
            out.append("\"");
            event.texts.time(time).write_rfc3339(time.precision(), out);
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
