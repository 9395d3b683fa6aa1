//! What kind of change an event is.

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
    /// A record that is not a change of a DynamoDB table was put into a Kinesis stream.
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
            Self::Insert => "INSERT",
            Self::Modify => "MODIFY",
            Self::Remove => "REMOVE",
            Self::Append => "APPEND",
            Self::Read => "READ",
            Self::Snapshot => "SNAPSHOT",
        }
    }
}

/// The kind of source that a change was read from.
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
            Self::DynamoDb => "dynamodb",
            Self::Kinesis => "kinesis",
            Self::Export => "export",
        }
    }
}

/// Who made the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// A client of the table.
    User,
    /// DynamoDB itself, because the item's time to live had expired.
    Ttl,
}

impl Actor {
    /// `user` or `ttl`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Ttl => "ttl",
        }
    }
}
