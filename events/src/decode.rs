//! From the text of a batch to change events, one file per envelope.

mod aggregate;
mod constants;
mod diff;
pub(crate) mod dynamodb;
mod export;
mod field;
mod kinesis;
pub(crate) mod lambda;
pub(crate) mod piece;
mod protobuf;
pub(crate) mod raw_record;
mod record;
mod same;
mod selection;
pub(crate) mod shape;
pub(crate) mod sub_record;
pub(crate) mod unmarshal;

pub use export::{Export, ExportItems, InvalidExport, NotText, SnapshotCounts};
pub use selection::select_sub_records;
