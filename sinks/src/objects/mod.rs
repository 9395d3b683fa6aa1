//! Objects of JSON lines, partitioned by table and hour, as Athena, DuckDB and Spark read them.

mod compression;
#[cfg(feature = "exports")]
mod export;
mod file;
mod partition;
#[cfg(feature = "s3")]
mod s3;
mod store;

use std::fmt::Write as _;

use async_trait::async_trait;
use bytes::Bytes;
use changefan_events::{ChangeEvent, Encoder};
use futures_util::stream::{self, StreamExt};
use sha2::{Digest, Sha256};

use crate::batch::{Call, CallError, NO_RESPONSE, NOT_CALLED, bisect};
use crate::spec::OptionSpec;
use crate::{BoxError, Cause, Class, Deadline, Options, Outcome, Sink};
use compression::{Compression, Lines};
use partition::by_partition;

#[cfg(feature = "exports")]
pub use export::{ExportError, ExportObject, ExportPart, ExportStore, FinishedObject};
pub(crate) use file::{Folder, sink_type as file_sink_type};
#[cfg(feature = "s3")]
pub(crate) use s3::{Bucket, sink_type as s3_sink_type};
pub(crate) use store::{Body, Object, ObjectStore, put};

/// Objects written at the same time. A batch rarely makes more than one.
const CONCURRENCY: usize = 8;

/// S3, PutObject: a key has at most 1,024 bytes, of which the rest takes up to 500.
const MAX_PREFIX: usize = 500;

const PREFIX: OptionSpec = OptionSpec::with_default("PREFIX", "changes/", "first part of the keys")
    .with_example("audit/")
    .checked("at most 500 bytes", is_short);
const COMPRESSION: OptionSpec =
    OptionSpec::with_default("COMPRESSION", "gzip", "compression of the objects")
        .one_of(&["gzip", "zstd", "none"])
        .with_example("zstd");
const FORMAT: OptionSpec = OptionSpec::format("rows");

fn is_short(prefix: &str) -> bool {
    prefix.len() <= MAX_PREFIX
}

/// A sink that writes one object per table and hour of a batch.
pub(crate) struct ObjectSink<S> {
    store: S,
    prefix: String,
    compression: Compression,
    encoder: Encoder,
}

impl<S: ObjectStore> ObjectSink<S> {
    pub(crate) fn new(store: S, options: &Options) -> Self {
        let prefix = options.text("PREFIX").to_owned();
        let compression = Compression::named(options.text("COMPRESSION"));
        Self { store, prefix, compression, encoder: options.encoder() }
    }

    /// Compresses the lines and names the object by its content.
    fn object(&self, events: &[&ChangeEvent]) -> std::io::Result<Object> {
        let mut lines = Lines::new(self.compression)?;
        for event in events {
            lines.write(event, self.encoder)?;
        }
        let body = Body::from(Bytes::from(lines.finish()?));
        let mut key = format!("{}{}/", self.prefix, partition::path(events[0]));
        partition::write_range(events, &mut key);
        write_hash(events[0], &body, &mut key);
        key.push('.');
        key.push_str(self.compression.suffix());
        Ok(Object { key, content_type: self.compression.content_type(), body })
    }

    async fn put(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        match self.call(events, deadline).await {
            Ok(outcome) => outcome,
            Err(error) if error.cause.class() == Class::Rejected => {
                bisect(self, events, error, deadline).await
            }
            Err(error) => Outcome::delivered().with_failed(events, error.cause, &error.source),
        }
    }
}

#[async_trait]
impl<S: ObjectStore> Call for ObjectSink<S> {
    async fn call(
        &self,
        events: &[&ChangeEvent],
        deadline: Deadline,
    ) -> Result<Outcome, CallError> {
        if deadline.remaining().is_zero() {
            return Err(CallError::new(Cause::TimedOut, "", NOT_CALLED));
        }
        let object =
            self.object(events).map_err(|error| CallError::new(Cause::Unknown, "", error))?;
        match deadline.timeout(self.store.put(object)).await {
            Some(put) => put.map(|()| Outcome::delivered()),
            None => Err(CallError::new(Cause::TimedOut, "", NO_RESPONSE)),
        }
    }
}

#[async_trait]
impl<S: ObjectStore> Sink for ObjectSink<S> {
    async fn deliver(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        let partitions = by_partition(events);
        let puts: Vec<_> = partitions.iter().map(|events| self.put(events, deadline)).collect();
        // Completion order: an object that hangs delays no other.
        stream::iter(puts)
            .buffer_unordered(CONCURRENCY)
            .fold(Outcome::delivered(), |mut outcome, part| async {
                outcome.merge(part);
                outcome
            })
            .await
    }

    async fn check(&self) -> Result<(), BoxError> {
        self.store.check().await
    }
}

/// Appends 128 bits of a hash over the table's identity and the hash of every byte of the object:
/// the same key is the same object.
fn write_hash(event: &ChangeEvent, body: &Body, key: &mut String) {
    let mut hash = Sha256::new();
    for part in [event.account(), event.region(), event.table()] {
        hash.update(part.unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    hash.update(body.sha256);
    write_hex(&hash.finalize()[..16], key);
}

/// Appends bytes as hexadecimal digits.
pub(crate) fn write_hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
}
