//! Aggregates of the Kinesis Producer Library of which some sub-records are rejected.

use serde_json::{Value, json};

use super::command_line::{changefan, succeeded};
use super::folder::Folder;
use super::function::start_function;
use super::records::batch;
use super::replies::success;
use crate::decoding::aggregates::aggregate;
use changefan_fake_lambda::Answer;
use changefan_strict_aws::{Fault, StrictAws};

const SUB_RECORDS: usize = 50;

/// Sub-records that exceed Firehose's limit of 1,024,000 bytes per record.
const REJECTED: [usize; 3] = [7, 20, 49];

/// A sub-record that cannot be decoded: its partition key has 257 characters.
const UNDECODABLE: usize = 30;

/// An aggregate with such sub-records.
fn parent() -> Value {
    let text = |index| "x".repeat(if REJECTED.contains(&index) { 1_030_000 } else { 10 });
    let data = |index| json!({ "index": index, "text": text(index) }).to_string();
    let data: Vec<_> = (0..SUB_RECORDS).map(data).collect();
    let key = |index| usize::from(index == UNDECODABLE);
    let sub_records: Vec<_> =
        data.iter().enumerate().map(|(index, data)| (key(index), data.as_bytes())).collect();
    let record = aggregate(&["key", &"k".repeat(257)], &sub_records);
    serde_json::from_str(&record).expect("JSON")
}

fn id(index: usize) -> String {
    format!("shard:7:{index}")
}

/// The ids of `json` lines, with the content of each record.
fn ids(lines: &[Value]) -> Vec<(String, usize)> {
    let id = |line: &Value| line["event_id"].as_str().expect("an id").to_owned();
    let index = |line: &Value| line["new"]["index"].as_u64().expect("an index") as usize;
    lines.iter().map(|line| (id(line), index(line))).collect()
}

/// Delivers the aggregate to Firehose, which accepts all but [`REJECTED`], and to a folder. Returns
/// the lines of the quarantine.
fn quarantined(folder: &Folder) -> Vec<Value> {
    let aws = StrictAws::start();
    aws.create_delivery_stream("changes");
    let function = start_function(&[
        ("SINKS", "firehose,all:file"),
        ("FIREHOSE_STREAM", "changes"),
        ("FIREHOSE_FORMAT", "json"),
        ("AWS_ENDPOINT_URL", &aws.url()),
        ("ALL_DIR", &folder.path("all")),
        ("ALL_FORMAT", "json"),
        ("QUARANTINE", &format!("file://{}", folder.path("kept"))),
    ]);
    assert_eq!(function.invoke(batch([parent()])), success());
    assert_eq!(aws.firehose_records("changes").len(), SUB_RECORDS - REJECTED.len() - 1);
    assert_eq!(folder.lines("all").len(), SUB_RECORDS - 1);
    folder.all_lines("kept")
}

#[test]
fn rejected_sub_records_are_one_line_per_parent_and_sink() {
    let lines = quarantined(&Folder::new());
    assert_eq!(lines.len(), 2);
    let of_sink = |sink: Value| {
        let line = lines.iter().find(|line| line["quarantined"]["sink"] == sink);
        &line.expect("a line")["quarantined"]
    };
    let indexes = |line: &Value| -> Vec<_> {
        let sub_records = line["sub_records"].as_array().expect("sub-records");
        sub_records.iter().map(|it| it["index"].as_u64().expect("an index") as usize).collect()
    };
    let rejected = of_sink(json!("firehose"));
    assert_eq!(indexes(rejected), REJECTED);
    for sub_record in rejected["sub_records"].as_array().expect("sub-records") {
        let reason = sub_record["reason"].as_str().expect("a reason");
        assert!(reason.starts_with("too large: the event has 1030"), "{reason}");
    }
    let undecodable = of_sink(Value::Null);
    assert_eq!(indexes(undecodable), [UNDECODABLE]);
    let reason = undecodable["sub_records"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("257"), "{reason}");
    for line in &lines {
        let record: Value =
            serde_json::from_str(line["record"].as_str().expect("text")).expect("JSON");
        assert_eq!(record, parent());
    }
}

/// Firehose accepts the first piece of 10,000 events, which has the rejected sub-record, and not
/// the second one.
#[test]
fn parent_that_is_sent_again_for_a_later_piece_is_kept_once() {
    let aws = StrictAws::start();
    aws.create_delivery_stream("changes");
    aws.set_faults(|call| match call.nth {
        0..20 => Fault::None,
        _ => Fault::Error(400, "ResourceNotFoundException"),
    });
    let folder = Folder::new();
    let function = start_function(&[
        ("SINKS", "firehose"),
        ("FIREHOSE_STREAM", "changes"),
        ("AWS_ENDPOINT_URL", &aws.url()),
        ("QUARANTINE", &format!("file://{}", folder.path("kept"))),
    ]);
    let key = |index| usize::from(index == 5);
    let sub_records: Vec<_> = (0..10_011).map(|index| (key(index), b"{}".as_slice())).collect();
    let record = aggregate(&["key", &"k".repeat(257)], &sub_records);
    for _ in 0..2 {
        let answer = function.invoke(batch([serde_json::from_str(&record).expect("JSON")]));
        assert!(matches!(answer, Answer::Error { .. }), "{answer:?}");
        assert_eq!(folder.all_lines("kept").len(), 1);
    }
}

#[test]
fn replay_of_a_parent_delivers_its_rejected_sub_records() {
    let folder = Folder::new();
    let lines = quarantined(&folder);
    let first = folder.lines("all");
    let line = lines.iter().find(|line| line["quarantined"]["sink"] == "firehose").expect("a line");
    let file = folder.file("line.jsonl", line);
    let lake = folder.path("lake");
    let variables = [("SINKS", "file"), ("FILE_DIR", lake.as_str()), ("FILE_FORMAT", "json")];
    let finished = changefan(&["replay", &file], &variables);
    assert_eq!(finished, succeeded("", "1 record replayed: 3 changes to file\n"));
    let replayed = folder.lines("lake");
    assert_eq!(ids(&replayed), REJECTED.map(|index| (id(index), index)));
    let is_rejected = |line: &&Value| REJECTED.iter().any(|index| line["event_id"] == id(*index));
    let same: Vec<_> = first.iter().filter(is_rejected).cloned().collect();
    assert_eq!(replayed, same);
}

#[test]
fn replay_reports_sub_records_that_remain_undecodable() {
    let folder = Folder::new();
    let lines = quarantined(&folder);
    let text: Vec<_> = lines.iter().map(Value::to_string).collect();
    let file = folder.file("lines.jsonl", text.join("\n"));
    let lake = folder.path("lake");
    let variables = [("SINKS", "file"), ("FILE_DIR", lake.as_str()), ("FILE_FORMAT", "json")];
    let finished = changefan(&["replay", &file], &variables);
    assert_eq!((finished.status, finished.stdout.as_str()), (1, ""));
    let mut stderr = finished.stderr.lines();
    assert_eq!(stderr.next(), Some("2 records replayed: 3 changes to file"));
    assert_eq!(stderr.next(), Some("1 record not delivered:"));
    assert!(stderr.next().is_some_and(|line| line.contains("257")), "{}", finished.stderr);
    assert_eq!(ids(&folder.lines("lake")), REJECTED.map(|index| (id(index), index)));
}
