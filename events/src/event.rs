//! A change, the same for every source.

use std::sync::Arc;

use crate::Timestamp;
use crate::arena::{BatchText, Span};

/// One change of one item, or one record appended to a stream.
///
/// Cloning is cheap: events share the text of the batch that they came in.
#[derive(Clone, Debug)]
pub struct ChangeEvent {
    pub(crate) ordinal: usize,
    pub(crate) position: usize,
    pub(crate) operation: Operation,
    pub(crate) source: Source,
    pub(crate) actor: Actor,
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) event_id: Span,
    pub(crate) table: Span,
    pub(crate) region: Span,
    pub(crate) sequence_number: Span,
    pub(crate) record: Span,
    pub(crate) images: Images,
    pub(crate) texts: Arc<BatchText>,
}

/// Keys and images as plain JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Images {
    pub keys: Span,
    pub old: Span,
    pub new: Span,
    pub changed: Span,
}

impl Default for Images {
    fn default() -> Self {
        Images { keys: Span::NONE, old: Span::NONE, new: Span::NONE, changed: Span::NONE }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// An item was added to the table.
    Insert,
    /// An item of the table was replaced or updated.
    Modify,
    /// An item of the table was deleted.
    Remove,
    /// A record that is no change of a DynamoDB table was put into a Kinesis stream.
    Append,
    /// An item was read from an export of the table.
    Read,
    /// An export of the table has been read completely.
    Snapshot,
}

impl Operation {
    /// The name that DynamoDB's `eventName` and the formats use.
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Insert => "INSERT",
            Operation::Modify => "MODIFY",
            Operation::Remove => "REMOVE",
            Operation::Append => "APPEND",
            Operation::Read => "READ",
            Operation::Snapshot => "SNAPSHOT",
        }
    }
}

/// The kind of stream that handed the record over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// DynamoDB Streams.
    DynamoDb,
    /// Kinesis Data Streams.
    Kinesis,
    /// An export of a table to S3.
    Export,
}

impl Source {
    /// `dynamodb`, `kinesis` or `export`.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::DynamoDb => "dynamodb",
            Source::Kinesis => "kinesis",
            Source::Export => "export",
        }
    }
}

/// Who made the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// A client of the table.
    User,
    /// DynamoDB itself, because the item's time to live was over.
    Ttl,
}

impl Actor {
    /// `user` or `ttl`.
    pub fn as_str(self) -> &'static str {
        match self {
            Actor::User => "user",
            Actor::Ttl => "ttl",
        }
    }
}

impl ChangeEvent {
    /// The event's index in [`Batch::events`](crate::Batch::events). Outcomes refer to events by it.
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }

    /// The place in the batch of the record that the change came in, from 0. Aggregated records hold several changes.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The source's `eventID`: the same whenever the change is handed over again.
    pub fn event_id(&self) -> &str {
        self.texts.get(self.event_id).unwrap_or_default()
    }

    /// What was done.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The kind of stream that handed the record over.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Who made the change.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// The table's name, or the stream's for an [`Operation::Append`]. `None` when the record does not tell.
    pub fn table(&self) -> Option<&str> {
        self.texts.get(self.table)
    }

    /// The AWS region, as in `us-east-1`.
    pub fn region(&self) -> Option<&str> {
        self.texts.get(self.region)
    }

    /// The sequence number of the record that was handed over: Kinesis's own for what came through Kinesis.
    ///
    /// It is a decimal text of any length: compare positions in the batch rather than numbers.
    pub fn sequence_number(&self) -> Option<&str> {
        self.texts.get(self.sequence_number)
    }

    /// When the change was made, or for an [`Operation::Append`] when it arrived in the stream.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// The stream record as AWS sent it, in DynamoDB's JSON; the Kinesis record for an [`Operation::Append`].
    pub fn record(&self) -> &str {
        self.texts.get(self.record).unwrap_or_default()
    }

    /// The item's key attributes as a plain JSON object.
    pub fn keys(&self) -> Option<&str> {
        self.texts.get(self.images.keys)
    }

    /// The item before the change as a plain JSON object.
    pub fn old_image(&self) -> Option<&str> {
        self.texts.get(self.images.old)
    }

    /// The item after the change as a plain JSON object, or what was appended.
    pub fn new_image(&self) -> Option<&str> {
        self.texts.get(self.images.new)
    }

    /// The sorted names of the top-level attributes that differ, as a JSON array. `None` unless both images are there.
    pub fn changed(&self) -> Option<&str> {
        self.texts.get(self.images.changed)
    }
}
