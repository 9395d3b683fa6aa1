//! What the function replies if not every record is processed.

use std::time::Duration;

use serde_json::{Value, json};

use super::folder::Folder;
use super::function::start_function;
use super::records::*;
use super::services::{Silent, start_accepting_once};
use changefan_fake_lambda::{Answer, Due};

const PARTIAL: (&str, &str) = ("PARTIAL_BATCH_RESPONSE", "true");

/// Standard output, and a sink that waits for a service.
const LAKE: [(&str, &str); 2] = [("SINKS", "stdout,s3"), ("S3_BUCKET", "lake")];

/// All records are processed.
pub(super) fn success() -> Answer {
    Answer::Response(json!({ "batchItemFailures": [] }))
}

/// The source continues from this record.
pub(super) fn failed_from(identifier: &str) -> Answer {
    Answer::Response(json!({ "batchItemFailures": [{ "itemIdentifier": identifier }] }))
}

/// The invocation failed.
pub(super) fn error(error_type: &str, message: &str) -> Answer {
    Answer::Error(json!({ "errorType": error_type, "errorMessage": message }))
}

#[test]
fn partial_response_names_the_first_unprocessed_record() {
    let function = start_function(&[PARTIAL]);
    let answer = function.invoke(batch([change(1), undecodable(2), change(3), undecodable(4)]));
    assert_eq!(answer, failed_from(&sequence_number(2)));
    assert_eq!(function.stop().stdout, log(&[change(1), change(3)]));
}

#[test]
fn invocation_fails_with_advice_without_partial_responses() {
    let function = start_function(&[("PARTIAL_BATCH_RESPONSE", "false")]);
    let answer = function.invoke(batch([change(1), undecodable(2)]));
    let message = format!(
        "1 of 2 records are not processed; the first is {} at position 1: {UNDECODABLE}; \
         set QUARANTINE to keep such records and continue",
        sequence_number(2)
    );
    assert_eq!(answer, error("UnprocessedRecords", &message));
}

#[test]
fn undecodable_record_is_quarantined_and_processed() {
    let folder = Folder::new();
    let function = start_function(&[("QUARANTINE", &format!("file://{}", folder.path("kept")))]);
    assert_eq!(function.invoke(batch([change(1), undecodable(2)])), success());
    let [key] = folder.keys("kept").try_into().expect("one object");
    let [mut line] = folder.lines("kept").try_into().expect("one line");
    let time = line["quarantined"]["quarantined_at"].take();
    let time: changefan::Timestamp = time.as_str().expect("a time").parse().expect("a time");
    assert!(time.milliseconds() > 1_700_000_000_000);
    let (date, _) = key.split_once("/sink=none/").expect(&key);
    assert_eq!(date, format!("date={}", &time.to_string()[..10]));
    assert_eq!(line, quarantined(1, &undecodable(2)));
}

fn quarantined(position: usize, record: &Value) -> Value {
    json!({
        "quarantined": {
            "reason": UNDECODABLE,
            "sink": null,
            "event_id": record["eventID"],
            "sequence_number": record["dynamodb"]["SequenceNumber"],
            "timestamp": null,
            "position": position,
            "sub_records": null,
            "quarantined_at": null,
            "requestId": "00000000-0000-4000-8000-000000000000",
        },
        "record": record.to_string(),
    })
}

#[test]
fn redelivered_record_is_quarantined_once() {
    let folder = Folder::new();
    let plain = folder.file("lake", "");
    let function = start_function(&[
        ("QUARANTINE", &format!("file://{}", folder.path("kept"))),
        ("SINKS", "file"),
        ("FILE_DIR", &plain),
        PARTIAL,
    ]);
    let payload = batch([undecodable(1), change(2), undecodable(3)]);
    for _ in 0..3 {
        assert_eq!(function.invoke(&payload), failed_from(&sequence_number(2)));
    }
    std::fs::remove_file(plain).expect("a file to remove");
    let rest = batch([change(2), undecodable(3)]);
    assert_eq!(function.invoke(rest), success());
    // The reply excludes the first record, so it is new each time.
    assert_eq!(kept(&folder), [(1, 3), (3, 1)]);
}

/// How often each record is in the quarantine, by its number.
fn kept(folder: &Folder) -> Vec<(u32, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for line in folder.all_lines("kept") {
        let id = line["quarantined"]["event_id"].as_str().expect("an id").to_owned();
        *counts.entry(u32::from_str_radix(&id, 16).expect("a number")).or_default() += 1;
    }
    counts.into_iter().collect()
}

