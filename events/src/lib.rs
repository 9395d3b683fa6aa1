//! Change events: decoding the batches of DynamoDB Streams and Kinesis Data Streams, and encoding what was decoded.
//!
//! This crate does no input or output and depends on no AWS SDK. [`Batch::decode`] takes the payload of a Lambda
//! invocation; each of its records becomes [`ChangeEvent`]s or a [`DecodeError`] that carries the record. An [`Encoder`]
//! writes an event as one line of JSON.

mod arena;
mod decode;
mod encode;
mod error;
mod event;
mod timestamp;

pub use decode::{Batch, Trigger};
pub use encode::{Encoder, Format, Numbers, UnknownName};
pub use error::{DecodeError, DecodeReason, PayloadError};
pub use event::{Actor, ChangeEvent, Operation, Source};
pub use timestamp::{Precision, Timestamp};
