//! Amazon DynamoDB Streams, over plain HTTP.

use changefan_strict_aws::{Fault, StrictAws, in_turn};
use serde_json::{Value, json};

use crate::plain::{refuse, succeed};

const STREAM: &str =
    "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2024-01-01T00:00:00.000";
const SHARD: &str = "shardId-00000001700000000000-00000001";
const DESCRIBE: &str = "DynamoDBStreams_20120810.DescribeStream";
const ITERATOR: &str = "DynamoDBStreams_20120810.GetShardIterator";
const RECORDS: &str = "DynamoDBStreams_20120810.GetRecords";
const NOW_MS: i64 = 1_700_000_000_000;

fn record(number: &str) -> Value {
    json!({
        "eventID": format!("id-{number}"),
        "eventName": "REMOVE",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": STREAM,
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
        "dynamodb": {"SequenceNumber": number, "Keys": {"pk": {"S": "a"}}},
    })
}

/// A stream with the records 9, 10 and 11 in one shard.
fn with_records() -> StrictAws {
    let aws = StrictAws::start();
    aws.set_clock(NOW_MS);
    for number in ["000000000000000000009", "000000000000000000010", "11"] {
        aws.put_dynamodb_record(STREAM, SHARD, &record(number));
    }
    aws
}

fn iterator_input(kind: &str, number: Option<&str>) -> Value {
    let mut input = json!({"StreamArn": STREAM, "ShardId": SHARD, "ShardIteratorType": kind});
    if let Some(number) = number {
        input["SequenceNumber"] = json!(number);
    }
    input
}

fn iterator(aws: &StrictAws, kind: &str, number: Option<&str>) -> Value {
    succeed(aws, ITERATOR, &iterator_input(kind, number))["ShardIterator"].clone()
}

/// Reads a page: its sequence numbers and the next iterator.
fn read(aws: &StrictAws, iterator: &Value, limit: usize) -> (Vec<String>, Value) {
    let answer = succeed(aws, RECORDS, &json!({"ShardIterator": iterator, "Limit": limit}));
    let records = answer["Records"].as_array().expect("records").iter();
    let number = |record: &Value| record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
    (records.filter_map(number).collect(), answer["NextShardIterator"].clone())
}

#[test]
fn records_have_the_form_of_the_api() {
    let aws = with_records();
    let start = iterator(&aws, "TRIM_HORIZON", None);
    let answer = succeed(&aws, RECORDS, &json!({"ShardIterator": start, "Limit": 1}));
    let mut expected = record("000000000000000000009");
    expected.as_object_mut().expect("an object").remove("eventSourceARN");
    expected["userIdentity"] = json!({"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"});
    assert_eq!(answer["Records"], json!([expected]));
}

#[test]
fn iterator_types_choose_the_position() {
    let aws = with_records();
    let ten = "000000000000000000010";
    for (kind, number, expected) in [
        ("TRIM_HORIZON", None, 3),
        ("AT_SEQUENCE_NUMBER", Some("9"), 3),
        ("AT_SEQUENCE_NUMBER", Some(ten), 2),
        ("AFTER_SEQUENCE_NUMBER", Some(ten), 1),
        ("AFTER_SEQUENCE_NUMBER", Some("11"), 0),
        ("LATEST", None, 0),
    ] {
        let start = iterator(&aws, kind, number);
        assert_eq!(read(&aws, &start, 1000).0.len(), expected, "{kind} {number:?}");
    }
    let latest = iterator(&aws, "LATEST", None);
    aws.put_dynamodb_record(STREAM, SHARD, &record("12"));
    assert_eq!(read(&aws, &latest, 1000).0, ["12"]);
}

#[test]
fn pages_continue_until_the_shard_is_closed() {
    let aws = with_records();
    let start = iterator(&aws, "TRIM_HORIZON", None);
    let (first, next) = read(&aws, &start, 2);
    assert_eq!(first, ["000000000000000000009", "000000000000000000010"]);
    let (last, next) = read(&aws, &next, 2);
    assert_eq!(last, ["11"]);
    let (none, next) = read(&aws, &next, 2);
    assert!(none.is_empty() && next.is_string());
    aws.close_dynamodb_shard(STREAM, SHARD);
    let (none, next) = read(&aws, &next, 2);
    assert!(none.is_empty() && next.is_null());
    assert!(read(&aws, &start, 3).1.is_null());
}

