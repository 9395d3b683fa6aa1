//! `dynamodb-json`: the stream record as it was delivered.

use crate::ChangeEvent;
use changefan_json::{Append, write_line};

pub(super) fn write(event: &ChangeEvent, out: &mut impl Append) {
    write_line(&event.record_bytes(), out);
}
