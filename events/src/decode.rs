//! From the text of a batch to change events, one file per envelope.

mod aggregate;
mod diff;
pub(crate) mod dynamodb;
mod kinesis;
pub(crate) mod lambda;
pub(crate) mod piece;
mod protobuf;
pub(crate) mod raw_record;
mod record;
mod same;
mod selection;
pub(crate) mod sub_record;
pub(crate) mod unmarshal;

pub use selection::select_sub_records;
