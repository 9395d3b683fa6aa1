//! Keeps records that no sink, or not every sink, will ever accept.

mod line;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use changefan_events::Timestamp;
use serde::{Deserialize, Serialize};

use crate::objects::{self, Folder, Object, ObjectStore};
use crate::registry::{QUARANTINES, bucket};
use crate::{Aws, BoxError, ConfigIssue, Deadline};

pub use line::{QuarantineLine, quarantine_key};

/// A folder or a prefix of a bucket that keeps rejected records.
///
/// Keys are `<prefix>date=YYYY-MM-DD/sink=NAME/<hash>.jsonl`, with the date of the writing in UTC,
/// and `none` as the sink of a record that could not be decoded.
#[derive(Clone)]
pub struct Quarantine {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    location: String,
}

/// A record that was rejected, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedRecord {
    /// Why, in one line.
    pub reason: String,
    /// The sink that will not accept it; `None` if no sink received it.
    pub sink: Option<String>,
    /// The record's `eventID`, if it has one.
    pub event_id: Option<String>,
    /// The record's sequence number, if it has one.
    pub sequence_number: Option<String>,
    /// The time of the change as text, if it is known.
    pub timestamp: Option<String>,
    /// The record's position in its batch, from 0.
    #[serde(default)]
    pub position: usize,
    /// The sub-records of an aggregate that were rejected; `None` if the record is rejected as a
    /// whole.
    pub sub_records: Option<Vec<RejectedSubRecord>>,
    /// The record's JSON text as the source sent it.
    #[serde(skip)]
    pub record: String,
}

/// A sub-record of an aggregate that was rejected, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedSubRecord {
    /// Its index in the aggregate, from 0.
    pub index: usize,
    /// Why, in one line.
    pub reason: String,
}

impl Quarantine {
    /// Parses `s3://bucket/prefix` or `file:///folder`.
    ///
    /// # Errors
    ///
    /// Any other text.
    pub fn new(location: &str, aws: &Aws) -> Result<Self, ConfigIssue> {
        let invalid = || ConfigIssue::Invalid {
            variable: "QUARANTINE".into(),
            found: location.into(),
            expected: QUARANTINES[0].into(),
            example: QUARANTINES[1].into(),
        };
        let folder = location.strip_prefix("file://").filter(|path| path.starts_with('/'));
        let (store, prefix) = match folder {
            Some(folder) => (Arc::new(Folder::new(folder)) as Arc<dyn ObjectStore>, String::new()),
            None => {
                let path = location.strip_prefix("s3://").ok_or_else(invalid)?;
                let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
                let store = bucket(name, aws).filter(|_| !name.is_empty());
                let prefix = prefix.trim_end_matches('/');
                let slash = if prefix.is_empty() { "" } else { "/" };
                (store.ok_or_else(invalid)?, format!("{prefix}{slash}"))
            }
        };
        Ok(Self { store, prefix, location: location.to_owned() })
    }

    /// The location as it was configured.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// Whether records are written to a bucket.
    pub fn needs_credentials(&self) -> bool {
        self.location.starts_with("s3://")
    }

    /// Writes records durably, one JSON line per record, into one object per sink.
    ///
    /// # Errors
    ///
    /// The records are not kept, and so are not handled.
    pub async fn keep(
        &self,
        rejected: &[QuarantinedRecord],
        request_id: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), BoxError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = Timestamp::from_microseconds(i64::try_from(now.as_micros())?);
        let now = now.ok_or("the clock is beyond the year 9999")?.to_string();
        let mut by_sink: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in rejected {
            by_sink.entry(record.sink.as_deref()).or_default().push(record);
        }
        for (sink, records) in by_sink {
            let mut body = String::new();
            for record in records {
                writeln!(body, "{}", line::write_line(record, &now, request_id)?)?;
            }
            let key = quarantine_key(&self.prefix, &now[..10], sink, &body);
            let content_type = "application/x-ndjson";
            let object = Object { key, content_type, body: Bytes::from(body).into() };
            objects::put(&*self.store, object, deadline).await?;
        }
        Ok(())
    }

    /// Probes whether records can be kept.
    ///
    /// # Errors
    ///
    /// The response of the store.
    pub async fn check(&self) -> Result<(), BoxError> {
        self.store.check().await
    }
}

impl std::fmt::Debug for Quarantine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quarantine").field("location", &self.location).finish_non_exhaustive()
    }
}
