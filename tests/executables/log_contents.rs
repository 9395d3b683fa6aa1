//! No contents of records are logged.

use std::time::Duration;

use serde_json::{Value, json};

use super::folder::Folder;
use super::function::start_function;
use super::log_lines::{log_lines, summaries};
use super::records::*;
use super::replies::failed_from;
use super::services::closed_port;
use changefan_fake_lambda::Due;

/// Part of a record that must not appear anywhere else.
const CANARY: &str = "canary-7f3a-0b91-e2c";

#[test]
fn record_contents_are_not_logged() {
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
    let due = Due::After(Duration::from_secs(6));
    assert_eq!(function.invoke_due(due, payload), failed_from(&sequence_number(1)));
    function.invoke(format!(r#"{{"hello":"{CANARY}"}}"#));
    function.invoke(format!(r#"{{"Records":[{CANARY}"#));
    let output = function.stop();
    // Everything that can go wrong was logged.
    for message in [
        "Connection refused",
        "Not a directory",
        UNDECODABLE,
        "not a batch of a stream",
        "is not JSON",
    ] {
        let has = |line: &Value| line.to_string().contains(message);
        assert!(log_lines(&output.stderr).iter().any(has), "{message}");
    }
    assert!(!output.stderr.contains(CANARY), "{}", output.stderr);
    assert_eq!(output.stdout, "");
    // It is in what was delivered and in what was kept.
    assert!(folder.lines("good")[0].to_string().contains(CANARY));
    assert!(folder.lines("kept")[0].to_string().contains(CANARY));
}

fn with_canary(mut record: Value) -> Value {
    record["dynamodb"]["Keys"]["id"] = json!({ "S": CANARY });
    record["dynamodb"]["NewImage"][CANARY] = json!({ "M": { "inner": { "SS": [CANARY] } } });
    record
}

/// Records that cannot be decoded because a member has the canary as its value, or as a part of it.
fn with_invalid_members() -> Vec<Value> {
    let with = |change_it: &dyn Fn(&mut Value)| {
        let mut record = change(1);
        change_it(&mut record);
        record
    };
    vec![
        with(&|record| record["eventSource"] = json!(CANARY)),
        with(&|record| record["eventName"] = json!(CANARY)),
        with(&|record| record["dynamodb"]["ApproximateCreationDateTime"] = json!(CANARY)),
        with(&|record| record["dynamodb"]["Keys"]["id"] = json!({ CANARY: "1" })),
        with(&|record| record["dynamodb"]["Keys"]["id"] = json!({ "N": CANARY })),
        with(&|record| record["dynamodb"]["NewImage"]["id"] = json!({ "B": [CANARY] })),
        with(&|record| record["dynamodb"] = json!(CANARY)),
        json!(CANARY),
        kinesis(2, CANARY),
    ]
}

#[test]
fn no_part_of_an_undecodable_record_is_logged() {
    for partial in ["true", "false"] {
        let function =
            start_function(&[("CHANGEFAN_LOG", "debug"), ("PARTIAL_BATCH_RESPONSE", partial)]);
        for record in with_invalid_members() {
            // Lambda logs the error of a reply.
            let answer = format!("{:?}", function.invoke(batch([record])));
            assert!(!answer.contains(CANARY), "{answer}");
        }
        let stderr = function.stop().stderr;
        assert!(!stderr.contains(CANARY), "{stderr}");
        let undecodable = summaries(&stderr).iter().filter(|line| line["undecodable"] == 1).count();
        assert_eq!(undecodable, with_invalid_members().len(), "{stderr}");
    }
}
