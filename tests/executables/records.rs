//! Records and payloads for tests, and the log entries that they become.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// The sample that the README runs: an insert, a change and a removal in the table `orders`.
pub(super) const ORDERS: &str = include_str!("../../events/samples/orders.json");

/// The log entries of the sample, one per line, each with its unchanged record.
pub(super) fn orders_log() -> String {
    #[derive(Deserialize)]
    struct Sample {
        #[serde(rename = "Records")]
        records: Vec<Box<RawValue>>,
    }
    // No string of the sample holds white space.
    let compact: String = ORDERS.split_whitespace().collect();
    let sample: Sample = serde_json::from_str(&compact).expect("a sample");
    sample.records.iter().map(|record| log_line(record.get())).collect()
}

/// The log entry of a record of [`change`] or of the sample: all were made at the same time.
pub(super) fn log_line(record: &str) -> String {
    [
        r#"{"log_code":"DynamoDBStreamRecord","log_msg":"Events from the DynamoDB Table","#,
        r#""log_level":"INFO","#,
        r#""log_keys":{"record":"#,
        record,
        r#"},"log_timestamp":"2023-07-11 19:25:30"}"#,
        "\n",
    ]
    .concat()
}

/// The log entries of some records.
pub(super) fn log<'a>(records: impl IntoIterator<Item = &'a Value>) -> String {
    records.into_iter().map(|record| log_line(&record.to_string())).collect()
}

/// The stream of the table `orders`.
pub(super) const STREAM_ARN: &str = concat!(
    "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/",
    "stream/2026-01-01T00:00:00.000"
);

/// The record of a DynamoDB Streams mapping or a Pipe for the insertion of item `number`.
pub(super) fn change(number: u32) -> Value {
    json!({
        "eventID": event_id(number),
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "eventSourceARN": STREAM_ARN,
        "dynamodb": {
            "ApproximateCreationDateTime": 1689103530,
            "Keys": { "id": { "N": number.to_string() } },
            "NewImage": { "id": { "N": number.to_string() }, "name": { "S": "something" } },
            "SequenceNumber": sequence_number(number),
            "SizeBytes": 20,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}

/// As [`change`], with an operation that does not exist.
pub(super) fn undecodable(number: u32) -> Value {
    let mut record = change(number);
    record["eventName"] = json!("UPSERT");
    record
}

/// Why [`undecodable`] is rejected.
pub(super) const UNDECODABLE: &str =
    "found another `eventName` of 6 bytes, expected INSERT, MODIFY or REMOVE";

/// The record of a Kinesis mapping for `data`, in base64.
pub(super) fn kinesis(number: u32, data: &str) -> Value {
    json!({
        "eventID": format!("shardId-000000000000:{}", kinesis_sequence_number(number)),
        "eventName": "aws:kinesis:record",
        "eventVersion": "1.0",
        "eventSource": "aws:kinesis",
        "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/fan",
        "kinesis": {
            "data": data,
            "partitionKey": "1",
            "sequenceNumber": kinesis_sequence_number(number),
            "approximateArrivalTimestamp": 1689103530.5,
            "kinesisSchemaVersion": "1.0",
        },
    })
}

/// As EventBridge Pipes flattens it.
pub(super) fn flat(record: Value) -> Value {
    let mut flat = record["kinesis"].clone();
    let members = record.as_object().into_iter().flatten().filter(|(name, _)| *name != "kinesis");
    members.for_each(|(name, value)| flat[name] = value.clone());
    flat
}

pub(super) fn event_id(number: u32) -> String {
    format!("{number:032x}")
}

pub(super) fn sequence_number(number: u32) -> String {
    format!("1000000000000000000{number:02}")
}

pub(super) fn kinesis_sequence_number(number: u32) -> String {
    format!("495903382714902566085596925383615710959215759891365888{number:02}")
}

/// A batch of an event source mapping.
pub(super) fn batch<const N: usize>(records: [Value; N]) -> Value {
    json!({ "Records": records.as_slice() })
}

/// A batch of EventBridge Pipes.
pub(super) fn pipe_batch<const N: usize>(records: [Value; N]) -> Value {
    json!(records.as_slice())
}
