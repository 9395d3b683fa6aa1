//! Amazon Kinesis Data Streams, over plain HTTP.

use bytes::Bytes;
use changefan_strict_aws::{Fault, KinesisRecord, StrictAws, in_turn};
use serde_json::{Value, json};

use crate::plain::{refuse, succeed};

const SHARD: &str = "shardId-000000000000";
const LIST: &str = "Kinesis_20131202.ListShards";
const ITERATOR: &str = "Kinesis_20131202.GetShardIterator";
const RECORDS: &str = "Kinesis_20131202.GetRecords";
const NOW_MS: i64 = 1_700_000_000_000;
/// As long as real ones are: more digits than 128 bits hold.
const FIRST: &str = "49642650476690467334584007152166000000000000000000000009";
const SECOND: &str = "49642650476690467334584007152166000000000000000000000010";

fn record(sequence_number: &str, arrival_ms: i64) -> KinesisRecord {
    KinesisRecord {
        sequence_number: sequence_number.to_owned(),
        partition_key: "key".to_owned(),
        data: Bytes::from_static(b"\x00data"),
        arrival_ms,
    }
}

fn with_records() -> StrictAws {
    let aws = StrictAws::start();
    aws.set_clock(NOW_MS);
    aws.put_kinesis_record("orders", SHARD, record(FIRST, NOW_MS - 2000));
    aws.put_kinesis_record("orders", SHARD, record(SECOND, NOW_MS - 500));
    aws
}

fn iterator_input(kind: &str) -> Value {
    json!({"StreamName": "orders", "ShardId": SHARD, "ShardIteratorType": kind})
}

fn iterator_at(kind: &str, number: &str) -> Value {
    let mut input = iterator_input(kind);
    input["StartingSequenceNumber"] = json!(number);
    input
}

/// Reads a page: its sequence numbers, the next iterator and `MillisBehindLatest`.
fn read(aws: &StrictAws, iterator: &Value, limit: usize) -> (Vec<String>, Value, i64) {
    let answer = succeed(aws, RECORDS, &json!({"ShardIterator": iterator, "Limit": limit}));
    let records = answer["Records"].as_array().expect("records").iter();
    let numbers = records.filter_map(|record| record["SequenceNumber"].as_str());
    let behind = answer["MillisBehindLatest"].as_i64().expect("a time");
    (numbers.map(str::to_owned).collect(), answer["NextShardIterator"].clone(), behind)
}

fn read_from(aws: &StrictAws, input: &Value) -> Vec<String> {
    let iterator = &succeed(aws, ITERATOR, input)["ShardIterator"];
    read(aws, iterator, 10_000).0
}

#[test]
fn records_have_the_form_of_the_api() {
    let aws = with_records();
    let start = &succeed(&aws, ITERATOR, &iterator_input("TRIM_HORIZON"))["ShardIterator"];
    let answer = succeed(&aws, RECORDS, &json!({"ShardIterator": start, "Limit": 1}));
    let expected = json!({
        "SequenceNumber": FIRST,
        "PartitionKey": "key",
        "Data": "AGRhdGE=",
        "ApproximateArrivalTimestamp": 1_699_999_998.0,
    });
    assert_eq!(answer["Records"], json!([expected]));
}

#[test]
fn iterator_types_choose_the_position() {
    let aws = with_records();
    let mut by_arn = iterator_at("AFTER_SEQUENCE_NUMBER", FIRST);
    by_arn["StreamName"] = Value::Null;
    by_arn["StreamARN"] = json!("arn:aws:kinesis:us-east-1:000000000000:stream/orders");
    let mut by_time = iterator_input("AT_TIMESTAMP");
    by_time["Timestamp"] = json!((NOW_MS - 1999) as f64 / 1000.0);
    for (input, expected) in [
        (iterator_input("TRIM_HORIZON"), &[FIRST, SECOND][..]),
        (iterator_at("AT_SEQUENCE_NUMBER", FIRST), &[FIRST, SECOND]),
        (by_arn, &[SECOND]),
        (by_time, &[SECOND]),
        (iterator_input("LATEST"), &[]),
    ] {
        assert_eq!(read_from(&aws, &input), expected, "{input}");
    }
}

