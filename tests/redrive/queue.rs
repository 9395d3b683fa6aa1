//! Dead letters of Pipes.

use bytes::Bytes;
use changefan_strict_aws::{CallInfo, Fault, KinesisRecord};
use serde_json::{Value, json};

use super::account::{Account, Finished};
use super::failures::*;

const KINESIS: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";

/// An account with ten changes in a shard of the table's stream.
fn account() -> Account {
    let account = Account::new().with("SINKS", "s3");
    (1..=10).for_each(|number| account.aws.put_dynamodb_record(STREAM, SHARD, &change(number)));
    account.aws.create_queue("letters");
    account
}

fn send(account: &Account, numbers: std::ops::RangeInclusive<u32>) {
    let records: Vec<_> = numbers.map(change).collect();
    account.aws.send_message("letters", &dead_letter(&records).to_string());
}

fn redrive(account: &Account, options: &[&str]) -> Finished {
    let url = account.aws.create_queue("letters");
    account.run(&[&["redrive", "--queue", &url], options].concat())
}

#[test]
fn records_are_fetched_from_the_stream_in_order() {
    let account = account();
    send(&account, 5..=7);
    send(&account, 2..=3);
    let finished = redrive(&account, &[]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!(account.lake(), ids([2, 3, 5, 6, 7]));
    assert_eq!(account.aws.queue_messages("letters"), [""; 0]);
    assert_eq!(finished.stderr, "5 records redriven: 5 changes to s3\n2 messages done\n");
}

#[test]
fn fetched_record_equals_what_lambda_received() {
    let account = account().with("SINKS", "stdout").with("STDOUT_FORMAT", "dynamodb-json");
    let mut record = change(11);
    record["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
    record["dynamodb"]["OldImage"] = json!({
        "b": { "B": "AAEC" }, "bool": { "BOOL": true }, "bs": { "BS": ["AA==", "AQ=="] },
        "l": { "L": [{ "N": "1.50" }, { "NULL": true }] }, "m": { "M": { "x": { "S": "é" } } },
        "ns": { "NS": ["1", "2"] }, "ss": { "SS": ["a", "b"] },
    });
    account.aws.put_dynamodb_record(STREAM, SHARD, &record);
    account.aws.send_message("letters", &dead_letter(&[record.clone()]).to_string());
    let finished = redrive(&account, &[]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!(serde_json::from_str::<Value>(&finished.stdout).expect("a record"), record);
}

#[test]
fn expired_records_are_reported_and_the_others_delivered() {
    let account = account();
    account.aws.expire_dynamodb_records(STREAM, SHARD, &sequence_number(4));
    send(&account, 1..=2);
    send(&account, 3..=6);
    let finished = redrive(&account, &[]);
    assert!(!finished.succeeded);
    assert_eq!(account.lake(), ids([5, 6]));
    let part = format!(
        "the records from {} to before {} of {STREAM}, shard {SHARD} have expired (2 of 4)",
        sequence_number(3),
        sequence_number(5)
    );
    let whole = format!("the records from {} to {} of", sequence_number(1), sequence_number(2));
    assert!(finished.stderr.contains(&part) && finished.stderr.contains(&whole), "{finished:?}");
    assert_eq!(account.aws.queue_messages("letters").len(), 2);
}

fn kinesis_number(number: u32) -> String {
    format!("495903382714902566085596925383615710959215759891365888{number:02}")
}

fn put_clicks(account: &Account) {
    for number in 1..=6 {
        let record = KinesisRecord {
            sequence_number: kinesis_number(number),
            partition_key: "k".into(),
            data: Bytes::from(format!(r#"{{"click":{number}}}"#)),
            arrival_ms: 1_767_225_600_123 + i64::from(number),
        };
        account.aws.put_kinesis_record("clicks", SHARD, record);
    }
}

fn send_clicks(account: &Account, first: u32, last: u32) {
    let mut letter = dead_letter(&[change(1)]);
    let mut info = letter["DDBStreamBatchInfo"].take();
    letter.as_object_mut().expect("an object").remove("DDBStreamBatchInfo");
    info["streamArn"] = KINESIS.into();
    info["startSequenceNumber"] = kinesis_number(first).into();
    info["endSequenceNumber"] = kinesis_number(last).into();
    info["batchSize"] = (last - first + 1).into();
    letter["KinesisBatchInfo"] = info;
    account.aws.send_message("letters", &letter.to_string());
}

#[test]
fn kinesis_records_are_fetched_with_their_arrival_time() {
    let account = account().with("SINKS", "stdout").with("STDOUT_FORMAT", "json");
    put_clicks(&account);
    send_clicks(&account, 2, 3);
    account.aws.set_page_size(1);
    let finished = redrive(&account, &[]);
    assert!(finished.succeeded, "{}", finished.stderr);
    let events: Vec<Value> =
        finished.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let found: Vec<_> =
        events.iter().map(|it| (it["event_id"].clone(), it["timestamp"].clone())).collect();
    let expected =
        |number, time: &str| (json!(format!("{SHARD}:{}", kinesis_number(number))), json!(time));
    assert_eq!(
        found,
        [expected(2, "2026-01-01T00:00:00.125Z"), expected(3, "2026-01-01T00:00:00.126Z")]
    );
}

#[test]
fn kinesis_continues_behind_expired_records() {
    let account = account();
    put_clicks(&account);
    account.aws.expire_kinesis_records("clicks", SHARD, &kinesis_number(4));
    send_clicks(&account, 1, 2);
    send_clicks(&account, 3, 5);
    let finished = redrive(&account, &[]);
    assert!(!finished.succeeded);
    assert_eq!(account.lake(), [format!("{SHARD}:{}", kinesis_number(5))]);
    assert!(finished.stderr.contains("have expired (2 of 3)"), "{}", finished.stderr);
    assert!(finished.stderr.contains("have expired (2 of 2)"), "{}", finished.stderr);
}

#[test]
fn empty_pages_and_failing_calls_are_passed() {
    let account = account();
    send(&account, 1..=10);
    account.aws.set_page_size(3);
    account.aws.set_faults(|call: &CallInfo| match (call.operation.as_str(), call.nth % 3) {
        ("GetRecords" | "ReceiveMessage", 0) => Fault::EmptyPage,
        ("GetRecords" | "GetShardIterator" | "DeleteMessage", 1) => Fault::Status(500),
        _ => Fault::None,
    });
    let finished = redrive(&account, &[]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!(account.lake(), ids(1..=10));
}

#[test]
fn undelivered_letter_stays_and_is_visible_again() {
    let account = account();
    send(&account, 1..=2);
    account.aws.set_faults(|call: &CallInfo| match call.resource.starts_with("lake/") {
        true => Fault::Error(403, "AccessDenied"),
        false => Fault::None,
    });
    assert!(!redrive(&account, &[]).succeeded);
    assert_eq!(account.aws.queue_messages("letters").len(), 1);
    account.aws.set_faults(|_: &CallInfo| Fault::None);
    assert!(redrive(&account, &[]).succeeded);
    assert_eq!((account.lake(), account.aws.queue_messages("letters")), (ids([1, 2]), vec![]));
}

#[test]
fn dry_run_fetches_and_delivers_nothing() {
    let account = account();
    send(&account, 1..=2);
    let finished = redrive(&account, &["--dry-run"]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert!(finished.stdout.ends_with(": 2 records, all of them in the stream\n"));
    assert_eq!(account.lake(), [""; 0]);
    assert_eq!(account.aws.queue_messages("letters").len(), 1);
    assert!(redrive(&account, &[]).succeeded);
}

#[test]
fn message_of_another_kind_stays() {
    let account = account();
    account.aws.send_message("letters", "hello");
    let finished = redrive(&account, &[]);
    assert!(!finished.succeeded && finished.stderr.contains("it is not a dead letter of a stream"));
    assert_eq!(account.aws.queue_messages("letters"), ["hello"]);
}
