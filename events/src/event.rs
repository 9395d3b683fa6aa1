//! A change, the same for every source.

use std::ops::Range;

use bytestring::ByteString;

use crate::Timestamp;

/// One change of one item, or one record appended to a stream.
///
/// Cloning is cheap: events share the text of the batch that they came in.
#[derive(Clone, Debug)]
pub struct ChangeEvent {
    pub(crate) position: usize,
    pub(crate) event_id: ByteString,
    pub(crate) operation: Operation,
    pub(crate) source: Source,
    pub(crate) actor: Actor,
    pub(crate) table: Option<ByteString>,
    pub(crate) region: Option<ByteString>,
    pub(crate) sequence_number: Option<ByteString>,
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) record: ByteString,
    pub(crate) images: Images,
}

/// Keys and images as plain JSON. All images of a batch lie in one text, which is written while it is decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Images {
    pub text: ByteString,
    pub spans: ImageSpans,
}

/// Where in the images' text each of them stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImageSpans {
    pub keys: Option<Range<usize>>,
    pub old: Option<Range<usize>>,
    pub new: Option<Range<usize>>,
    pub changed: Option<Range<usize>>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// An item was added to the table.
    Insert,
    /// An item of the table was replaced or updated.
    Modify,
    /// An item of the table was deleted.
    Remove,
    /// A record that is no change of a DynamoDB table was put into a Kinesis stream.
    Append,
}

impl Operation {
    /// The name that DynamoDB's `eventName` and the formats use.
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Insert => "INSERT",
            Operation::Modify => "MODIFY",
            Operation::Remove => "REMOVE",
            Operation::Append => "APPEND",
        }
    }
}

/// The kind of stream that handed the record over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// DynamoDB Streams.
    DynamoDb,
    /// Kinesis Data Streams.
    Kinesis,
}

impl Source {
    /// `dynamodb` or `kinesis`.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::DynamoDb => "dynamodb",
            Source::Kinesis => "kinesis",
        }
    }
}

/// Who made the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The place in the batch of the record that the change came in, from 0. Aggregated records hold several changes.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The source's `eventID`: the same whenever the change is handed over again.
    pub fn event_id(&self) -> &str {
        &self.event_id
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
        self.table.as_deref()
    }

    /// The AWS region, as in `us-east-1`.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The sequence number of the record that was handed over: Kinesis's own for what came through Kinesis.
    ///
    /// It is a decimal text of any length: compare positions in the batch rather than numbers.
    pub fn sequence_number(&self) -> Option<&str> {
        self.sequence_number.as_deref()
    }

    /// When the change was made, or for an [`Operation::Append`] when it arrived in the stream.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// The stream record as AWS sent it, in DynamoDB's JSON; the Kinesis record for an [`Operation::Append`].
    pub fn record(&self) -> &str {
        &self.record
    }

    /// The item's key attributes as a plain JSON object.
    pub fn keys(&self) -> Option<&str> {
        self.image(&self.images.spans.keys)
    }

    /// The item before the change as a plain JSON object.
    pub fn old_image(&self) -> Option<&str> {
        self.image(&self.images.spans.old)
    }

    /// The item after the change as a plain JSON object, or what was appended.
    pub fn new_image(&self) -> Option<&str> {
        self.image(&self.images.spans.new)
    }

    /// The sorted names of the top-level attributes that differ, as a JSON array. `None` unless both images are there.
    pub fn changed(&self) -> Option<&str> {
        self.image(&self.images.spans.changed)
    }

    fn image(&self, span: &Option<Range<usize>>) -> Option<&str> {
        self.images.text.get(span.clone()?)
    }
}
