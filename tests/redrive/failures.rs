//! What is set aside: records, on-failure objects and lines of the quarantine.

use serde_json::{Value, json};

pub(super) const STREAM: &str =
    "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000";
pub(super) const SHARD: &str = "shardId-00000001";

/// The insertion of item `number`, as Lambda receives it.
pub(super) fn change(number: u32) -> Value {
    json!({
        "eventID": id(number),
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "eventSourceARN": STREAM,
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_225_600 + number,
            "Keys": { "id": { "N": number.to_string() } },
            "NewImage": { "id": { "N": number.to_string() } },
            "SequenceNumber": sequence_number(number),
            "SizeBytes": 20,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}

/// As [`change`], but of an operation that does not exist.
pub(super) fn undecodable(number: u32) -> Value {
    let mut record = change(number);
    record["eventName"] = json!("UPSERT");
    record
}

pub(super) fn id(number: u32) -> String {
    format!("change-{number}")
}

pub(super) fn ids(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    numbers.into_iter().map(id).collect()
}

/// Numbers of different lengths: as text, 9 comes after 10.
pub(super) fn sequence_number(number: u32) -> String {
    format!("{}", 100_000_000_000_000_000_000_u128 * u128::from(number))
}

/// The key of an on-failure object. The last part does not follow the order of the batches.
pub(super) fn on_failure_key(name: &str) -> String {
    format!("kept/aws/lambda/0a1b/{SHARD}/2026/01/01/2026-01-01T00.13.49-{name}")
}

/// An on-failure object of a batch.
pub(super) fn on_failure(records: &[Value]) -> Value {
    let mut object = dead_letter(records);
    let context = object.as_object_mut().expect("an object").remove("context");
    object["requestContext"] = context.expect("a context");
    object["payload"] = json!({ "Records": records });
    object
}

/// A dead letter of a Pipe for a batch of a DynamoDB stream.
pub(super) fn dead_letter(records: &[Value]) -> Value {
    let number =
        |record: Option<&Value>| record.expect("a record")["dynamodb"]["SequenceNumber"].clone();
    json!({
        "context": {
            "partnerResourceArn": "arn:aws:pipes:eu-west-1:123456789012:pipe/orders",
            "condition": "RetryAttemptsExhausted",
        },
        "version": "1.0",
        "timestamp": "2026-01-01T00:13:49.717Z",
        "DDBStreamBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": number(records.first()),
            "endSequenceNumber": number(records.last()),
            "approximateArrivalOfFirstRecord": "2026-01-01T00:13:19Z",
            "approximateArrivalOfLastRecord": "2026-01-01T00:13:19Z",
            "batchSize": records.len(),
            "streamArn": STREAM,
        },
    })
}

/// A line of the quarantine.
pub(super) fn line(sink: Option<&str>, record: &Value) -> Value {
    json!({
        "quarantined": {
            "reason": "too large: 2000000 bytes",
            "sink": sink,
            "event_id": record["eventID"],
            "sequence_number": record["dynamodb"]["SequenceNumber"],
            "timestamp": "2026-01-01T00:00:00.000Z",
            "position": 7,
            "sub_records": null,
            "quarantined_at": "2026-01-02T03:04:05.678Z",
        },
        "record": record.to_string(),
    })
}

/// An object of the quarantine.
pub(super) fn lines(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The key of an object of the quarantine.
pub(super) fn quarantine_key(sink: &str, name: &str) -> String {
    format!("kept/quarantine/date=2026-01-02/sink={sink}/{name}.jsonl")
}
