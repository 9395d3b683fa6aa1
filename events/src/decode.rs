//! From the text of a batch to change events, one file per envelope.

mod aggregate;
mod diff;
mod dynamodb;
mod kinesis;
mod lambda;
pub(crate) mod raw_record;
pub(crate) mod unmarshal;

pub use lambda::{Batch, Trigger};
