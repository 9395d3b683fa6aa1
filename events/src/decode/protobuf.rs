//! Protobuf fields that are read one after the other, without a message of them.

use std::ops::Range;

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use crate::error::DecodeReason;

/// A field of a message.
pub(super) struct Field {
    pub tag: u32,
    /// Where the value starts, its length prefix included.
    pub offset: u32,
    pub value: Value,
}

pub(super) enum Value {
    Number(u64),
    /// Where the bytes are in the message.
    Bytes(Range<usize>),
    Other,
}

impl Field {
    /// Reads the field at a position of the message and moves past it.
    pub(super) fn read(message: &[u8], at: &mut usize) -> Result<Self, DecodeReason> {
        let start = *at;
        let incomplete = |_| DecodeReason::Malformed {
            part: "aggregate",
            at: start,
            expected: "a complete protobuf field",
        };
        let mut rest = &message[start..];
        let (tag, wire_type) = decode_key(&mut rest).map_err(incomplete)?;
        let offset = message.len() - rest.len();
        let value = match wire_type {
            WireType::Varint => Value::Number(decode_varint(&mut rest).map_err(incomplete)?),
            _ => {
                let context = DecodeContext::default();
                skip_field(wire_type, tag, &mut rest, context).map_err(incomplete)?;
                Value::Other
            }
        };
        *at = message.len() - rest.len();
        let value = match wire_type {
            WireType::LengthDelimited => Value::Bytes(bytes_at(message, offset)),
            _ => value,
        };
        let offset = u32::try_from(offset).expect("a payload is below 4 GiB");
        Ok(Self { tag, offset, value })
    }
}

/// Where the bytes of a length-delimited field are that was read before, by the offset of its
/// value.
pub(super) fn bytes_at(message: &[u8], offset: usize) -> Range<usize> {
    let mut rest = &message[offset..];
    let length = decode_varint(&mut rest).expect("the field was read before");
    let start = message.len() - rest.len();
    start..start + usize::try_from(length).expect("the field was read before")
}
