//! `dynamodb-json`: the stream record as it was delivered.

use crate::ChangeEvent;
use changefan_json::write_line;

pub(super) fn write(event: &ChangeEvent, out: &mut String) {
    write_line(&event.record(), out);
}
