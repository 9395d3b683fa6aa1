//! Shards: what DynamoDB Streams and Kinesis have in common.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::{Value, json};

/// A sequence number, in the order of its digits as a number of any length.
#[derive(Clone, Debug)]
pub(crate) struct SequenceNumber(pub(crate) String);

impl SequenceNumber {
    fn digits(&self) -> &str {
        self.0.trim_start_matches('0')
    }
}

impl Ord for SequenceNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        let (one, two) = (self.digits(), other.digits());
        one.len().cmp(&two.len()).then_with(|| one.cmp(two))
    }
}

impl PartialOrd for SequenceNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SequenceNumber {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for SequenceNumber {}

/// A record in a shard.
#[derive(Clone)]
pub(crate) struct ShardRecord {
    /// The record in the form of `GetRecords`.
    pub(crate) value: Value,
    /// When it arrived, in milliseconds since 1970.
    pub(crate) arrival_ms: i64,
}

/// A shard: its records in order, and how far they have expired.
#[derive(Default)]
pub(crate) struct Shard {
    records: BTreeMap<SequenceNumber, ShardRecord>,
    /// All sequence numbers that the shard ever held.
    known: BTreeSet<SequenceNumber>,
    /// The last record that has expired.
    expired: Option<SequenceNumber>,
    /// Whether no record can follow.
    pub(crate) closed: bool,
}

/// A page of records, and the position after it; none at the end of a closed shard.
pub(crate) type Page<'a> = (Vec<&'a ShardRecord>, Option<Position>);

impl Shard {
    /// Adds a record.
    pub(crate) fn put(&mut self, sequence_number: SequenceNumber, record: ShardRecord) {
        self.known.insert(sequence_number.clone());
        self.records.insert(sequence_number, record);
    }

    /// Expires all records up to this one.
    pub(crate) fn expire(&mut self, last: SequenceNumber) {
        self.records.retain(|number, _| *number > last);
        self.expired = self.expired.take().max(Some(last));
    }

    /// Whether the shard ever held the sequence number.
    pub(crate) fn knows(&self, sequence_number: &SequenceNumber) -> bool {
        self.known.contains(sequence_number)
    }

    /// The lowest sequence number that the shard ever held.
    pub(crate) fn first(&self) -> Option<&SequenceNumber> {
        self.known.first()
    }

    /// The position of the oldest record that has not expired.
    pub(crate) fn horizon(&self) -> Position {
        match &self.expired {
            Some(last) => Position::After(last.clone()),
            None => Position::After(SequenceNumber("0".to_owned())),
        }
    }

    /// The position after the newest record.
    pub(crate) fn latest(&self) -> Position {
        self.known.last().map_or_else(|| self.horizon(), |last| Position::After(last.clone()))
    }

    /// The position of the first record that arrived at a time or later.
    pub(crate) fn arrived_at(&self, time_ms: i64) -> Position {
        let found = self.records.iter().find(|(_, record)| record.arrival_ms >= time_ms);
        found.map_or_else(|| self.latest(), |(number, _)| Position::At(number.clone()))
    }

    /// Whether records at or after a position have expired.
    pub(crate) fn has_expired(&self, position: &Position) -> bool {
        match (position, &self.expired) {
            (Position::At(number), Some(last)) => number <= last,
            (Position::After(number), Some(last)) => number < last,
            (_, None) => false,
        }
    }

    /// The records from a position, at most `limit` and at most `bytes` as JSON, but at least one.
    pub(crate) fn read(&self, position: &Position, limit: usize, bytes: usize) -> Page<'_> {
        let mut size = 0;
        let ahead = self.records.iter().filter(|(number, _)| position.is_before(number));
        let page: Vec<_> = ahead
            .take(limit)
            .take_while(|(_, record)| {
                let first = size == 0;
                size += record.value.to_string().len();
                first || size <= bytes
            })
            .collect();
        let next =
            page.last().map_or(position.clone(), |(last, _)| Position::After((*last).clone()));
        let ended = self.closed && !self.records.keys().any(|number| next.is_before(number));
        let records = page.into_iter().map(|(_, record)| record).collect();
        (records, (!ended).then_some(next))
    }

    /// The arrival time of the newest record after a position.
    pub(crate) fn newest_behind(&self, position: &Position) -> Option<i64> {
        let (number, record) = self.records.last_key_value()?;
        position.is_before(number).then_some(record.arrival_ms)
    }
}

/// Where a read of a shard continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// With this record.
    At(SequenceNumber),
    /// Behind this record.
    After(SequenceNumber),
}

impl Position {
    fn is_before(&self, number: &SequenceNumber) -> bool {
        match self {
            Self::At(first) => number >= first,
            Self::After(last) => number > last,
        }
    }
}

/// A shard iterator: a position in a shard, usable for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShardIterator {
    /// The stream by its name or ARN.
    pub(crate) stream: String,
    /// The id of the shard.
    pub(crate) shard: String,
    /// Where the next read continues.
    pub(crate) position: Position,
    /// When it was issued, in milliseconds since 1970.
    pub(crate) issued_ms: i64,
}

impl ShardIterator {
    /// The text that clients receive, which is opaque to them.
    pub(crate) fn encode(&self) -> String {
        let (kind, SequenceNumber(number)) = match &self.position {
            Position::At(number) => ("at", number),
            Position::After(number) => ("after", number),
        };
        let parts = json!([self.stream, self.shard, kind, number, self.issued_ms]);
        BASE64_URL_SAFE_NO_PAD.encode(parts.to_string())
    }

    /// Reads a text that [`ShardIterator::encode`] wrote.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let parts: Value =
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let part = |index: usize| parts[index].as_str().map(str::to_owned);
        let number = SequenceNumber(part(3)?);
        let position = match part(2)?.as_str() {
            "at" => Position::At(number),
            "after" => Position::After(number),
            _ => return None,
        };
        Some(Self { stream: part(0)?, shard: part(1)?, position, issued_ms: parts[4].as_i64()? })
    }
}