#[test]
fn identical_records_of_successful_batches_are_all_kept() {
    let folder = Folder::new();
    let location = format!("file://{}", folder.path("kept"));
    let variables = [("QUARANTINE", location.as_str())];
    let function = start_function(&variables);
    for _ in 0..2 {
        assert_eq!(function.invoke(pipe_batch([undecodable(1), change(2)])), success());
    }
    let another = start_function(&variables);
    assert_eq!(another.invoke(pipe_batch([undecodable(1)])), success());
    assert_eq!((folder.keys("kept").len(), kept(&folder)), (3, vec![(1, 3)]));
}

#[test]
fn redelivered_record_stays_unprocessed_without_quarantine() {
    let function = start_function(&[PARTIAL]);
    for _ in 0..3 {
        let payload = batch([undecodable(1), change(2)]);
        assert_eq!(function.invoke(payload), failed_from(&sequence_number(1)));
    }
}

#[test]
fn record_is_unprocessed_if_the_quarantine_fails() {
    let folder = Folder::new();
    let plain = folder.file("plain", "");
    let location = format!("file://{plain}/kept");
    let payload = batch([change(1), undecodable(2)]);
    let function = start_function(&[("QUARANTINE", &location), PARTIAL]);
    for _ in 0..2 {
        assert_eq!(function.invoke(&payload), failed_from(&sequence_number(2)));
    }
    let function = start_function(&[("QUARANTINE", &location)]);
    let message = format!(
        "1 of 2 records are not processed; the first is {} at position 1: {UNDECODABLE}; the \
         quarantine failed: cannot write below {plain}/kept: Not a directory (os error 20)",
        sequence_number(2)
    );
    assert_eq!(function.invoke(&payload), error("UnprocessedRecords", &message));
}

#[test]
fn failing_sink_fails_the_batch_from_its_first_record() {
    let folder = Folder::new();
    let plain = folder.file("plain", "");
    let variables = [("SINKS", "file"), ("FILE_DIR", plain.as_str())];
    let payload = batch([change(1), change(2)]);
    let function = start_function(&[variables[0], variables[1], PARTIAL]);
    assert_eq!(function.invoke(&payload), failed_from(&sequence_number(1)));
    let function = start_function(&variables);
    let message = format!(
        "2 of 2 records are not processed; the first is {} at position 0: sink file: denied: \
         cannot write below {plain}: Not a directory (os error 20)",
        sequence_number(1)
    );
    assert_eq!(function.invoke(&payload), error("UnprocessedRecords", &message));
}

#[test]
fn reply_to_a_pipe_has_the_event_id() {
    let function = start_function(&[PARTIAL]);
    assert_eq!(function.invoke(pipe_batch([change(1), change(2)])), success());
    assert_eq!(function.invoke(pipe_batch([change(1), undecodable(2)])), failed_from(&event_id(2)));
    let (sound, broken) = (flat(kinesis(1, "e30=")), flat(kinesis(2, "no base64")));
    let expected = format!("shardId-000000000000:{}", kinesis_sequence_number(2));
    assert_eq!(function.invoke(pipe_batch([sound, broken])), failed_from(&expected));
}

#[test]
fn reply_to_kinesis_has_the_sequence_number_of_kinesis() {
    let function = start_function(&[PARTIAL]);
    // "e30=" is an empty object.
    assert_eq!(function.invoke(batch([kinesis(1, "e30=")])), success());
    let answer = function.invoke(batch([kinesis(1, "e30="), kinesis(2, "no base64")]));
    assert_eq!(answer, failed_from(&kinesis_sequence_number(2)));
}

#[test]
fn unprocessed_record_without_identifier_fails_the_batch() {
    let function = start_function(&[PARTIAL]);
    let answer = function.invoke(batch([json!("what an input transformer left")]));
    let message = "1 of 1 records are not processed; the first is without an identifier at \
                   position 0: expected an object at byte 0 of the record; set QUARANTINE to keep \
                   such records and continue";
    assert_eq!(answer, error("UnprocessedRecords", message));
}

#[test]
fn hanging_service_does_not_delay_the_reply() {
    let service = Silent::start();
    let function =
        start_function(&[LAKE[0], LAKE[1], ("AWS_ENDPOINT_URL", &service.url()), PARTIAL]);
    let due = Due::After(Duration::from_secs(2));
    assert_eq!(
        function.invoke_due(due, batch([change(1), change(2)])),
        failed_from(&sequence_number(1))
    );
    assert_eq!(function.stop().stdout, log(&[change(1), change(2)]));
}

#[test]
fn deadline_in_the_past_is_ignored() {
    let function =
        start_function(&[LAKE[0], LAKE[1], ("AWS_ENDPOINT_URL", &start_accepting_once())]);
    assert_eq!(function.invoke_due(Due::InThePast, ORDERS), success());
    assert_eq!(function.stop().stdout, orders_log());
}
