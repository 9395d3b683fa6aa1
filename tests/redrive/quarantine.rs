//! Lines of the quarantine.

use base64::prelude::{BASE64_STANDARD, Engine};
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::account::Account;
use super::failures::*;

#[test]
fn line_goes_to_the_sink_that_lacks_it() {
    let account = Account::new();
    let of =
        |sink, numbers: [u32; 2]| lines(&numbers.map(|number| line(Some(sink), &change(number))));
    account.aws.put_object(&quarantine_key("s3", "a"), of("s3", [1, 2]));
    account.aws.put_object(&quarantine_key("firehose", "b"), of("firehose", [2, 3]));
    account.aws.put_object(&quarantine_key("none", "c"), lines(&[line(None, &change(4))]));
    let finished = account.redrive(&[]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!(account.lake(), ids([1, 2, 4]));
    assert_eq!(account.firehose(), ids([2, 3, 4]));
    assert_eq!(account.keys("kept"), [""; 0]);
}

#[test]
fn line_that_is_rejected_again_stays_with_the_new_reason() {
    let account = Account::new();
    let object = lines(&[line(None, &change(1)), line(None, &undecodable(2))]);
    account.aws.put_object(&quarantine_key("none", "a"), object);
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded);
    assert_eq!(account.lake(), ids([1]));
    let [kept] = account.quarantine().try_into().expect("one line");
    let mut expected = line(None, &undecodable(2));
    expected["quarantined"]["reason"] =
        "found another `eventName` of 6 bytes, expected INSERT, MODIFY or REMOVE".into();
    assert_eq!(kept, expected);
    let [key] = account.keys("kept").try_into().expect("one object");
    assert!(key.starts_with("quarantine/date=2026-01-02/sink=none/") && !key.ends_with("/a.jsonl"));

    // Nothing changes any more, so nothing is written.
    let puts = || account.aws.calls().iter().filter(|it| it.info.operation == "PutObject").count();
    let before = puts();
    assert!(!account.redrive(&[]).succeeded);
    assert_eq!((puts(), account.keys("kept")), (before, vec![key]));
}

#[test]
fn line_of_a_sink_that_is_not_configured_is_kept() {
    let account = Account::new();
    let object = lines(&[line(Some("audit"), &change(1)), line(Some("s3"), &change(2))]);
    account.aws.put_object(&quarantine_key("audit", "a"), object);
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded);
    assert!(finished.stderr.contains("the sink audit is not configured"), "{}", finished.stderr);
    assert_eq!((account.lake(), account.firehose()), (ids([2]), ids([])));
    assert_eq!(account.quarantine(), [line(Some("audit"), &change(1))]);
}

#[test]
fn record_that_is_not_json_is_kept_as_it_is() {
    let account = Account::new();
    let mut broken = line(None, &change(1));
    broken["record"] = "not {JSON".into();
    account.aws.put_object(&quarantine_key("none", "a"), lines(&[broken, line(None, &change(2))]));
    assert!(!account.redrive(&[]).succeeded);
    assert_eq!(account.lake(), ids([2]));
    let [kept] = account.quarantine().try_into().expect("one line");
    let texts = (&kept["record"], &kept["quarantined"]["reason"]);
    assert_eq!(texts, (&Value::from("not {JSON"), &Value::from("the record is not JSON")));
}

#[test]
fn failure_at_one_of_all_sinks_leaves_that_sink_only() {
    let account = Account::new().with("FIREHOSE_STREAM", "missing");
    account.aws.put_object(&quarantine_key("none", "a"), lines(&[line(None, &change(1))]));
    assert!(!account.redrive(&[]).succeeded);
    assert_eq!(account.lake(), ids([1]));
    let [kept] = account.quarantine().try_into().expect("one line");
    assert_eq!(kept["quarantined"]["sink"], "firehose");
    let [key] = account.keys("kept").try_into().expect("one object");
    assert!(key.starts_with("quarantine/date=2026-01-02/sink=firehose/"), "{key}");
}

#[test]
fn folder_of_the_function_is_redriven() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    let kept = folder.path().join("date=2026-01-02/sink=none");
    std::fs::create_dir_all(&kept).expect("a folder");
    let object = lines(&[line(None, &change(1)), line(None, &undecodable(2))]);
    std::fs::write(kept.join("a.jsonl"), object).expect("a file");
    let account = Account::new();
    assert!(!account.run(&["redrive", path]).succeeded);
    assert_eq!(account.lake(), ids([1]));
    let files: Vec<_> = std::fs::read_dir(&kept).expect("a folder").collect();
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(files[0].as_ref().expect("a file").path()).expect("text");
    assert!(text.contains("found another `eventName`") && text.lines().count() == 1, "{text}");
}

/// A Kinesis record that aggregates `{"n":0}` and so on, as the Kinesis Producer Library makes it.
fn aggregate(sub_records: u8) -> Value {
    // Field 1 of the message is the table of partition keys, field 3 a record: index and data.
    let mut message = vec![0x0a, 1, b'k'];
    for number in 0..sub_records {
        let data = format!(r#"{{"n":{number}}}"#);
        let length = u8::try_from(data.len()).expect("a short text");
        message.extend([0x1a, length + 4, 0x08, 0, 0x1a, length]);
        message.extend(data.as_bytes());
    }
    let sum = Md5::digest(&message);
    let data = [&[0xf3, 0x89, 0x9a, 0xc2], &message[..], &sum[..]].concat();
    json!({
        "eventID": "shardId-1:100",
        "eventName": "aws:kinesis:record",
        "eventSource": "aws:kinesis",
        "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
        "kinesis": {
            "data": BASE64_STANDARD.encode(data),
            "partitionKey": "k",
            "sequenceNumber": "100",
            "approximateArrivalTimestamp": 1_767_225_600.5,
        },
    })
}

#[test]
fn rejected_sub_records_are_delivered_and_no_others() {
    let account = Account::new();
    let mut rejected = line(Some("s3"), &aggregate(4));
    rejected["quarantined"]["sub_records"] =
        json!([{ "index": 1, "reason": "too large" }, { "index": 3, "reason": "too large" }]);
    account.aws.put_object(&quarantine_key("s3", "a"), lines(&[rejected]));
    let finished = account.redrive(&[]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!(account.lake(), ["shardId-1:100:1", "shardId-1:100:3"]);
}
