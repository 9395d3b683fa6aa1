//! Amazon Kinesis Data Streams: `ListShards`, `GetShardIterator` and `GetRecords`.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::StrictAws;
use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::fault::Fault;
use crate::json::{Input, unknown_operation};
use crate::shards::{Position, SequenceNumber, Shard, ShardIterator, ShardRecord};
use crate::state::State;

/// `GetRecords`: the most records per call.
const MAX_RECORDS: usize = 10_000;
/// `GetRecords`: the most bytes per response.
const MAX_BYTES: usize = 10 * 1024 * 1024;
/// `ListShards`: the most shards per page.
const MAX_SHARDS: usize = 10_000;
/// `GetShardIterator`: how long an iterator can be used.
const ITERATOR_MS: i64 = 5 * 60 * 1000;

/// A record in a shard of a Kinesis stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KinesisRecord {
    /// Decimal digits. Records of a shard are ordered by them.
    pub sequence_number: String,
    /// The partition key.
    pub partition_key: String,
    /// The data, before base64.
    pub data: Bytes,
    /// When it arrived, in milliseconds since 1970.
    pub arrival_ms: i64,
}

impl StrictAws {
    /// Puts a record into a shard of a Kinesis stream, which is created if it is missing.
    pub fn put_kinesis_record(&self, stream: &str, shard: &str, record: KinesisRecord) {
        let value = json!({
            "SequenceNumber": record.sequence_number,
            "PartitionKey": record.partition_key,
            "Data": BASE64_STANDARD.encode(&record.data),
            "ApproximateArrivalTimestamp": record.arrival_ms as f64 / 1000.0,
        });
        let number = SequenceNumber(record.sequence_number);
        let record = ShardRecord { value, arrival_ms: record.arrival_ms };
        self.state().kinesis.shard_or_new(stream, shard).put(number, record);
    }

    /// Expires the records of a shard up to this sequence number.
    pub fn expire_kinesis_records(&self, stream: &str, shard: &str, last: &str) {
        let last = SequenceNumber(last.to_owned());
        self.state().kinesis.shard_or_new(stream, shard).expire(last);
    }

    /// Closes a shard: a read that has returned its last record returns no further iterator.
    pub fn close_kinesis_shard(&self, stream: &str, shard: &str) {
        self.state().kinesis.shard_or_new(stream, shard).closed = true;
    }
}

/// The streams by name and their shards.
#[derive(Default)]
pub(crate) struct Kinesis {
    streams: BTreeMap<String, BTreeMap<String, Shard>>,
}

impl Kinesis {
    fn shard_or_new(&mut self, stream: &str, shard: &str) -> &mut Shard {
        let shards = self.streams.entry(stream.to_owned()).or_default();
        shards.entry(shard.to_owned()).or_default()
    }

    fn shards(&self, stream: &str) -> Result<&BTreeMap<String, Shard>, Refusal> {
        let missing = || {
            let message = format!("Stream {stream} under account 000000000000 not found.");
            Refusal::new(400, "ResourceNotFoundException", message)
        };
        self.streams.get(stream).ok_or_else(missing)
    }

    fn shard(&self, stream: &str, shard: &str) -> Result<&Shard, Refusal> {
        let missing = || {
            let message = format!("Shard {shard} in stream {stream} does not exist");
            Refusal::new(400, "ResourceNotFoundException", message)
        };
        self.shards(stream)?.get(shard).ok_or_else(missing)
    }
}

/// Parses a request.
pub(crate) fn parse(name: &str, input: Input<'_>) -> Result<Operation, Refusal> {
    match name {
        "ListShards" => list_shards(input),
        "GetShardIterator" => get_shard_iterator(input),
        "GetRecords" => get_records(input),
        _ => Err(unknown_operation()),
    }
}

/// The name of a stream that is given by name or by ARN.
fn stream(input: Input<'_>) -> Result<String, Refusal> {
    let arn = input.optional_text("StreamARN").and_then(|arn| arn.rsplit_once(":stream/"));
    let name = input.optional_text("StreamName").or(arn.map(|(_, name)| name));
    let missing = || Refusal::new(400, "InvalidArgumentException", "a stream is required");
    name.map(str::to_owned).ok_or_else(missing)
}

fn list_shards(input: Input<'_>) -> Result<Operation, Refusal> {
    // A token stands alone. It holds the stream and the last shard of the page before it.
    let (stream, after) = match input.optional_text("NextToken") {
        Some(token) => {
            let invalid = || Refusal::new(400, "InvalidArgumentException", "invalid NextToken");
            let (stream, after) = token.split_once('/').ok_or_else(invalid)?;
            (stream.to_owned(), after.to_owned())
        }
        None => {
            let after = input.optional_text("ExclusiveStartShardId").unwrap_or_default();
            (stream(input)?, after.to_owned())
        }
    };
    let limit = input.within("MaxResults", 1..=MAX_SHARDS, 1000)?;
    Ok(Operation::new("ListShards", stream.clone(), move |state, _| {
        let shards = state.kinesis.shards(&stream)?;
        let ahead: Vec<_> = shards.iter().filter(|(id, _)| **id > after).collect();
        let page = &ahead[..ahead.len().min(limit).min(state.page_size)];
        let shards: Vec<Value> = page.iter().map(|(id, shard)| describe(id, shard)).collect();
        let mut answer = json!({"Shards": shards});
        if let Some((last, _)) = page.last().filter(|_| page.len() < ahead.len()) {
            answer["NextToken"] = json!(format!("{stream}/{last}"));
        }
        Ok(Reply::json(&answer))
    }))
}

