//! The function as Lambda runs it.

use std::fs;
use std::process::{Child, Command};
use std::sync::mpsc::channel;
use std::time::Duration;

use changefan_fake_lambda::{Answer, Due, Report, RuntimeApi};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Ended when the test ends, whether it passes or not.
struct Function(Child);

impl Drop for Function {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const CHANGE: &str = r#"{"Records":[{"eventID":"1","eventName":"INSERT",
    "eventSource":"aws:dynamodb",
    "dynamodb":{"SequenceNumber":"111","Keys":{"id":{"N":"7"}},"NewImage":{"id":{"N":"7"}}}}]}"#;

/// What changefan's Terraform module sets, and Lambda. Nothing is sent to the bucket.
const OF_THE_MODULE: [(&str, &str); 6] = [
    ("QUARANTINE", "s3://failures/quarantine/"),
    ("PARTIAL_BATCH_RESPONSE", "true"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "an id"),
    ("AWS_SECRET_ACCESS_KEY", "a secret"),
    ("AWS_SESSION_TOKEN", "a token"),
];

#[test]
fn function_appends_changes_to_the_journal() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("changes.jsonl");
    let (sender, reports) = channel();
    let api = RuntimeApi::start(move |report| drop(sender.send(report))).expect("a free port");
    let function = Command::new(env!("CARGO_BIN_EXE_bootstrap"))
        .env("AWS_LAMBDA_RUNTIME_API", api.address())
        .env("AWS_LAMBDA_FUNCTION_NAME", "journal")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .envs([("SINKS", "journal"), ("METRICS", "none")])
        .env("JOURNAL_PATH", &path)
        .envs(OF_THE_MODULE)
        .spawn();
    let _function = Function(function.expect("a process"));
    api.invoke(CHANGE, Due::After(Duration::from_secs(30)));
    let report = reports.recv_timeout(Duration::from_secs(30)).expect("an answer");
    let Report::Answered { answer, .. } = report else { panic!("expected an answer") };
    assert_eq!(answer, Answer::Response(json!({ "batchItemFailures": [] })));
    let line: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!((&line["event_id"], &line["new"]), (&json!("1"), &json!({ "id": 7 })));
}
