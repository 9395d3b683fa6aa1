//! What is redriven, as it was set aside.

use std::io::Read;

use changefan_sinks::QuarantineLine;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::sequence::SequenceNumber;
use crate::cli::compression::decompressed;
use crate::cli::store::{Store, StoreError, Version};

/// What an object holds.
#[derive(Debug)]
pub(super) enum Content {
    /// A batch that a mapping gave up.
    Batch(FailedBatch),
    /// Lines of the quarantine.
    Lines(Vec<QuarantineLine>),
    /// Neither, and why.
    Unknown(String),
}

/// The record of a failed invocation, as event source mappings and Pipes write it.
#[derive(Debug)]
pub(super) struct FailedBatch {
    /// `RetryAttemptsExhausted` or `RecordAgeExceeded`; empty if it is not stated.
    pub condition: String,
    /// When the batch was given up, in RFC 3339; empty if it is not stated.
    pub timestamp: String,
    /// Where its records are in the stream.
    pub range: ShardRange,
    /// The JSON text of the batch, which objects have and messages have not.
    pub payload: Option<String>,
}

/// A range of records in a shard, as `DDBStreamBatchInfo` and `KinesisBatchInfo` state it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShardRange {
    pub stream_arn: String,
    pub shard_id: String,
    #[serde(rename = "startSequenceNumber")]
    pub start: SequenceNumber,
    #[serde(rename = "endSequenceNumber")]
    pub end: SequenceNumber,
    #[serde(default)]
    pub batch_size: usize,
}

impl ShardRange {
    /// The shard, as messages name it.
    pub(super) fn shard(&self) -> String {
        format!("shard {} of {}", self.shard_id, self.stream_arn)
    }
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(rename = "requestContext", alias = "context")]
    context: Context,
    #[serde(default)]
    timestamp: String,
    #[serde(rename = "DDBStreamBatchInfo", alias = "KinesisBatchInfo")]
    range: ShardRange,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Context {
    #[serde(default)]
    condition: String,
}

impl Content {
    /// Reads an object.
    pub(super) async fn read(
        store: &dyn Store,
        key: &str,
        version: Option<&Version>,
    ) -> Result<(Self, Version), StoreError> {
        let mut bytes = Vec::new();
        let version = store.read(key, version, &mut bytes).await?;
        let mut text = String::new();
        let read = decompressed(bytes.as_slice()).and_then(|mut it| it.read_to_string(&mut text));
        let content = match read {
            Ok(_) => Self::parse(&text),
            Err(error) => Self::Unknown(error.to_string()),
        };
        Ok((content, version))
    }

    fn parse(text: &str) -> Self {
        if let Ok(batch) = FailedBatch::parse(text) {
            return Self::Batch(batch);
        }
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        match lines.map(QuarantineLine::parse).collect::<Result<Vec<_>, _>>() {
            Ok(lines) => Self::Lines(lines),
            Err(_) => {
                let expected =
                    "expected an object of an on-failure destination or of the quarantine";
                Self::Unknown(expected.to_owned())
            }
        }
    }
}

impl FailedBatch {
    /// Reads the record of a failed invocation.
    pub(super) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let Document { context, timestamp, range, payload } = serde_json::from_str(text)?;
        // The payload is an object, or the text of one.
        let text = |payload: &RawValue| {
            serde_json::from_str(payload.get()).unwrap_or_else(|_| payload.get().to_owned())
        };
        let payload = payload.map(text);
        Ok(Self { condition: context.condition, timestamp, range, payload })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: &str = r#"{"shardId":"shardId-1","startSequenceNumber":"100",
        "endSequenceNumber":"200","batchSize":2,
        "streamArn":"arn:aws:kinesis:eu-west-1:123456789012:stream/orders"}"#;

    #[test]
    fn payload_is_an_object_or_its_text() {
        for payload in [r#"{"Records":[]}"#, r#""{\"Records\":[]}""#] {
            let text = format!(
                r#"{{"requestContext":{{"condition":"RecordAgeExceeded"}},
                "timestamp":"2026-01-01T00:00:00Z",
                "KinesisBatchInfo":{RANGE},"payload":{payload}}}"#
            );
            let Content::Batch(batch) = Content::parse(&text) else { panic!("{text}") };
            assert_eq!(batch.payload.as_deref(), Some(r#"{"Records":[]}"#));
            assert_eq!(batch.condition, "RecordAgeExceeded");
            assert_eq!(batch.range.end, SequenceNumber::new("200"));
        }
    }

    #[test]
    fn dead_letter_of_a_pipe_has_a_range_and_no_payload() {
        let text = format!(
            r#"{{"context":{{"partnerResourceArn":"p","condition":"RetryAttemptsExhausted"}},
            "version":"1.0","timestamp":"2026-01-01T00:00:00Z","DDBStreamBatchInfo":{RANGE}}}"#
        );
        let batch = FailedBatch::parse(&text).unwrap();
        assert_eq!((batch.payload, batch.range.batch_size), (None, 2));
    }

    #[test]
    fn anything_else_is_unknown() {
        for text in ["{}", "[]", "notes", r#"{"Records":[]}"#] {
            assert!(matches!(Content::parse(text), Content::Unknown(_)), "{text}");
        }
        assert!(matches!(Content::parse("\n"), Content::Lines(lines) if lines.is_empty()));
    }
}
