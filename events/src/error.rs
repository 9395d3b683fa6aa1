//! What can be wrong with a payload, and with one record of it.

use bytestring::ByteString;

use changefan_json::Expectation;

/// A payload that is no batch. Nothing of it can be decoded, and nothing was skipped.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// The payload is not UTF-8, which JSON must be.
    #[error("the payload is not UTF-8: expected JSON text")]
    NotUtf8(#[source] std::str::Utf8Error),
    /// The payload is not JSON, or was cut short.
    #[error("the payload is not JSON: expected {expected} at line {line}, column {column}")]
    NotJson {
        /// What the grammar calls for.
        expected: &'static str,
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
    },
    /// JSON, but in no shape that a stream hands over.
    #[error(
        "the payload is no batch of a stream: expected {{\"Records\": […]}} from a DynamoDB or Kinesis event source \
         mapping, an array of records from EventBridge Pipes, or one such record"
    )]
    NoBatch,
}

impl PayloadError {
    pub(crate) fn not_utf8(payload: &[u8]) -> Self {
        // It is asked for only when the payload is not.
        std::str::from_utf8(payload).map_or_else(PayloadError::NotUtf8, |_| PayloadError::NoBatch)
    }

    pub(crate) fn not_json(text: &str, error: &Expectation) -> Self {
        let before = text.as_bytes().get(..error.at).unwrap_or_default();
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|&&byte| byte != b'\n').count();
        PayloadError::NotJson { expected: error.expected, line, column }
    }
}

/// A record that could not be decoded. It carries all that is needed to keep it.
#[derive(Debug, thiserror::Error)]
#[error("record {position} of the batch cannot be decoded: {reason}")]
pub struct DecodeError {
    /// The record's place in the batch, from 0.
    pub position: usize,
    /// The record's `eventID`, as far as it could be found.
    pub event_id: Option<String>,
    /// The record's sequence number, as far as it could be found.
    pub sequence_number: Option<String>,
    /// The record's JSON text, unchanged.
    pub record: ByteString,
    /// What is wrong with it.
    #[source]
    pub reason: DecodeReason,
}

/// What is wrong with a record.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeReason {
    /// A value is not of the kind that it must be.
    #[error("expected {expected} at byte {at} of the {part}")]
    Malformed {
        /// `record`, or `data` for the content of a Kinesis record.
        part: &'static str,
        /// Bytes from the start of that part.
        at: usize,
        /// What should have been there.
        expected: &'static str,
    },
    /// A member that must be there is missing.
    #[error(
        "the {part} has no `{name}`: was it reshaped by an input transformer or an enrichment?"
    )]
    Missing {
        /// `record`, or `data` for the content of a Kinesis record.
        part: &'static str,
        /// The missing member.
        name: &'static str,
    },
    /// The record comes from a service that is no stream.
    #[error("found eventSource `{0}`, expected aws:dynamodb or aws:kinesis")]
    UnknownSource(String),
    /// DynamoDB does not know such an operation.
    #[error("found eventName `{0}`, expected INSERT, MODIFY or REMOVE")]
    UnknownOperation(String),
    /// The creation or arrival time lies outside the years 1970 to 9999.
    #[error("found a time outside the years 1970 to 9999")]
    Time,
    /// The data of a Kinesis record must be base64.
    #[error("the data of the Kinesis record is not base64")]
    NotBase64(#[source] base64::DecodeError),
    /// The data bears the magic number and the checksum of a KPL aggregate but is none.
    #[error("the data of the Kinesis record is not the aggregate that it claims to be")]
    NotAggregate(#[source] prost::DecodeError),
}

impl DecodeReason {
    /// What was found, cut short: it may be anything, and it will be logged.
    pub(crate) fn found(text: &str) -> String {
        text.chars().take(40).collect()
    }

    pub(crate) fn malformed(part: &'static str) -> impl Fn(Expectation) -> DecodeReason {
        move |Expectation { at, expected }| DecodeReason::Malformed { part, at, expected }
    }
}
