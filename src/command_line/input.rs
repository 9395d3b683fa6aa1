//! Batches out of files.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Records that stand alone are handed over together, as many as an event source mapping would at most, ...
const RECORDS_PER_BATCH: usize = 10_000;

/// ... or as much as a mapping would. Lambda takes payloads of up to 6 MB.
const BYTES_PER_BATCH: usize = 6 * 1024 * 1024;

/// A file that cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is not JSON or was cut short", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error(
        "{} holds the record of a failed invocation without its payload: the queue or topic that it came from gets no \
         more than that. The records are in the stream until it expires; an on-failure destination in S3 gets them too",
        path.display()
    )]
    NoPayload { path: PathBuf },
}

impl InputError {
    fn new(path: &Path, error: serde_json::Error) -> Self {
        let path = path.into();
        if error.is_io() {
            InputError::Read { path, source: error.into() }
        } else {
            InputError::Json { path, source: error }
        }
    }
}

/// The payloads in a file, read as they are asked for.
pub(crate) struct Payloads<'a> {
    path: PathBuf,
    values: serde_json::StreamDeserializer<
        'static,
        serde_json::de::IoRead<Box<dyn Read + 'a>>,
        Box<RawValue>,
    >,
    /// Records that stand alone, until they are enough for a batch.
    records: Vec<String>,
    /// What was read behind such records and waits for them to go first.
    next: Option<String>,
    done: bool,
}

/// The members that tell the shapes of JSON texts apart.
#[derive(Deserialize)]
struct Shape<'a> {
    #[serde(rename = "Records", borrow)]
    records: Option<&'a RawValue>,
    #[serde(borrow)]
    quarantined: Option<&'a RawValue>,
    record: Option<String>,
    #[serde(rename = "requestContext", borrow)]
    request_context: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

impl<'a> Payloads<'a> {
    /// Opens a file; `-` is standard input. `watch` may count the bytes that are read.
    pub fn open(
        path: &Path,
        watch: impl FnOnce(Box<dyn Read>) -> Box<dyn Read + 'a>,
    ) -> Result<Self, InputError> {
        let file: Box<dyn Read> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            let file = File::open(path)
                .map_err(|source| InputError::Read { path: path.into(), source })?;
            Box::new(file)
        };
        let reader: Box<dyn Read + 'a> = Box::new(BufReader::with_capacity(1 << 16, watch(file)));
        let values = serde_json::Deserializer::from_reader(reader).into_iter();
        Ok(Payloads { path: path.into(), values, records: Vec::new(), next: None, done: false })
    }

    fn advance(&mut self) -> Result<Option<Bytes>, InputError> {
        loop {
            if let Some(batch) = self.next.take() {
                return Ok(Some(batch.into()));
            }
            let enough = |records: &[String]| {
                records.len() >= RECORDS_PER_BATCH
                    || records.iter().map(String::len).sum::<usize>() >= BYTES_PER_BATCH
            };
            if self.done || enough(&self.records) {
                return Ok(self.flush());
            }
            match self.values.next() {
                None => self.done = true,
                Some(value) => {
                    let value = value.map_err(|error| InputError::new(&self.path, error))?;
                    self.take(value.get())?;
                    if self.next.is_some() && !self.records.is_empty() {
                        return Ok(self.flush());
                    }
                }
            }
        }
    }

    fn take(&mut self, value: &str) -> Result<(), InputError> {
        let shape = if value.starts_with('{') {
            serde_json::from_str::<Shape<'_>>(value).ok()
        } else {
            None
        };
        match shape {
            Some(Shape { quarantined: Some(_), record: Some(record), .. }) => {
                self.records.push(record)
            }
            Some(Shape { request_context: Some(_), payload: Some(payload), .. }) => {
                // The payload is an object, or the text of one.
                let text = serde_json::from_str::<String>(payload.get());
                self.next = Some(text.unwrap_or_else(|_| payload.get().to_owned()));
            }
            Some(Shape { request_context: Some(_), payload: None, records: None, .. }) => {
                return Err(InputError::NoPayload { path: self.path.clone() });
            }
            Some(Shape { records: None, .. }) if is_record(value) => {
                self.records.push(value.to_owned())
            }
            _ => self.next = Some(value.to_owned()),
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
        // After an error the rest of the file means nothing.
        self.done |= next.is_err();
        next.transpose()
    }
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
