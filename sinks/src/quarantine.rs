//! Where records go that no sink, or not every sink, will ever take.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::file::Folder;
use crate::options::Mistake;
use crate::registry::bucket;
use crate::retry::wait;
use crate::store::{Object, ObjectStore};
use crate::{Aws, BoxError, Class, Deadline};

/// A folder or a prefix of a bucket that keeps rejected records.
#[derive(Clone)]
pub struct Quarantine {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    location: String,
}

/// A record that was rejected, and why.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The record's JSON text as it was handed over.
    pub record: String,
    /// Why, in a sentence.
    pub reason: String,
    /// The sink that will not take it; `None` when it could not be decoded.
    pub sink: Option<String>,
    /// The record's `eventID`, if it has one.
    pub event_id: Option<String>,
    /// The record's sequence number, if it has one.
    pub sequence_number: Option<String>,
    /// The time of the change as text, if it is known.
    pub timestamp: Option<String>,
    /// The record's place in its batch, from 0.
    pub position: usize,
}

impl Quarantine {
    /// Takes `s3://bucket/prefix` or `file:///folder`.
    ///
    /// # Errors
    ///
    /// What was found and what is expected.
    pub fn new(location: &str, aws: &Aws) -> Result<Self, Mistake> {
        let mistake = || {
            let expected = "expected s3://bucket/prefix or file:///folder, for example s3://my-bucket/quarantine";
            Mistake(format!("QUARANTINE={location} is no place for records: {expected}"))
        };
        let (store, prefix) = if let Some(folder) =
            location.strip_prefix("file://").filter(|path| path.starts_with('/'))
        {
            (Arc::new(Folder::new(folder)) as Arc<dyn ObjectStore>, String::new())
        } else {
            let path = location.strip_prefix("s3://").ok_or_else(mistake)?;
            let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
            let bucket = bucket(name, aws).filter(|_| !name.is_empty()).ok_or_else(mistake)?;
            (
                bucket,
                if prefix.is_empty() {
                    String::new()
                } else {
                    format!("{}/", prefix.trim_end_matches('/'))
                },
            )
        };
        Ok(Quarantine { store, prefix, location: location.to_owned() })
    }

    /// Where the records go, as it was configured.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// Writes records durably, a JSON line each, into one object. The same records make the same key.
    ///
    /// # Errors
    ///
    /// The records are not kept, and so are not handled.
    pub async fn keep(&self, rejected: &[Rejected], deadline: Deadline) -> Result<(), BoxError> {
        if rejected.is_empty() {
            return Ok(());
        }
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let mut body = String::new();
        for record in rejected {
            let _ = writeln!(body, "{}", line(record, now.as_millis() as u64));
        }
        let object = Object {
            key: format!("{}{}.jsonl", self.prefix, name(rejected)),
            content_type: "application/x-ndjson",
            body: Bytes::from(body),
        };
        self.write(object, deadline).await
    }

    /// Tries until the deadline, as sinks do.
    async fn write(&self, object: Object, deadline: Deadline) -> Result<(), BoxError> {
        for attempt in 0.. {
            match deadline.bound(self.store.put(object.clone())).await {
                Some(Ok(())) => return Ok(()),
                Some(Err(error)) => {
                    let wait = wait(attempt);
                    if error.cause.class() != Class::Retryable || wait >= deadline.remaining() {
                        return Err(error.into());
                    }
                    tokio::time::sleep(wait).await;
                }
                None => break,
            }
        }
        Err("the quarantine did not answer before the deadline".into())
    }

    /// Asks whether records can be kept.
    ///
    /// # Errors
    ///
    /// What the store answered.
    pub async fn check(&self) -> Result<(), BoxError> {
        self.store.check().await
    }
}

/// The record stands in the line as text: it may be anything, and `changefan replay` reads it back.
fn line(rejected: &Rejected, now: u64) -> Value {
    json!({
        "quarantined": {
            "reason": rejected.reason,
            "sink": rejected.sink,
            "event_id": rejected.event_id,
            "sequence_number": rejected.sequence_number,
            "timestamp": rejected.timestamp,
            "position": rejected.position,
            "quarantined_at_ms": now,
        },
        "record": rejected.record,
    })
}

/// Made of what was rejected and by whom, not of when: a batch that comes again makes the same name.
fn name(rejected: &[Rejected]) -> String {
    let mut hash = Sha256::new();
    for record in rejected {
        let parts = [record.sink.as_deref().unwrap_or_default(), &record.record];
        for part in parts {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
    }
    hash.finalize()[..16].iter().fold(String::new(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}
