//! Change events: decoding the batches of DynamoDB Streams and Kinesis Data Streams, and encoding what was decoded.
//!
//! This crate does no input or output and depends on no AWS SDK. [`Batch::decode`] takes the payload of a Lambda
//! invocation; each of its records becomes [`ChangeEvent`]s or a [`DecodeError`] that carries the record. A [`Encoder`]
//! writes an event as one line of JSON.

mod aggregate;
mod batch;
mod block;
mod buffer;
mod changed;
mod dynamodb;
mod error;
mod event;
mod fields;
mod format;
mod json;
mod kinesis;
mod plain;
mod scanner;
mod texts;
mod timestamp;
mod token;

pub use batch::{Batch, Trigger};
pub use error::{DecodeError, DecodeReason, PayloadError};
pub use event::{Actor, ChangeEvent, Operation, Source};
pub use format::{Encoder, Format, Numbers, UnknownName};
pub use timestamp::{Precision, Timestamp};
