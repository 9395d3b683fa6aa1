//! `log`: a structured log entry around the stream record.

use crate::ChangeEvent;
use changefan_json::write_line;

pub(super) fn write(event: &ChangeEvent, out: &mut String) {
    out.push_str(
        r#"{"log_code":"DynamoDBStreamRecord","log_msg":"Events from the DynamoDB Table","#,
    );
    out.push_str(r#""log_level":"INFO","log_keys":{"record":"#);
    write_line(&event.record(), out);
    out.push_str(r#"},"log_timestamp":"#);
    match event.timestamp() {
        // The time of the change, not the clock's: an event that is sent again makes the same
        // entry.
        Some(timestamp) => {
            out.push('"');
            timestamp.write_date_and_time(out);
            out.push('"');
        }
        None => out.push_str("null"),
    }
    out.push('}');
}
