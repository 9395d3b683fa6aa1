//! What the function answers when not every record is handled.

use std::time::Duration;

use serde_json::{Value, json};

use super::folder::Folder;
use super::function::start_function;
use super::records::*;
use super::services::{Silent, start_accepting_once};
use changefan_fake_lambda::{Answer, Due};

const PARTIAL: (&str, &str) = ("PARTIAL_BATCH_RESPONSE", "true");

/// Beside standard output, a sink that has to wait for a service.
const LAKE: [(&str, &str); 2] = [("SINKS", "stdout,s3"), ("S3_BUCKET", "lake")];

/// All records are handled.
pub fn success() -> Answer {
    Answer::Response(json!({ "batchItemFailures": [] }))
}

/// The caller is to go on from this record.
pub fn failed_from(identifier: &str) -> Answer {
    Answer::Response(json!({ "batchItemFailures": [{ "itemIdentifier": identifier }] }))
}

/// The invocation failed.
pub fn error(error_type: &str, message: &str) -> Answer {
    Answer::Error(json!({ "errorType": error_type, "errorMessage": message }))
}

#[test]
fn a_mapping_that_reads_failures_is_told_the_first_record() {
    let function = start_function(&[PARTIAL]);
    let answer = function.invoke(batch([change(1), undecodable(2), change(3), undecodable(4)]));
    assert_eq!(answer, failed_from(&sequence_number(2)));
    assert_eq!(function.stop().stdout, log(&[change(1), change(3)]));
}

#[test]
fn without_partial_responses_the_invocation_fails_and_says_what_to_do() {
    let function = start_function(&[("PARTIAL_BATCH_RESPONSE", "false")]);
    let answer = function.invoke(batch([change(1), undecodable(2)]));
    let message = format!(
        "1 of 2 records are not handled; the first one is {} at position 1: {UNDECODABLE}; \
         set QUARANTINE to keep such records and go on",
        sequence_number(2)
    );
    assert_eq!(answer, error("UnhandledRecords", &message));
}

#[test]
fn a_record_that_is_undecodable_is_kept_in_the_quarantine_and_handled() {
    let folder = Folder::new();
    let function = start_function(&[("QUARANTINE", &format!("file://{}", folder.path("kept")))]);
    assert_eq!(function.invoke(batch([change(1), undecodable(2)])), success());
    let [mut line] = folder.lines("kept").try_into().expect("one line");
    assert!(line["quarantined"]["quarantined_at_ms"].take().is_u64());
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
            "quarantined_at_ms": null,
        },
        "record": record.to_string(),
    })
}

#[test]
fn a_batch_that_comes_again_is_quarantined_once() {
    let folder = Folder::new();
    let location = format!("file://{}", folder.path("kept"));
    let variables = [("QUARANTINE", location.as_str())];
    let function = start_function(&variables);
    let payload = batch([undecodable(1), change(2), undecodable(3)]);
    assert_eq!(function.invoke(&payload), success());
    assert_eq!(function.invoke(&payload), success());
    assert_eq!(start_function(&variables).invoke(&payload), success());
    assert_eq!(folder.lines("kept").len(), 2);
}

#[test]
fn a_record_that_cannot_be_quarantined_is_not_handled() {
    let folder = Folder::new();
    let plain = folder.file("plain", "");
    let location = format!("file://{plain}/kept");
    let payload = batch([change(1), undecodable(2)]);
    let function = start_function(&[("QUARANTINE", &location), PARTIAL]);
    assert_eq!(function.invoke(&payload), failed_from(&sequence_number(2)));
    let function = start_function(&[("QUARANTINE", &location)]);
    let message = format!(
        "1 of 2 records are not handled; the first one is {} at position 1: {UNDECODABLE}; and the quarantine failed: \
         cannot write the object: {plain}/kept: Not a directory (os error 20)",
        sequence_number(2)
    );
    assert_eq!(function.invoke(&payload), error("UnhandledRecords", &message));
}

#[test]
fn a_sink_that_cannot_be_delivered_to_fails_the_batch_from_its_first_record() {
    let folder = Folder::new();
    let plain = folder.file("plain", "");
    let variables = [("SINKS", "file"), ("FILE_DIR", plain.as_str())];
    let payload = batch([change(1), change(2)]);
    let function = start_function(&[variables[0], variables[1], PARTIAL]);
    assert_eq!(function.invoke(&payload), failed_from(&sequence_number(1)));
    let function = start_function(&variables);
    let message = format!(
        "2 of 2 records are not handled; the first one is {} at position 0: sink file: denied: \
         cannot write the object: {plain}: Not a directory (os error 20)",
        sequence_number(1)
    );
    assert_eq!(function.invoke(&payload), error("UnhandledRecords", &message));
}

#[test]
fn pipes_are_told_the_event_id() {
    let function = start_function(&[PARTIAL]);
    assert_eq!(function.invoke(pipe_batch([change(1), change(2)])), success());
    assert_eq!(function.invoke(pipe_batch([change(1), undecodable(2)])), failed_from(&event_id(2)));
    let (sound, broken) = (flat(kinesis(1, "e30=")), flat(kinesis(2, "no base64")));
    let expected = format!("shardId-000000000000:{}", kinesis_sequence_number(2));
    assert_eq!(function.invoke(pipe_batch([sound, broken])), failed_from(&expected));
}

#[test]
fn kinesis_mappings_are_told_kinesis_own_sequence_number() {
    let function = start_function(&[PARTIAL]);
    // "e30=" is an empty object.
    assert_eq!(function.invoke(batch([kinesis(1, "e30=")])), success());
    let answer = function.invoke(batch([kinesis(1, "e30="), kinesis(2, "no base64")]));
    assert_eq!(answer, failed_from(&kinesis_sequence_number(2)));
}

#[test]
fn a_record_without_an_identifier_fails_the_invocation() {
    let function = start_function(&[PARTIAL]);
    let answer = function.invoke(batch([json!("what an input transformer left")]));
    let message = "1 of 1 records are not handled; the first one is without an identifier at position 0: \
                   expected an object at byte 0 of the record; set QUARANTINE to keep such records and go on";
    assert_eq!(answer, error("UnhandledRecords", message));
}

#[test]
fn a_hanging_service_does_not_keep_the_function_beyond_its_deadline() {
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
fn a_deadline_that_has_passed_is_not_taken_at_its_word() {
    let function =
        start_function(&[LAKE[0], LAKE[1], ("AWS_ENDPOINT_URL", &start_accepting_once())]);
    assert_eq!(function.invoke_due(Due::InThePast, ORDERS), success());
    assert_eq!(function.stop().stdout, orders_log());
}
