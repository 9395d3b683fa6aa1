//! Batches from files.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use changefan_events::select_sub_records;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::compression::decompressed;

/// Single records are grouped into batches: of as many records as an event source mapping sends at
/// most, ...
const RECORDS_PER_BATCH: usize = 10_000;

/// ... and of as many bytes. Lambda accepts payloads of up to 6 MB.
const BYTES_PER_BATCH: usize = 6 * 1024 * 1024;

/// A file that cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is not JSON or was cut short", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error(
        "{} holds the record of a failed invocation without its payload, which queues and topics \
         do not receive: read the records from the stream before they expire (changefan redrive \
         --queue), or use an on-failure destination in S3",
        path.display()
    )]
    NoPayload { path: PathBuf },
}

impl InputError {
    fn new(path: &Path, error: serde_json::Error) -> Self {
        let path = path.into();
        if error.is_io() {
            Self::Read { path, source: error.into() }
        } else {
            Self::Json { path, source: error }
        }
    }
}

/// Opens a file; `-` is standard input.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read>, InputError> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).map_err(|source| InputError::Read { path: path.into(), source })?;
    Ok(Box::new(file))
}

/// The payloads in a file, read on demand.
pub(crate) struct Payloads<'a> {
    path: PathBuf,
    values: serde_json::StreamDeserializer<
        'static,
        serde_json::de::IoRead<Box<dyn Read + 'a>>,
        Box<RawValue>,
    >,
    /// Single records, until they fill a batch.
    records: Vec<String>,
    /// What follows such records, until they are returned.
    next: Option<Result<String, InputError>>,
    done: bool,
}

/// The members that distinguish the shapes of JSON texts.
#[derive(Deserialize)]
struct Shape<'a> {
    #[serde(rename = "Records", borrow)]
    records: Option<&'a RawValue>,
    quarantined: Option<Quarantined>,
    record: Option<String>,
    #[serde(rename = "requestContext", borrow)]
    request_context: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// What a line of the quarantine states about its record.
#[derive(Deserialize)]
struct Quarantined {
    sub_records: Option<Vec<SubRecord>>,
}

#[derive(Deserialize)]
struct SubRecord {
    index: usize,
}

impl Quarantined {
    /// The record, restricted to the sub-records that were rejected.
    fn select(&self, record: String) -> String {
        match &self.sub_records {
            Some(rejected) => {
                let indexes: Vec<_> = rejected.iter().map(|it| it.index).collect();
                select_sub_records(&record, &indexes)
            }
            None => record,
        }
    }
}

impl<'a> Payloads<'a> {
    /// The payloads in what a reader returns, decompressed if need be. The path is for messages.
    pub(super) fn new(path: &Path, reader: impl Read + 'a) -> Result<Self, InputError> {
        let reader = decompressed(reader)
            .map_err(|source| InputError::Read { path: path.into(), source })?;
        let reader: Box<dyn Read + 'a> = Box::new(without_bom(reader));
        let values = serde_json::Deserializer::from_reader(reader).into_iter();
        Ok(Payloads { path: path.into(), values, records: Vec::new(), next: None, done: false })
    }

    /// Single records come before what follows them, also if that is an error.
    fn advance(&mut self) -> Option<Result<Bytes, InputError>> {
        while self.next.is_none() && !self.done && !self.is_enough() {
            match self.values.next() {
                None => self.done = true,
                Some(value) => {
                    let value = value.map_err(|error| InputError::new(&self.path, error));
                    if let Err(error) = value.and_then(|value| self.take(value.get())) {
                        self.next = Some(Err(error));
                    }
                }
            }
        }
        match self.flush() {
            Some(batch) => Some(Ok(batch)),
            None => self.next.take().map(|next| next.map(Bytes::from)),
        }
    }

    /// Whether the single records fill a batch.
    fn is_enough(&self) -> bool {
        self.records.len() >= RECORDS_PER_BATCH
            || self.records.iter().map(String::len).sum::<usize>() >= BYTES_PER_BATCH
    }

    fn take(&mut self, value: &str) -> Result<(), InputError> {
        let shape = if value.starts_with('{') {
            serde_json::from_str::<Shape<'_>>(value).ok()
        } else {
            None
        };
        match shape {
            Some(Shape { quarantined: Some(line), record: Some(record), .. }) => {
                self.records.push(line.select(as_json(record)));
            }
            Some(Shape { request_context: Some(_), payload: Some(payload), .. }) => {
                // The payload is an object, or the text of one.
                let text = serde_json::from_str::<String>(payload.get());
                self.next = Some(Ok(text.unwrap_or_else(|_| payload.get().to_owned())));
            }
            Some(Shape { request_context: Some(_), payload: None, records: None, .. }) => {
                return Err(InputError::NoPayload { path: self.path.clone() });
            }
            Some(Shape { records: None, .. }) if is_record(value) => {
                self.records.push(value.to_owned());
            }
            _ => self.next = Some(Ok(value.to_owned())),
        }
        Ok(())
    }

    fn flush(&mut self) -> Option<Bytes> {
        if self.records.is_empty() {
            return None;
        }
        let records = std::mem::take(&mut self.records);
        Some(format!("{{\"Records\":[{}]}}", records.join(",")).into())
    }
}

impl Iterator for Payloads<'_> {
    type Item = Result<Bytes, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        // After an error the rest of the file cannot be interpreted.
        self.done |= matches!(next, Some(Err(_)));
        next
    }
}

/// A record that is not JSON becomes a text in its batch, which is reported as undecodable.
fn as_json(record: String) -> String {
    match serde_json::from_str::<&RawValue>(&record) {
        Ok(_) => record,
        Err(_) => serde_json::Value::String(record).to_string(),
    }
}

/// Editors on Windows write a byte order mark, which is not JSON.
fn without_bom<'a>(mut reader: impl BufRead + 'a) -> impl Read + 'a {
    const BOM: &[u8] = b"\xef\xbb\xbf";
    // An error occurs again when the reader is read.
    if reader.fill_buf().is_ok_and(|start| start.starts_with(BOM)) {
        reader.consume(BOM.len());
    }
    reader
}

fn is_record(value: &str) -> bool {
    #[derive(Deserialize)]
    struct Record<'a> {
        #[serde(rename = "eventSource", borrow)]
        event_source: Option<&'a RawValue>,
        #[serde(borrow)]
        dynamodb: Option<&'a RawValue>,
        #[serde(borrow)]
        kinesis: Option<&'a RawValue>,
    }
    serde_json::from_str::<Record<'_>>(value).is_ok_and(|record| {
        record.event_source.is_some() || record.dynamodb.is_some() || record.kinesis.is_some()
    })
}
