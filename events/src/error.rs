//! What can be wrong with a payload, and with one record of it.

use std::sync::Arc;

use changefan_json::Expectation;

use crate::arena::{BatchText, MAX_PAYLOAD, Span};

/// A payload that is not a batch. Nothing of it can be decoded, and nothing was skipped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The payload is not UTF-8, which JSON must be.
    #[error("the payload is not UTF-8: expected JSON text")]
    NotUtf8(#[source] std::str::Utf8Error),
    /// The payload is not JSON, or was cut short.
    #[error("the payload is not JSON: expected {expected} at line {line}, column {column}")]
    NotJson {
        /// What the grammar requires.
        expected: &'static str,
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
    },
    /// JSON, but not of a shape that a stream delivers.
    #[error(
        "the payload is not a batch of a stream: expected {{\"Records\": […]}} from a DynamoDB or \
         Kinesis event source mapping, an array of records from EventBridge Pipes, or one such \
         record"
    )]
    NotABatch,
    /// Larger than 2 GiB.
    #[error("the payload has {found} bytes: expected at most {MAX_PAYLOAD}; split it")]
    TooLarge {
        /// Its size in bytes.
        found: usize,
    },
}

impl PayloadError {
    pub(crate) fn not_json(text: &[u8], error: &Expectation) -> Self {
        let before = &text[..error.at];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|&&byte| byte != b'\n').count();
        Self::NotJson { expected: error.expected, line, column }
    }
}

/// A record, or a sub-record of an aggregate, that could not be decoded. It carries all that is
/// needed to keep it.
#[derive(Debug, thiserror::Error)]
#[error("{} of the batch cannot be decoded", part(*position, *sub_record))]
#[non_exhaustive]
pub struct DecodeError {
    /// The record's index in the batch, from 0.
    pub position: usize,
    /// The sub-record's index in its aggregate, from 0; `None` when the record as a whole could not
    /// be decoded.
    pub sub_record: Option<usize>,
    /// What is wrong with it.
    #[source]
    pub reason: DecodeReason,
    pub(crate) event_id: Span,
    pub(crate) sequence_number: Span,
    pub(crate) record: Span,
    pub(crate) texts: Arc<BatchText>,
}

fn part(position: usize, sub_record: Option<usize>) -> String {
    match sub_record {
        Some(index) => format!("sub-record {index} of record {position}"),
        None => format!("record {position}"),
    }
}

impl DecodeError {
    /// The record's `eventID`, if it could be found; that of the aggregate for a sub-record.
    pub fn event_id(&self) -> Option<&str> {
        self.texts.get(self.event_id)
    }

    /// The record's sequence number, if it could be found.
    pub fn sequence_number(&self) -> Option<&str> {
        self.texts.get(self.sequence_number)
    }

    /// The record's JSON text, unchanged; that of the aggregate for a sub-record.
    pub fn record(&self) -> &str {
        self.texts.get(self.record).expect("an undecodable record is kept")
    }
}

/// What is wrong with a record. No message repeats any of its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeReason {
    /// A value is not of the kind that it must be.
    #[error("expected {expected} at byte {at} of the {part}")]
    Malformed {
        /// `record`; `data` for the content of a Kinesis record; `aggregate` for its protobuf
        /// message.
        part: &'static str,
        /// Bytes from the start of that part.
        at: usize,
        /// What should have been there.
        expected: &'static str,
    },
    /// A required member is missing.
    #[error(
        "the {part} has no `{name}`: was it reshaped by an input transformer or an enrichment?"
    )]
    Missing {
        /// `record`, or `data` for the content of a Kinesis record.
        part: &'static str,
        /// The missing member.
        name: &'static str,
    },
    /// An item of an export has no value for a key attribute.
    #[error(
        "the item has no value for key attribute {number} of the table: were other attributes \
         given as the keys?"
    )]
    MissingKey {
        /// Which key attribute, from 1.
        number: usize,
    },
    /// The record comes from a service that is not a stream.
    #[error("found another `eventSource` of {length} bytes, expected aws:dynamodb or aws:kinesis")]
    UnknownSource {
        /// The length of the name that was found, in bytes.
        length: usize,
    },
    /// DynamoDB has no such operation.
    #[error("found another `eventName` of {length} bytes, expected INSERT, MODIFY or REMOVE")]
    UnknownOperation {
        /// The length of the name that was found, in bytes.
        length: usize,
    },
    /// The creation or arrival time lies outside the years 1970 to 9999.
    #[error("found a time outside the years 1970 to 9999")]
    Time,
    /// The data of a Kinesis record must be base64.
    #[error("the `data` of the Kinesis record is not base64")]
    NotBase64,
    /// The partition key of a sub-record is not one that Kinesis accepts (PutRecord,
    /// `PartitionKey`).
    #[error(
        "found a partition key of {characters} characters and {bytes} bytes, expected UTF-8 text \
         of 1 to 256 characters"
    )]
    PartitionKey {
        /// Its length in characters; 0 when it is not UTF-8.
        characters: usize,
        /// Its length in bytes.
        bytes: usize,
    },
    /// A member of an aggregate, which each of its sub-records repeats, is too long.
    #[error("the aggregate has a `{name}` of {bytes} bytes, expected at most 2048")]
    TooLong {
        /// The member.
        name: &'static str,
        /// Its length in bytes.
        bytes: usize,
    },
    /// The text of a Kinesis record takes too many bytes as JSON, because most of it is escaped.
    #[error("the data has {bytes} bytes as a JSON string, expected at most 10485760")]
    Expands {
        /// Its length as a JSON string in bytes.
        bytes: usize,
    },
    /// The record selects a sub-record that its aggregate does not have.
    #[error("`subRecords` selects index {index} of an aggregate of {count} sub-records")]
    NoSuchSubRecord {
        /// The selected index.
        index: usize,
        /// The number of sub-records.
        count: usize,
    },
}

impl DecodeReason {
    pub(crate) fn malformed(part: &'static str) -> impl Fn(Expectation) -> Self {
        move |Expectation { at, expected }| Self::Malformed { part, at, expected }
    }
}
