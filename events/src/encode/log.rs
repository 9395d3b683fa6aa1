//! `log`: a structured log entry around the stream record.

use crate::ChangeEvent;
use changefan_json::{Append, write_line};

pub(super) fn write(event: &ChangeEvent, out: &mut impl Append) {
    out.append(r#"{"log_code":"DynamoDBStreamRecord","log_msg":"Events from the DynamoDB Table","#);
    out.append(r#""log_level":"INFO","log_keys":{"record":"#);
    write_line(&event.record(), out);
    out.append(r#"},"log_timestamp":"#);
    match event.timestamp() {
        // The time of the change, not the clock's: an event that is sent again makes the same
        // entry.
        Some(time) => {
            out.append("\"");
            event.texts.time(time).write_date_and_time(out);
            out.append("\"");
        }
        None => out.append("null"),
    }
    out.append("}");
}