#[test]
fn pages_continue_until_the_shard_is_closed() {
    let aws = with_records();
    let start = &succeed(&aws, ITERATOR, &iterator_input("TRIM_HORIZON"))["ShardIterator"];
    let (first, next, behind) = read(&aws, start, 1);
    assert_eq!((first, behind), (vec![FIRST.to_owned()], 500));
    aws.set_faults(in_turn([Fault::EmptyPage]));
    let (none, next, behind) = read(&aws, &next, 1);
    assert_eq!((none.len(), behind), (0, 500));
    let (last, next, behind) = read(&aws, &next, 1);
    assert_eq!((last, behind), (vec![SECOND.to_owned()], 0));
    assert!(next.is_string());
    aws.close_kinesis_shard("orders", SHARD);
    assert!(read(&aws, &next, 1).1.is_null());
}

#[test]
fn expired_records_are_gone() {
    let aws = with_records();
    aws.expire_kinesis_records("orders", SHARD, FIRST);
    for input in [
        iterator_at("AT_SEQUENCE_NUMBER", FIRST),
        iterator_at("AFTER_SEQUENCE_NUMBER", FIRST),
        iterator_input("TRIM_HORIZON"),
    ] {
        assert_eq!(read_from(&aws, &input), [SECOND]);
    }
}

#[test]
fn iterators_expire_after_5_minutes() {
    let aws = with_records();
    let start = &succeed(&aws, ITERATOR, &iterator_input("TRIM_HORIZON"))["ShardIterator"];
    aws.set_clock(NOW_MS + 5 * 60 * 1000);
    assert_eq!(read(&aws, start, 1).0, [FIRST]);
    aws.set_clock(NOW_MS + 5 * 60 * 1000 + 1);
    let refused = refuse(&aws, RECORDS, &json!({"ShardIterator": start}));
    assert_eq!(refused, (400, "ExpiredIteratorException".to_owned()));
}

#[test]
fn shards_are_listed_by_page() {
    let aws = with_records();
    aws.put_kinesis_record("orders", "shardId-000000000001", record("1", NOW_MS));
    aws.close_kinesis_shard("orders", SHARD);
    let page = succeed(&aws, LIST, &json!({"StreamName": "orders", "MaxResults": 1}));
    let range = json!({"StartingSequenceNumber": FIRST, "EndingSequenceNumber": SECOND});
    assert_eq!(page["Shards"][0]["ShardId"], SHARD);
    assert_eq!(page["Shards"][0]["SequenceNumberRange"], range);
    let last = succeed(&aws, LIST, &json!({"NextToken": page["NextToken"]}));
    assert_eq!(last["Shards"][0]["ShardId"], "shardId-000000000001");
    assert!(last["NextToken"].is_null());
}

#[test]
fn unknown_resources_and_numbers_are_refused() {
    let aws = with_records();
    let missing = (400, "ResourceNotFoundException".to_owned());
    assert_eq!(refuse(&aws, LIST, &json!({"StreamName": "other"})), missing);
    let mut input = iterator_input("LATEST");
    input["ShardId"] = json!("other");
    assert_eq!(refuse(&aws, ITERATOR, &input), missing);
    let invalid = (400, "InvalidArgumentException".to_owned());
    for input in [
        iterator_at("AT_SEQUENCE_NUMBER", "7"),
        iterator_at("LATEST", FIRST),
        iterator_input("AT_TIMESTAMP"),
    ] {
        assert_eq!(refuse(&aws, ITERATOR, &input), invalid);
    }
    assert_eq!(refuse(&aws, RECORDS, &json!({"ShardIterator": "no iterator"})), invalid);
    assert_eq!(refuse(&aws, LIST, &json!({})), invalid);
}
