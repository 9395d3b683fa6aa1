//! Change events: decoding the batches of DynamoDB Streams and Kinesis Data Streams, and encoding
//! what was decoded.
//!
//! This crate does no input or output and depends on no AWS SDK. [`Batch::decode`] takes the
//! payload of a Lambda invocation; each of its records becomes [`ChangeEvent`]s or a
//! [`DecodeError`] that carries the record. An [`Encoder`] writes an event as one line of JSON.
//! [`ChangeEvent::builder`] makes events without a batch.

mod arena;
mod attribute_type;
mod batch;
mod builder;
mod decode;
mod encode;
mod error;
mod event;
mod kind;
mod timestamp;

pub use batch::{Batch, Trigger};
pub use builder::{BuildError, EventBuilder, Image};
pub use bytes::Bytes;
pub use changefan_json::Output;
pub use decode::{Export, ExportItems, InvalidExport, NotText, SnapshotCounts, select_sub_records};
pub use encode::{Column, ColumnKind, Encoder, Format, Numbers, ROWS_COLUMNS, UnknownName};
pub use error::{DecodeError, DecodeReason, PayloadError};
pub use event::ChangeEvent;
pub use kind::{Actor, Operation, Source};
pub use timestamp::{InvalidTimestamp, Precision, Timestamp};
