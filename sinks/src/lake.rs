//! Objects of JSON lines, partitioned by table and hour, as Athena, DuckDB and Spark read them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::str::FromStr;

use async_trait::async_trait;
use bytes::Bytes;
use changefan_events::{ChangeEvent, Encoder, Format, UnknownName};
use flate2::GzBuilder;
use futures_util::stream::{self, StreamExt};
use sha2::{Digest, Sha256};

use crate::error::Failures;
use crate::lines::lines;
use crate::store::{Object, ObjectStore};
use crate::{BoxError, Cause, Deadline, DeliveryError, Options, Sink};

/// How Hive, and with it Athena, Spark and DuckDB, spells a partition whose value is missing.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// How many objects are written at the same time. A batch rarely makes more than one.
const PUTS_AT_ONCE: usize = 8;

/// The longest identifier in a key, in characters. A key may have 1,024 bytes (S3, PutObject) and sequence numbers have up to 56.
const LONGEST_IDENTIFIER: usize = 64;

/// A sink that writes one object for each table and hour of a batch.
pub(crate) struct Lake<S> {
    store: S,
    prefix: String,
    compression: Compression,
    format: Encoder,
}

/// How objects are compressed. Readers tell it from the key's suffix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Compression {
    #[default]
    Gzip,
    Zstd,
    None,
}

impl FromStr for Compression {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "gzip" => Ok(Compression::Gzip),
            "zstd" => Ok(Compression::Zstd),
            "none" => Ok(Compression::None),
            _ => Err(UnknownName { found: name.to_owned(), allowed: "gzip, zstd, none" }),
        }
    }
}

impl Compression {
    fn suffix(self) -> &'static str {
        match self {
            Compression::Gzip => "jsonl.gz",
            Compression::Zstd => "jsonl.zst",
            Compression::None => "jsonl",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Compression::Gzip => "application/gzip",
            Compression::Zstd => "application/zstd",
            Compression::None => "application/x-ndjson",
        }
    }

    /// The same text always makes the same bytes.
    fn compress(self, text: String) -> std::io::Result<Vec<u8>> {
        match self {
            Compression::Gzip => {
                let out = Vec::with_capacity(text.len() / 4);
                let mut encoder = GzBuilder::new().mtime(0).write(out, flate2::Compression::fast());
                encoder.write_all(text.as_bytes())?;
                encoder.finish()
            }
            Compression::Zstd => zstd::bulk::compress(text.as_bytes(), 1),
            Compression::None => Ok(text.into_bytes()),
        }
    }
}

impl<S: ObjectStore> Lake<S> {
    pub fn new(store: S, options: &mut Options) -> Self {
        let prefix = options.text("PREFIX", "changes/");
        let compression = options.parse("COMPRESSION", "gzip");
        Lake { store, prefix, compression, format: options.encoder(Format::Json) }
    }

    async fn put(
        &self,
        partition: &Partition<'_>,
        deadline: Deadline,
    ) -> Result<(), (Cause, BoxError)> {
        let text = lines(partition.events.iter().map(|&(_, event)| event), self.format);
        let body =
            self.compression.compress(text).map_err(|error| (Cause::Unknown, error.into()))?;
        let object = Object {
            key: format!(
                "{}{}/{}.{}",
                self.prefix,
                partition.path,
                partition.name(),
                self.compression.suffix()
            ),
            content_type: self.compression.content_type(),
            body: Bytes::from(body),
        };
        match deadline.bound(self.store.put(object)).await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err((error.cause, error.into())),
            None => Err((Cause::TimedOut, "the object was not written before the deadline".into())),
        }
    }
}

#[async_trait]
impl<S: ObjectStore> Sink for Lake<S> {
    async fn deliver(
        &self,
        events: &[ChangeEvent],
        deadline: Deadline,
    ) -> Result<(), DeliveryError> {
        let partitions = partitions(events);
        let puts: Vec<_> =
            partitions.iter().map(|partition| self.put(partition, deadline)).collect();
        let results: Vec<_> = stream::iter(puts).buffered(PUTS_AT_ONCE).collect().await;
        let mut failures = Failures::default();
        for (partition, result) in partitions.iter().zip(results) {
            if let Err((cause, source)) = result {
                failures.add(partition.events.iter().map(|&(index, _)| index), cause, source);
            }
        }
        failures.into_result()
    }

    async fn check(&self) -> Result<(), BoxError> {
        self.store.check().await
    }
}

/// The events of one table and hour, with their indexes.
struct Partition<'a> {
    /// The table, and the hour since 1970.
    key: (Option<&'a str>, Option<i64>),
    path: String,
    events: Vec<(usize, &'a ChangeEvent)>,
}

/// Microseconds.
const HOUR: i64 = 3_600_000_000;

/// Groups events by table and hour and keeps their order. A batch has few groups, mostly one.
fn partitions(events: &[ChangeEvent]) -> Vec<Partition<'_>> {
    let mut partitions: Vec<Partition<'_>> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let hour = event.timestamp().map(|timestamp| timestamp.microseconds() / HOUR);
        let key = (event.table(), hour);
        match partitions.iter_mut().find(|partition| partition.key == key) {
            Some(partition) => partition.events.push((index, event)),
            None => {
                partitions.push(Partition { key, path: path(event), events: vec![(index, event)] })
            }
        }
    }
    partitions
}

fn path(event: &ChangeEvent) -> String {
    let mut path = String::with_capacity(64);
    path.push_str("table=");
    write_safely(event.table().unwrap_or(NO_VALUE), &mut path);
    path.push_str("/date=");
    match event.timestamp() {
        Some(timestamp) => {
            timestamp.write_date(&mut path);
            // The hour is what comes before the first colon of the time.
            let mut time = String::with_capacity(8);
            timestamp.write_time(&mut time);
            path.push_str("/hour=");
            path.push_str(&time[..2]);
        }
        None => {
            path.push_str(NO_VALUE);
            path.push_str("/hour=");
            path.push_str(NO_VALUE);
        }
    }
    path
}

impl Partition<'_> {
    /// `<first>-<last>-<hash>`: the same records make the same name.
    fn name(&self) -> String {
        let mut name = String::with_capacity(160);
        for event in [self.events.first(), self.events.last()].into_iter().flatten() {
            let identifier = event.1.sequence_number().unwrap_or(event.1.event_id());
            write_safely(
                &identifier.chars().take(LONGEST_IDENTIFIER).collect::<String>(),
                &mut name,
            );
            name.push('-');
        }
        let mut hash = Sha256::new();
        for (_, event) in &self.events {
            for identifier in [event.event_id(), event.sequence_number().unwrap_or_default()] {
                hash.update(identifier.as_bytes());
                hash.update([0]);
            }
        }
        for byte in &hash.finalize()[..8] {
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}

/// Appends an identifier with only those characters that are safe in keys and in file names.
fn write_safely(identifier: &str, out: &mut String) {
    for byte in identifier.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