fn describe(id: &str, shard: &Shard) -> Value {
    let first = shard.first().map_or("0", |SequenceNumber(first)| first);
    let mut range = json!({"StartingSequenceNumber": first});
    if let (true, Position::After(SequenceNumber(last))) = (shard.closed, shard.latest()) {
        range["EndingSequenceNumber"] = json!(last);
    }
    let keys = json!({
        "StartingHashKey": "0",
        "EndingHashKey": "340282366920938463463374607431768211455",
    });
    json!({"ShardId": id, "HashKeyRange": keys, "SequenceNumberRange": range})
}

fn get_shard_iterator(input: Input<'_>) -> Result<Operation, Refusal> {
    let stream = stream(input)?;
    let shard = input.text("ShardId")?.to_owned();
    let kind = input.text("ShardIteratorType")?.to_owned();
    let number = input.optional_text("StartingSequenceNumber");
    let number = number.map(|number| SequenceNumber(number.to_owned()));
    let time = input.optional_time("Timestamp")?;
    let resource = format!("{stream}/{shard}");
    Ok(Operation::new("GetShardIterator", resource, move |state, _| {
        let found = state.kinesis.shard(&stream, &shard)?;
        let invalid = |what: &str| {
            let message = format!("{what} used in GetShardIterator on shard {shard} is invalid");
            Refusal::new(400, "InvalidArgumentException", message)
        };
        if number.as_ref().is_some_and(|number| !found.knows(number)) {
            return Err(invalid("StartingSequenceNumber"));
        }
        let position = match (kind.as_str(), number, time) {
            ("AT_SEQUENCE_NUMBER", Some(number), None) => Position::At(number),
            ("AFTER_SEQUENCE_NUMBER", Some(number), None) => Position::After(number),
            ("AT_TIMESTAMP", None, Some(time)) => found.arrived_at(time),
            ("TRIM_HORIZON", None, None) => found.horizon(),
            ("LATEST", None, None) => found.latest(),
            _ => return Err(invalid("ShardIteratorType")),
        };
        let issued_ms = state.now_ms();
        let iterator = ShardIterator { stream, shard, position, issued_ms };
        Ok(Reply::json(&json!({"ShardIterator": iterator.encode()})))
    }))
}

fn get_records(input: Input<'_>) -> Result<Operation, Refusal> {
    let iterator = ShardIterator::decode(input.text("ShardIterator")?)
        .ok_or_else(|| Refusal::new(400, "InvalidArgumentException", "Invalid ShardIterator."))?;
    let limit = input.within("Limit", 1..=MAX_RECORDS, MAX_RECORDS)?;
    let resource = format!("{}/{}", iterator.stream, iterator.shard);
    Ok(Operation::new("GetRecords", resource, move |state, fault| {
        read(state, iterator, limit, fault)
    }))
}

fn read(
    state: &State,
    iterator: ShardIterator,
    limit: usize,
    fault: &Fault,
) -> Result<Reply, Refusal> {
    let now_ms = state.now_ms();
    if now_ms - iterator.issued_ms > ITERATOR_MS {
        let message = "Iterator expired. The iterator was created more than 5 minutes ago.";
        return Err(Refusal::new(400, "ExpiredIteratorException", message));
    }
    let shard = state.kinesis.shard(&iterator.stream, &iterator.shard)?;
    // Unlike DynamoDB Streams, Kinesis continues with the oldest record that has not expired.
    let position = match shard.has_expired(&iterator.position) {
        true => shard.horizon(),
        false => iterator.position.clone(),
    };
    let limit = if *fault == Fault::EmptyPage { 0 } else { limit.min(state.page_size) };
    let (records, next) = shard.read(&position, limit, MAX_BYTES);
    let records: Vec<&Value> = records.into_iter().map(|record| &record.value).collect();
    let behind = next.as_ref().and_then(|next| shard.newest_behind(next));
    let behind_ms = behind.map_or(0, |arrival_ms| (now_ms - arrival_ms).max(1));
    let mut answer = json!({"Records": records, "MillisBehindLatest": behind_ms});
    if let Some(position) = next {
        let next = ShardIterator { position, issued_ms: now_ms, ..iterator };
        answer["NextShardIterator"] = json!(next.encode());
    }
    Ok(Reply::json(&answer))
}
