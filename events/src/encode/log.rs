//! `log`: a structured log entry around the stream record.

use changefan_json::{Append, write_line};

use super::kept::Kept;
use crate::ChangeEvent;

pub(super) fn write(event: &ChangeEvent, kept: &mut Kept, out: &mut impl Append) {
    out.append(r#"{"log_code":"DynamoDBStreamRecord","log_msg":"Events from the DynamoDB Table","#);
    out.append(r#""log_level":"INFO","log_keys":{"record":"#);
    write_line(&event.record_bytes(), out);
    out.append(r#"},"log_timestamp":"#);
    match event.timestamp() {
        // The time of the change, not the clock's: an event that is sent again makes the same
        // entry.
        Some(time) => {
            out.append("\"");
            kept.last_time.text(time).write_date_and_time(out);
            out.append("\"");
        }
        None => out.append("null"),
    }
    out.append("}");
}
