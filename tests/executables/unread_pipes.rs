//! Pipes that are not read: they block neither sinks nor the reply.

use std::time::Duration;

use serde_json::{Value, json};

use super::folder::Folder;
use super::function::{Reads, start_unread};
use super::records::*;
use super::replies::{failed_from, success};
use crate::decoding::aggregates::aggregate;
use changefan_fake_lambda::Due;

/// Records whose lines exceed what a pipe holds, 64 KiB.
const RECORDS: u32 = 400;

fn full_batch() -> Value {
    json!({ "Records": (1..=RECORDS).map(change).collect::<Vec<_>>() })
}

fn event_ids(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["event_id"].as_str()).collect()
}

#[test]
fn unread_stdout_affects_neither_the_file_nor_the_reply() {
    let folder = Folder::new();
    let function = start_unread(
        Reads::OnlyStderr,
        &[
            ("SINKS", "stdout,file"),
            ("FILE_DIR", &folder.path("lake")),
            ("PARTIAL_BATCH_RESPONSE", "true"),
        ],
    );
    let payload = full_batch();
    assert!(payload["Records"].to_string().len() > 2 * 64 * 1024);
    // The second batch meets a write that is still blocked.
    for _ in 0..2 {
        let due = Due::After(Duration::from_secs(2));
        assert_eq!(function.invoke_due(due, &payload), failed_from(&sequence_number(1)));
        let expected: Vec<_> = (1..=RECORDS).map(event_id).collect();
        assert_eq!(event_ids(&folder.lines("lake")), expected);
    }
    let stderr = function.stop().stderr;
    let summary = stderr.lines().find(|line| line.contains("batch processed")).expect("a summary");
    let sinks = &serde_json::from_str::<Value>(summary).expect("JSON")["sinks"];
    assert_eq!([&sinks["stdout"]["failed"], &sinks["file"]["delivered"]], [RECORDS, RECORDS]);
}

#[test]
fn unread_stderr_does_not_affect_the_reply() {
    let folder = Folder::new();
    let function = start_unread(
        Reads::OnlyStdout,
        &[("SINKS", "stdout,file"), ("FILE_DIR", &folder.path("lake")), ("CHANGEFAN_LOG", "debug")],
    );
    let due = Due::After(Duration::from_secs(2));
    for _ in 0..3 {
        assert_eq!(function.invoke_due(due, full_batch()), success());
    }
    let records: Vec<_> = (1..=RECORDS).map(change).collect();
    assert_eq!(event_ids(&folder.lines("lake")).len(), records.len());
    assert_eq!(function.stop().stdout, log(&records).repeat(3));
}

/// More events than a piece holds, in one record: the margin before the deadline is for events.
#[test]
fn aggregate_of_52000_events_is_answered_in_time() {
    let variables =
        [("SINKS", "stdout"), ("STDOUT_FORMAT", "json"), ("PARTIAL_BATCH_RESPONSE", "true")];
    let function = start_unread(Reads::OnlyStderr, &variables);
    let record = aggregate(&["k"], &vec![(0, b"{}".as_slice()); 52_000]);
    for _ in 0..2 {
        let due = Due::After(Duration::from_secs(4));
        let payload = format!(r#"{{"Records":[{record}]}}"#);
        assert_eq!(function.invoke_due(due, payload), failed_from("7"));
    }
    let stderr = function.stop().stderr;
    let summary = stderr.lines().find(|line| line.contains("batch processed")).expect("a summary");
    let summary: Value = serde_json::from_str(summary).expect("JSON");
    assert_eq!((&summary["records"], &summary["unprocessed"]), (&json!(1), &json!(1)));
}