#[test]
fn small_pages_are_on_demand() {
    let aws = with_records();
    aws.set_page_size(1);
    let start = iterator(&aws, "TRIM_HORIZON", None);
    let (first, next) = read(&aws, &start, 1000);
    assert_eq!(first, ["000000000000000000009"]);
    aws.set_faults(in_turn([Fault::EmptyPage]));
    let (none, next) = read(&aws, &next, 1000);
    assert!(none.is_empty());
    assert_eq!(read(&aws, &next, 1000).0, ["000000000000000000010"]);
}

#[test]
fn page_ends_at_a_mebibyte() {
    let aws = StrictAws::start();
    for number in ["1", "2", "3"] {
        let mut large = record(number);
        large["dynamodb"]["NewImage"] = json!({"v": {"S": "x".repeat(500_000)}});
        aws.put_dynamodb_record(STREAM, SHARD, &large);
    }
    let start = iterator(&aws, "TRIM_HORIZON", None);
    let (first, next) = read(&aws, &start, 1000);
    assert_eq!(first, ["1", "2"]);
    assert_eq!(read(&aws, &next, 1000).0, ["3"]);
}

#[test]
fn expired_records_are_refused() {
    let aws = with_records();
    let start = iterator(&aws, "TRIM_HORIZON", None);
    aws.expire_dynamodb_records(STREAM, SHARD, "10");
    let trimmed = (400, "TrimmedDataAccessException".to_owned());
    assert_eq!(refuse(&aws, RECORDS, &json!({"ShardIterator": start})), trimmed);
    for (kind, number) in [("AT_SEQUENCE_NUMBER", "10"), ("AFTER_SEQUENCE_NUMBER", "9")] {
        assert_eq!(refuse(&aws, ITERATOR, &iterator_input(kind, Some(number))), trimmed);
    }
    for (kind, number) in [("AFTER_SEQUENCE_NUMBER", Some("10")), ("TRIM_HORIZON", None)] {
        assert_eq!(read(&aws, &iterator(&aws, kind, number), 1000).0, ["11"]);
    }
}

#[test]
fn iterators_expire_after_15_minutes() {
    let aws = with_records();
    let start = iterator(&aws, "TRIM_HORIZON", None);
    aws.set_clock(NOW_MS + 15 * 60 * 1000);
    let (_, next) = read(&aws, &start, 1);
    aws.set_clock(NOW_MS + 15 * 60 * 1000 + 1);
    let expired = (400, "ExpiredIteratorException".to_owned());
    assert_eq!(refuse(&aws, RECORDS, &json!({"ShardIterator": start})), expired);
    assert_eq!(read(&aws, &next, 1).0, ["000000000000000000010"]);
}

#[test]
fn streams_are_described_by_page() {
    let aws = with_records();
    let other = "shardId-00000001700000000000-00000002";
    aws.put_dynamodb_record(STREAM, other, &record("20"));
    aws.close_dynamodb_shard(STREAM, SHARD);
    let page = succeed(&aws, DESCRIBE, &json!({"StreamArn": STREAM, "Limit": 1}));
    let page = &page["StreamDescription"];
    let range = json!({
        "StartingSequenceNumber": "000000000000000000009",
        "EndingSequenceNumber": "11",
    });
    assert_eq!(page["Shards"], json!([{"ShardId": SHARD, "SequenceNumberRange": range}]));
    assert_eq!(page["LastEvaluatedShardId"], SHARD);
    assert_eq!(
        (&page["TableName"], &page["StreamLabel"]),
        (&json!("orders"), &json!("2024-01-01T00:00:00.000"))
    );
    let input = json!({"StreamArn": STREAM, "ExclusiveStartShardId": SHARD});
    let last = &succeed(&aws, DESCRIBE, &input)["StreamDescription"];
    assert_eq!(last["Shards"][0]["ShardId"], other);
    assert!(last["LastEvaluatedShardId"].is_null());
}

#[test]
fn unknown_resources_and_numbers_are_refused() {
    let aws = with_records();
    let missing = (400, "ResourceNotFoundException".to_owned());
    assert_eq!(refuse(&aws, DESCRIBE, &json!({"StreamArn": "other"})), missing);
    let mut input = iterator_input("TRIM_HORIZON", None);
    input["ShardId"] = json!("other");
    assert_eq!(refuse(&aws, ITERATOR, &input), missing);
    let invalid = (400, "ValidationException".to_owned());
    for input in [
        iterator_input("AT_SEQUENCE_NUMBER", Some("12")),
        iterator_input("AT_SEQUENCE_NUMBER", None),
        iterator_input("TRIM_HORIZON", Some("9")),
        iterator_input("YESTERDAY", None),
    ] {
        assert_eq!(refuse(&aws, ITERATOR, &input), invalid);
    }
    assert_eq!(refuse(&aws, RECORDS, &json!({"ShardIterator": "no iterator"})), invalid);
}
