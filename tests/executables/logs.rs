//! What the function logs, and what it does not.

use std::time::Duration;

use serde_json::{Value, json};

use super::folder::Folder;
use super::function::{Output, start_function};
use super::records::*;
use super::replies::{failed_from, success};
use super::services::closed_port;
use changefan_fake_lambda::Due;

/// Stands in a record, and must stand nowhere else.
const CANARY: &str = "canary-7f3a";

/// What is logged, line by line: JSON throughout.
fn lines(stderr: &str) -> Vec<Value> {
    let line =
        |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not a line of JSON: {line}"));
    stderr.lines().map(line).collect()
}

/// The lines for people, without their times and where in the source they come from.
fn log_lines(stderr: &str) -> Vec<Value> {
    let of_people = lines(stderr).into_iter().filter(|line| line.get("_aws").is_none());
    of_people.map(|line| without(line, &["timestamp", "target"])).collect()
}

/// The lines that CloudWatch makes metrics of, without their definitions and whatever a clock decides.
fn metrics(stderr: &str) -> Vec<Value> {
    let of_metrics = lines(stderr).into_iter().filter(|line| line.get("_aws").is_some());
    of_metrics.map(|line| without(line, &["_aws", "IteratorAge", "stdout.Duration"])).collect()
}

/// An object without members that it must have.
fn without(mut object: Value, members: &[&str]) -> Value {
    for member in members {
        let found = object.as_object_mut().and_then(|object| object.remove(*member));
        assert!(found.is_some(), "{member} is missing in {object}");
    }
    object
}

#[test]
fn an_invocation_is_a_line_of_counts() {
    let folder = Folder::new();
    let function = start_function(&[("SINKS", "file"), ("FILE_DIR", &folder.path("lake"))]);
    assert_eq!(function.invoke(ORDERS), success());
    let expected = json!({
        "level": "INFO", "message": "batch processed",
        "records": 3, "events": 3, "undecodable": 0, "quarantined": 0, "unhandled": 0,
    });
    let Output { stdout, stderr } = function.stop();
    assert_eq!(log_lines(&stderr), [expected]);
    assert_eq!(stdout, "");
}

#[test]
fn a_record_that_is_quarantined_is_named_with_the_reason() {
    let folder = Folder::new();
    let function = start_function(&[("QUARANTINE", &format!("file://{}", folder.path("kept")))]);
    assert_eq!(function.invoke(batch([change(1), undecodable(2)])), success());
    let expected = json!({
        "level": "WARN", "message": "record quarantined",
        "reason": UNDECODABLE, "event_id": event_id(2), "sequence_number": sequence_number(2),
    });
    assert_eq!(log_lines(&function.stop().stderr)[0], expected);
}

#[test]
fn the_first_record_that_is_not_handled_is_named_with_the_reason() {
    let folder = Folder::new();
    let plain = folder.file("plain", "");
    let function = start_function(&[
        ("SINKS", "file"),
        ("FILE_DIR", &plain),
        ("PARTIAL_BATCH_RESPONSE", "true"),
    ]);
    assert_eq!(function.invoke(batch([change(1), change(2)])), failed_from(&sequence_number(1)));
    let expected = json!({
        "level": "ERROR", "message": "first unhandled record",
        "position": 0, "identifier": sequence_number(1), "sink": "file",
        "reason": format!("denied: cannot write the object: {plain}: Not a directory (os error 20)"),
    });
    assert!(log_lines(&function.stop().stderr).contains(&expected));
}

#[test]
fn contents_of_records_are_not_logged() {
    let folder = Folder::new();
    let endpoint = format!("http://{}", closed_port());
    let function = start_function(&[
        ("SINKS", "good:file,bad:file,s3"),
        ("GOOD_DIR", &folder.path("good")),
        ("BAD_DIR", &folder.file("plain", "")),
        ("S3_BUCKET", "lake"),
        ("AWS_ENDPOINT_URL", &endpoint),
        ("QUARANTINE", &format!("file://{}", folder.path("kept"))),
        ("PARTIAL_BATCH_RESPONSE", "true"),
        ("CHANGEFAN_LOG", "debug"),
    ]);
    let payload = batch([with_canary(change(1)), with_canary(undecodable(2))]);
    let due = Due::After(Duration::from_secs(2));
    assert_eq!(function.invoke_due(due, payload), failed_from(&sequence_number(1)));
    function.invoke(format!(r#"{{"hello":"{CANARY}"}}"#));
    function.invoke(format!(r#"{{"Records":[{CANARY}"#));
    let output = function.stop();
    // All that can go wrong was logged.
    for message in [
        "Connection refused",
        "Not a directory",
        UNDECODABLE,
        "not a batch of a stream",
        "is not JSON",
    ] {
        assert!(
            log_lines(&output.stderr).iter().any(|line| line.to_string().contains(message)),
            "{message}"
        );
    }
    assert!(!output.stderr.contains(CANARY), "{}", output.stderr);
    assert_eq!(output.stdout, "");
    // They were in what was delivered and kept.
    assert!(folder.lines("good")[0].to_string().contains(CANARY));
    assert!(folder.lines("kept")[0].to_string().contains(CANARY));
}

fn with_canary(mut record: Value) -> Value {
    record["dynamodb"]["Keys"]["id"] = json!({ "S": CANARY });
    record["dynamodb"]["NewImage"][CANARY] = json!({ "M": { "inner": { "SS": [CANARY] } } });
    record
}

#[test]
fn an_invocation_makes_a_line_of_metrics() {
    let function = start_function(&[("PARTIAL_BATCH_RESPONSE", "true")]);
    assert_eq!(
        function.invoke(batch([change(1), undecodable(2), change(3)])),
        failed_from(&sequence_number(2))
    );
    assert_eq!(
        function.invoke(batch([undecodable(2), change(3), change(4)])),
        failed_from(&sequence_number(2))
    );
    let bytes = |record: &Value| record.to_string().len();
    let expected = |delivered: &[Value], remembered: usize| {
        json!({
            "FunctionName": "fan", "Records": 3, "Decoded": 2, "Undecodable": 1, "Quarantined": 0, "Unhandled": 1,
            "stdout.Delivered": delivered.len(), "stdout.Failed": 0, "stdout.Retried": 0,
            "stdout.DuplicatesAvoided": remembered, "stdout.Bytes": delivered.iter().map(bytes).sum::<usize>(),
        })
    };
    let found = metrics(&function.stop().stderr);
    assert_eq!(found, [expected(&[change(1), change(3)], 0), expected(&[change(4)], 1)]);
}

#[test]
fn logging_can_be_switched_off_without_losing_metrics() {
    let function = start_function(&[("CHANGEFAN_LOG", "off"), ("PARTIAL_BATCH_RESPONSE", "true")]);
    assert_eq!(
        function.invoke(batch([change(1), undecodable(2)])),
        failed_from(&sequence_number(2))
    );
    let Output { stderr, .. } = function.stop();
    assert_eq!((log_lines(&stderr).len(), metrics(&stderr).len()), (0, 1));
}
