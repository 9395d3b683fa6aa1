//! `ALLOWED_SOURCES`: what becomes of records of other tables, regions and accounts.

use serde_json::{Value, json};

use super::folder::Folder;
use super::function::start_function;
use super::records::*;
use super::replies::{failed_from, success};

const ALLOWED: (&str, &str) = ("ALLOWED_SOURCES", "eu-west-1:123456789012:orders");

const REASON: &str = "invalid: the source of the record is not in ALLOWED_SOURCES";

/// A change of a table.
fn change_of(number: u32, region: &str, account: &str, table: &str) -> Value {
    let mut record = change(number);
    record["awsRegion"] = json!(region);
    record["eventSourceARN"] =
        json!(format!("arn:aws:dynamodb:{region}:{account}:table/{table}/stream/2026"));
    record
}

/// Allowed changes, with one of another table, region and account each between them.
fn mixed() -> [Value; 5] {
    [
        change(1),
        change_of(2, "eu-west-1", "123456789012", "stock"),
        change_of(3, "eu-west-2", "123456789012", "orders"),
        change_of(4, "eu-west-1", "999999999999", "orders"),
        change(5),
    ]
}

#[test]
fn changes_of_other_sources_are_quarantined() {
    let folder = Folder::new();
    let location = format!("file://{}", folder.path("kept"));
    let function = start_function(&[ALLOWED, ("QUARANTINE", &location)]);
    assert_eq!(function.invoke(batch(mixed())), success());
    assert_eq!(function.stop().stdout, log(&[change(1), change(5)]));
    let lines = folder.lines("kept");
    let kept: Vec<_> = lines.iter().map(|line| line["record"].as_str()).collect();
    let expected = mixed().map(|record| record.to_string());
    assert_eq!(kept, expected[1..4].iter().map(|it| Some(it.as_str())).collect::<Vec<_>>());
    for (index, line) in lines.iter().enumerate() {
        let found = &line["quarantined"];
        assert_eq!((&found["sink"], &found["reason"]), (&Value::Null, &json!(REASON)));
        assert_eq!(found["position"], index + 1);
    }
}

#[test]
fn change_of_another_source_is_unprocessed_without_quarantine() {
    let function = start_function(&[ALLOWED, ("PARTIAL_BATCH_RESPONSE", "true")]);
    assert_eq!(function.invoke(batch(mixed())), failed_from(&sequence_number(2)));
    let [_, second, third, fourth, fifth] = mixed();
    let tail = batch([second, third, fourth, fifth]);
    assert_eq!(function.invoke(tail), failed_from(&sequence_number(2)));
    let output = function.stop();
    assert_eq!(output.stdout, log(&[change(1), change(5)]));
    assert!(output.stderr.contains(REASON), "{}", output.stderr);
}

#[test]
fn record_of_a_stream_is_allowed_by_the_streams_name() {
    let payload = batch([kinesis(1, "e30=")]);
    let stream = "eu-west-1:123456789012:stream/orders";
    let function = start_function(&[("ALLOWED_SOURCES", stream)]);
    assert_eq!(function.invoke(&payload), success());
    // A table of the same name is another source.
    let function = start_function(&[ALLOWED, ("PARTIAL_BATCH_RESPONSE", "true")]);
    assert_eq!(function.invoke(&payload), failed_from(&kinesis_sequence_number(1)));
}
