//! Amazon DynamoDB Streams: `DescribeStream`, `GetShardIterator` and `GetRecords`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::StrictAws;
use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::fault::Fault;
use crate::json::{Input, unknown_operation};
use crate::shards::{Position, SequenceNumber, Shard, ShardIterator, ShardRecord};
use crate::state::State;

/// `GetRecords`: the most records per call.
const MAX_RECORDS: usize = 1000;
/// `GetRecords`: the most bytes per response.
const MAX_BYTES: usize = 1_048_576;
/// `DescribeStream`: the most shards per page.
const MAX_SHARDS: usize = 100;
/// `GetShardIterator`: how long an iterator can be used.
const ITERATOR_MS: i64 = 15 * 60 * 1000;

impl StrictAws {
    /// Puts a record into a shard of a DynamoDB stream, which is created if it is missing. The
    /// record is given as Lambda receives it, and served in the form of `GetRecords`.
    ///
    /// # Panics
    ///
    /// Panics when the record has no `dynamodb.SequenceNumber`.
    pub fn put_dynamodb_record(&self, stream_arn: &str, shard: &str, record: &Value) {
        let number = record["dynamodb"]["SequenceNumber"].as_str().expect("a sequence number");
        let number = SequenceNumber(number.to_owned());
        let mut state = self.state();
        let record = ShardRecord { value: as_api_record(record), arrival_ms: state.now_ms() };
        state.dynamodb_streams.shard_or_new(stream_arn, shard).put(number, record);
    }

    /// Expires the records of a shard up to this sequence number.
    pub fn expire_dynamodb_records(&self, stream_arn: &str, shard: &str, last: &str) {
        let last = SequenceNumber(last.to_owned());
        self.state().dynamodb_streams.shard_or_new(stream_arn, shard).expire(last);
    }

    /// Closes a shard: a read that has returned its last record returns no further iterator.
    pub fn close_dynamodb_shard(&self, stream_arn: &str, shard: &str) {
        self.state().dynamodb_streams.shard_or_new(stream_arn, shard).closed = true;
    }
}

/// Lambda adds the ARN to a record and writes the members of `userIdentity` in lower case.
fn as_api_record(record: &Value) -> Value {
    let mut record = record.clone();
    if let Some(members) = record.as_object_mut() {
        members.remove("eventSourceARN");
    }
    if let Some(identity) = record["userIdentity"].as_object() {
        let kind = identity.get("type").cloned();
        let principal = identity.get("principalId").cloned();
        record["userIdentity"] = json!({"Type": kind, "PrincipalId": principal});
    }
    record
}

/// The streams by ARN and their shards.
#[derive(Default)]
pub(crate) struct DynamoDbStreams {
    streams: BTreeMap<String, BTreeMap<String, Shard>>,
}

impl DynamoDbStreams {
    fn shard_or_new(&mut self, stream: &str, shard: &str) -> &mut Shard {
        let shards = self.streams.entry(stream.to_owned()).or_default();
        shards.entry(shard.to_owned()).or_default()
    }

    fn shards(&self, stream: &str) -> Result<&BTreeMap<String, Shard>, Refusal> {
        let missing = || {
            let message = format!("Requested resource not found: Stream: {stream} not found");
            Refusal::new(400, "ResourceNotFoundException", message)
        };
        self.streams.get(stream).ok_or_else(missing)
    }

    fn shard(&self, stream: &str, shard: &str) -> Result<&Shard, Refusal> {
        let missing = || {
            let message = format!("Requested resource not found: Shard: {shard} not found");
            Refusal::new(400, "ResourceNotFoundException", message)
        };
        self.shards(stream)?.get(shard).ok_or_else(missing)
    }
}

/// Parses a request.
pub(crate) fn parse(name: &str, input: Input<'_>) -> Result<Operation, Refusal> {
    match name {
        "DescribeStream" => describe_stream(input),
        "GetShardIterator" => get_shard_iterator(input),
        "GetRecords" => get_records(input),
        _ => Err(unknown_operation()),
    }
}

