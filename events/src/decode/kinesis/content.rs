//! The content of a Kinesis record as the image of an append.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changefan_json::{Cursor, write_line, write_string};

use crate::arena::{BatchTextBuilder, Span};
use crate::decode::sub_record::SubRecord;
use crate::error::DecodeReason;

/// The longest text of one record as a JSON string, in bytes. A record of 10 MiB, the largest that
/// Kinesis accepts (PutRecord), stays below it unless it consists of characters to escape.
const MAX_TEXT: usize = 10 * 1024 * 1024;

/// The content of a record or of a sub-record.
pub(super) struct Content<'a> {
    pub data: &'a [u8],
    /// As it was delivered, unless it was in an aggregate.
    pub base64: Option<Cow<'a, str>>,
    pub sub_record: Option<(usize, SubRecord)>,
}

impl Content<'_> {
    pub(super) fn sub_record_index(&self) -> Option<u32> {
        let (index, _) = self.sub_record?;
        Some(u32::try_from(index).expect("a payload is below 4 GiB"))
    }

    /// Writes the JSON object that was put, or its text, or its base64 when it is not UTF-8.
    pub(super) fn write(&self, data: Option<&str>, text: &mut BatchTextBuilder) -> Span {
        let (start, out) = (text.out.len(), &mut text.out);
        match data {
            Some(data) if is_object(data) => write_line(data.trim_ascii().as_bytes(), out),
            Some(data) => {
                out.push_str(r#"{"data":"#);
                write_string(data, out);
                out.push(b'}');
            }
            None => {
                out.push_str(r#"{"data_base64":"#);
                match &self.base64 {
                    Some(base64) => write_string(base64, out),
                    None => write_string(&STANDARD.encode(self.data), out),
                }
                out.push(b'}');
            }
        }
        text.since(start)
    }
}

fn is_object(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    cursor.peek() == Some(b'{') && cursor.skip_readable().is_ok() && cursor.end().is_ok()
}

/// Control characters take six times their size as JSON, and more in JSON text inside of JSON text.
pub(super) fn check_expansion(data: &str) -> Result<(), DecodeReason> {
    if data.len() <= MAX_TEXT / 6 {
        return Ok(());
    }
    let escapes = |byte: u8| match byte {
        b'"' | b'\\' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    let bytes = data.len() + data.bytes().map(escapes).sum::<usize>();
    if bytes <= MAX_TEXT { Ok(()) } else { Err(DecodeReason::Expands { bytes }) }
}
