//! The lines and keys of the quarantine.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::QuarantinedRecord;
use crate::objects::write_hex;

/// A line of the quarantine, read back.
///
/// ```
/// use changefan_sinks::QuarantineLine;
///
/// let line = r#"{"quarantined":{"reason":"too large: 2000000 bytes","sink":"firehose",
///     "event_id":"1","sequence_number":"100","timestamp":null,"position":0,"sub_records":null,
///     "quarantined_at":"2026-01-01T00:00:00.000Z"},"record":"{\"eventID\":\"1\"}"}"#;
/// let line = QuarantineLine::parse(line)?;
/// assert_eq!(line.record.sink.as_deref(), Some("firehose"));
/// assert_eq!(line.record.record, r#"{"eventID":"1"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineLine {
    /// The record, and why it was rejected.
    pub record: QuarantinedRecord,
    /// When it was quarantined, as in `2026-01-01T00:00:00.000Z`.
    pub quarantined_at: String,
    /// The invocation that quarantined it, if it is known.
    pub request_id: Option<String>,
}

#[derive(Serialize)]
struct Written<'a> {
    quarantined: WrittenReason<'a>,
    record: &'a str,
}

#[derive(Serialize)]
struct WrittenReason<'a> {
    #[serde(flatten)]
    record: &'a QuarantinedRecord,
    quarantined_at: &'a str,
    #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Deserialize)]
struct Read {
    quarantined: ReadReason,
    record: String,
}

#[derive(Deserialize)]
struct ReadReason {
    #[serde(flatten)]
    record: QuarantinedRecord,
    #[serde(default)]
    quarantined_at: String,
    #[serde(rename = "requestId")]
    request_id: Option<String>,
}

impl QuarantineLine {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// The text is not a line of the quarantine.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let Read { quarantined, record } = serde_json::from_str(text)?;
        let record = QuarantinedRecord { record, ..quarantined.record };
        let ReadReason { quarantined_at, request_id, .. } = quarantined;
        Ok(Self { record, quarantined_at, request_id })
    }

    /// The line as JSON text, without a line feed.
    ///
    /// # Errors
    ///
    /// None is known: texts and numbers can be serialized.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        write_line(&self.record, &self.quarantined_at, self.request_id.as_deref())
    }
}

pub(super) fn write_line(
    record: &QuarantinedRecord,
    quarantined_at: &str,
    request_id: Option<&str>,
) -> Result<String, serde_json::Error> {
    let quarantined = WrittenReason { record, quarantined_at, request_id };
    serde_json::to_string(&Written { quarantined, record: &record.record })
}

/// The key of an object of the quarantine. It is made of the content, so that the same key is the
/// same object.
///
/// The date has the form `YYYY-MM-DD`. The sink is `None` if no sink received the records.
pub fn quarantine_key(prefix: &str, date: &str, sink: Option<&str>, body: &str) -> String {
    let mut key = format!("{prefix}date={date}/sink={}/", sink.unwrap_or("none"));
    write_hex(&Sha256::digest(body)[..16], &mut key);
    key.push_str(".jsonl");
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RejectedSubRecord;

    #[test]
    fn line_is_read_as_it_was_written() {
        let line = QuarantineLine {
            record: QuarantinedRecord {
                reason: "too large: \"2000000\" bytes".into(),
                sink: None,
                event_id: Some("1".into()),
                sequence_number: None,
                timestamp: Some("2026-01-01T00:00:00.000Z".into()),
                position: 3,
                sub_records: Some(vec![RejectedSubRecord { index: 2, reason: "b".into() }]),
                record: "not {JSON".into(),
            },
            quarantined_at: "2026-01-02T00:00:00.000Z".into(),
            request_id: Some("r".into()),
        };
        assert_eq!(QuarantineLine::parse(&line.to_json().unwrap()).unwrap(), line);
    }
}