fn describe_stream(input: Input<'_>) -> Result<Operation, Refusal> {
    let stream = input.text("StreamArn")?.to_owned();
    let after = input.optional_text("ExclusiveStartShardId").unwrap_or_default().to_owned();
    let limit = input.within("Limit", 1..=MAX_SHARDS, MAX_SHARDS)?;
    Ok(Operation::new("DescribeStream", stream.clone(), move |state, _| {
        let shards = state.dynamodb_streams.shards(&stream)?;
        let ahead: Vec<_> = shards.iter().filter(|(id, _)| **id > after).collect();
        let page = &ahead[..ahead.len().min(limit).min(state.page_size)];
        let mut description = json!({
            "StreamArn": stream,
            "StreamLabel": stream.rsplit_once("/stream/").map(|(_, label)| label),
            "TableName": table(&stream),
            "StreamStatus": "ENABLED",
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "Shards": page.iter().map(|(id, shard)| describe_shard(id, shard)).collect::<Vec<_>>(),
        });
        if let Some((last, _)) = page.last().filter(|_| page.len() < ahead.len()) {
            description["LastEvaluatedShardId"] = json!(last);
        }
        Ok(Reply::json(&json!({"StreamDescription": description})))
    }))
}

/// The name of the table in the ARN of its stream.
fn table(stream: &str) -> Option<&str> {
    let (_, table) = stream.split_once(":table/")?;
    table.split('/').next()
}

fn describe_shard(id: &str, shard: &Shard) -> Value {
    let mut range = json!({});
    if let Some(SequenceNumber(first)) = shard.first() {
        range["StartingSequenceNumber"] = json!(first);
    }
    if let (true, Position::After(SequenceNumber(last))) = (shard.closed, shard.latest()) {
        range["EndingSequenceNumber"] = json!(last);
    }
    json!({"ShardId": id, "SequenceNumberRange": range})
}

fn get_shard_iterator(input: Input<'_>) -> Result<Operation, Refusal> {
    let stream = input.text("StreamArn")?.to_owned();
    let shard = input.text("ShardId")?.to_owned();
    let kind = input.text("ShardIteratorType")?.to_owned();
    let number = input.optional_text("SequenceNumber");
    let number = number.map(|number| SequenceNumber(number.to_owned()));
    if number.is_some() != kind.ends_with("_SEQUENCE_NUMBER") {
        return Err(input.invalid(format!("SequenceNumber does not go with {kind}")));
    }
    let resource = format!("{stream}/{shard}");
    Ok(Operation::new("GetShardIterator", resource, move |state, _| {
        let found = state.dynamodb_streams.shard(&stream, &shard)?;
        let unknown = number.as_ref().filter(|number| !found.knows(number));
        if let Some(SequenceNumber(number)) = unknown {
            let message = format!("Invalid SequenceNumber {number} for shard {shard}");
            return Err(Refusal::new(400, "ValidationException", message));
        }
        let position = match (kind.as_str(), number) {
            ("AT_SEQUENCE_NUMBER", Some(number)) => Position::At(number),
            ("AFTER_SEQUENCE_NUMBER", Some(number)) => Position::After(number),
            ("TRIM_HORIZON", _) => found.horizon(),
            ("LATEST", _) => found.latest(),
            _ => return Err(Refusal::new(400, "ValidationException", "ShardIteratorType")),
        };
        check_expired(found, &position)?;
        let issued_ms = state.now_ms();
        let iterator = ShardIterator { stream, shard, position, issued_ms };
        Ok(Reply::json(&json!({"ShardIterator": iterator.encode()})))
    }))
}

fn check_expired(shard: &Shard, position: &Position) -> Result<(), Refusal> {
    if !shard.has_expired(position) {
        return Ok(());
    }
    let message = "The operation attempted to read past the oldest stream record in a shard.";
    Err(Refusal::new(400, "TrimmedDataAccessException", message))
}

fn get_records(input: Input<'_>) -> Result<Operation, Refusal> {
    let iterator = ShardIterator::decode(input.text("ShardIterator")?)
        .ok_or_else(|| input.invalid("Invalid ShardIterator"))?;
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
        let message = "Iterator expired. The iterator was created more than 15 minutes ago.";
        return Err(Refusal::new(400, "ExpiredIteratorException", message));
    }
    let shard = state.dynamodb_streams.shard(&iterator.stream, &iterator.shard)?;
    check_expired(shard, &iterator.position)?;
    let limit = if *fault == Fault::EmptyPage { 0 } else { limit.min(state.page_size) };
    let (records, next) = shard.read(&iterator.position, limit, MAX_BYTES);
    let records: Vec<&Value> = records.into_iter().map(|record| &record.value).collect();
    let mut answer = json!({"Records": records});
    if let Some(position) = next {
        let next = ShardIterator { position, issued_ms: now_ms, ..iterator };
        answer["NextShardIterator"] = json!(next.encode());
    }
    Ok(Reply::json(&answer))
}
