//! `changefan replay` with every kind of input.

use serde_json::{Value, json};

use super::command_line::{changefan, changefan_reading, succeeded};
use super::folder::Folder;
use super::function::start_function;
use super::records::*;
use super::replies::success;

#[test]
fn readme_sample_makes_three_log_entries() {
    let finished = changefan(&["replay", "events/samples/orders.json"], &[("SINKS", "stdout")]);
    assert_eq!(finished, succeeded(orders_log(), "3 records replayed: 3 changes to stdout\n"));
}

#[test]
fn stdout_is_the_default_sink_and_a_dash_is_stdin() {
    let finished = changefan_reading(ORDERS, &["replay", "-"], &[]);
    assert_eq!(finished, succeeded(orders_log(), "3 records replayed: 3 changes to stdout\n"));
}

#[test]
fn files_are_replayed_in_order() {
    let folder = Folder::new();
    let first = folder.file("first.json", batch([change(1)]));
    let second = folder.file("second.json", pipe_batch([change(2), change(3)]));
    let finished =
        changefan_reading(&batch([change(4)]).to_string(), &["replay", &second, "-", &first], &[]);
    let expected = log(&[change(2), change(3), change(4), change(1)]);
    assert_eq!(finished, succeeded(expected, "4 records replayed: 4 changes to stdout\n"));
}

#[test]
fn single_records_are_read_line_by_line() {
    let folder = Folder::new();
    let file = folder
        .file("records.jsonl", format!("{}\n{}\n\n{}", change(1), kinesis(2, "e30="), change(3)));
    let finished = changefan(&["replay", &file], &[("STDOUT_FORMAT", "dynamodb-json")]);
    let expected = format!("{}\n{}\n{}\n", change(1), kinesis(2, "e30="), change(3));
    assert_eq!(finished, succeeded(expected, "3 records replayed: 3 changes to stdout\n"));
}

#[test]
fn batches_and_single_records_keep_their_order() {
    let folder = Folder::new();
    let file = folder.file(
        "mixed",
        [change(1), change(2), batch([change(3)]), change(4)].map(|v| v.to_string()).concat(),
    );
    let finished = changefan(&["replay", &file], &[]);
    let expected = log(&[change(1), change(2), change(3), change(4)]);
    assert_eq!(finished, succeeded(expected, "4 records replayed: 4 changes to stdout\n"));
}

#[test]
fn quarantine_lines_are_replayed() {
    let folder = Folder::new();
    let location = format!("file://{}", folder.path("kept"));
    let payload = batch([undecodable(1), change(2), undecodable(3)]).to_string();
    changefan_reading(&payload, &["replay", "-"], &[("QUARANTINE", &location)]);
    let lines = folder.lines("kept");
    assert_eq!(lines.len(), 2);
    // An operator fixes the records.
    let fixed: Vec<_> =
        lines.iter().map(|line| line.to_string().replace("UPSERT", "INSERT")).collect();
    let finished = changefan_reading(&fixed.join("\n"), &["replay", "-"], &[]);
    assert_eq!(
        finished,
        succeeded(log(&[change(1), change(3)]), "2 records replayed: 2 changes to stdout\n")
    );
}

#[test]
fn on_failure_objects_are_replayed() {
    let payload = batch([change(1), change(2)]);
    for payload in [payload.clone(), json!(payload.to_string())] {
        let mut object = failed_invocation();
        object["payload"] = payload;
        let finished = changefan_reading(&object.to_string(), &["replay", "-"], &[]);
        assert_eq!(
            finished,
            succeeded(log(&[change(1), change(2)]), "2 records replayed: 2 changes to stdout\n")
        );
    }
}

/// The record of a batch that Lambda gave up, as a queue or topic receives it. A bucket receives it
/// with the payload.
pub(super) fn failed_invocation() -> Value {
    json!({
        "requestContext": {
            "requestId": "316aa6d0-8154-4c3b-9af7-85d5f4a6bc81",
            "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:fan",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        },
        "responseContext": {
            "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": "2026-01-01T00:13:49.717Z",
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001573689847184-864758bb",
            "startSequenceNumber": sequence_number(1),
            "endSequenceNumber": sequence_number(2),
            "approximateArrivalOfFirstRecord": "2026-01-01T00:13:19Z",
            "approximateArrivalOfLastRecord": "2026-01-01T00:13:19Z",
            "batchSize": 2,
            "streamArn": STREAM_ARN,
        },
    })
}

#[test]
fn replay_makes_the_objects_of_the_function() {
    let folder = Folder::new();
    let lake = folder.path("lake");
    let variables = [("SINKS", "file"), ("FILE_DIR", lake.as_str())];
    for _ in 0..2 {
        let finished = changefan(&["replay", "events/samples/orders.json"], &variables);
        assert_eq!(finished, succeeded("", "3 records replayed: 3 changes to file\n"));
    }
    assert_eq!(start_function(&variables).invoke(ORDERS), success());
    assert_eq!(folder.lines("lake").len(), 3);
}

#[test]
fn empty_file_replays_no_record() {
    let finished = changefan_reading("", &["replay", "-"], &[]);
    assert_eq!(finished, succeeded("", "0 records replayed: 0 changes to stdout\n"));
}

#[test]
fn byte_order_mark_is_skipped() {
    let folder = Folder::new();
    let file = folder.file("batch.json", format!("\u{feff}{}", batch([change(1)])));
    let lines = format!("\u{feff}{}\r\n{}\r\n", change(2), change(3));
    let finished = changefan_reading(&lines, &["replay", &file, "-"], &[]);
    let expected = log(&[change(1), change(2), change(3)]);
    assert_eq!(finished, succeeded(expected, "3 records replayed: 3 changes to stdout\n"));
}
