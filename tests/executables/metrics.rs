//! The summary line of an invocation, with its metrics.

use serde_json::{Value, json};

use super::folder::Folder;
use super::function::{Output, start_function};
use super::log_lines::{log_lines, of_first_invocation, summaries, without};
use super::records::*;
use super::replies::{failed_from, success};

/// What a summary states about one sink.
fn at_sink(delivered: &[Value], already_delivered: usize, failed: usize) -> Value {
    let bytes: usize = delivered.iter().map(|record| record.to_string().len()).sum();
    json!({
        "delivered": delivered.len(), "already_delivered": already_delivered, "skipped": 0,
        "failed": failed, "quarantined": 0, "retried": 0, "bytes": bytes,
    })
}

#[test]
fn invocation_without_metrics_logs_one_summary() {
    let folder = Folder::new();
    let function = start_function(&[
        ("SINKS", "stdout,file"),
        ("FILE_DIR", &folder.file("plain", "")),
        ("METRICS", "none"),
        ("PARTIAL_BATCH_RESPONSE", "true"),
    ]);
    assert_eq!(function.invoke(batch([change(1), change(2)])), failed_from(&sequence_number(1)));
    let expected = of_first_invocation(json!({
        "level": "INFO", "message": "batch processed",
        "records": 2, "events": 2, "undecodable": 0, "quarantined": 0, "unprocessed": 2,
        "sinks": { "stdout": at_sink(&[change(1), change(2)], 0, 0), "file": at_sink(&[], 0, 2) },
    }));
    let Output { stdout, stderr } = function.stop();
    assert_eq!(summaries(&stderr), [expected]);
    assert_eq!(stdout, log(&[change(1), change(2)]));
}

#[test]
fn successful_invocation_logs_its_summary_only() {
    let folder = Folder::new();
    let function = start_function(&[("SINKS", "file"), ("FILE_DIR", &folder.path("lake"))]);
    assert_eq!(function.invoke(ORDERS), success());
    let Output { stdout, stderr } = function.stop();
    assert_eq!((log_lines(&stderr), summaries(&stderr).len()), (vec![], 1));
    assert_eq!(stdout, "");
}

#[test]
fn basic_metrics_are_three_counts() {
    let function = start_function(&[("PARTIAL_BATCH_RESPONSE", "true")]);
    let payload = batch([change(1), undecodable(2), change(3)]);
    assert_eq!(function.invoke(payload), failed_from(&sequence_number(2)));
    let found = summaries(&function.stop().stderr);
    let metrics = ["Events", "Unprocessed", "Quarantined"];
    assert_eq!(definition(&found[0]), metrics.map(|name| (name.to_owned(), "Count".to_owned())));
    let expected = of_first_invocation(json!({
        "level": "INFO", "message": "batch processed",
        "records": 3, "events": 2, "undecodable": 1, "quarantined": 0, "unprocessed": 1,
        "sinks": { "stdout": at_sink(&[change(1), change(3)], 0, 0) },
        "FunctionName": "fan", "Events": 2, "Unprocessed": 1, "Quarantined": 0,
    }));
    assert_eq!(without(found[0].clone(), &["_aws"]), expected);
}

/// The metrics that CloudWatch extracts from a line, with their units.
fn definition(line: &Value) -> Vec<(String, String)> {
    assert!(line["_aws"]["Timestamp"].as_i64().is_some_and(|time| time > 1_700_000_000_000));
    let [directive] = line["_aws"]["CloudWatchMetrics"].as_array().expect("directives").as_slice()
    else {
        panic!("expected one directive in {line}")
    };
    assert_eq!(directive["Namespace"], "changefan");
    assert_eq!(directive["Dimensions"], json!([["FunctionName"]]));
    let text = |metric: &Value, member: &str| metric[member].as_str().expect("text").to_owned();
    let metrics = directive["Metrics"].as_array().expect("metrics").iter();
    metrics.map(|metric| (text(metric, "Name"), text(metric, "Unit"))).collect()
}

#[test]
fn per_sink_metrics_count_what_became_of_events() {
    let function = start_function(&[("METRICS", "per_sink"), ("PARTIAL_BATCH_RESPONSE", "true")]);
    let first = batch([change(1), undecodable(2), change(3)]);
    assert_eq!(function.invoke(first), failed_from(&sequence_number(2)));
    let second = batch([undecodable(2), change(3), change(4)]);
    assert_eq!(function.invoke(second), failed_from(&sequence_number(2)));
    let bytes = |records: &[Value]| records.iter().map(|it| it.to_string().len()).sum::<usize>();
    let expected = |delivered: &[Value], already_delivered: usize| {
        json!({
            "FunctionName": "fan", "Events": 2, "Unprocessed": 1, "Quarantined": 0,
            "Records": 3, "Undecodable": 1,
            "stdout.Delivered": delivered.len(), "stdout.Failed": 0, "stdout.Retried": 0,
            "stdout.AlreadyDelivered": already_delivered, "stdout.Bytes": bytes(delivered),
        })
    };
    let found = summaries(&function.stop().stderr);
    let units: Vec<_> = definition(&found[0]).into_iter().map(|(_, unit)| unit).collect();
    let count = units.iter().filter(|unit| *unit == "Count").count();
    assert_eq!((units.len(), count), (12, 9));
    let metrics: Vec<_> = found.iter().map(metrics).collect();
    assert_eq!(metrics, [expected(&[change(1), change(3)], 0), expected(&[change(4)], 1)]);
}

/// The metrics of a line with their dimension, without those that depend on a clock.
fn metrics(line: &Value) -> Value {
    let names = definition(line).into_iter().map(|(name, _)| name);
    let members = names.chain(["FunctionName".to_owned()]);
    let metrics = members.map(|name| (name.clone(), line[name].clone())).collect();
    without(Value::Object(metrics), &["IteratorAge", "stdout.Duration"])
}

/// CloudWatch ignores a directive with more than 100 metrics.
#[test]
fn metrics_of_many_sinks_take_several_directives() {
    let folder = Folder::new();
    let names: Vec<_> = (0..17).map(|index| format!("S{index}")).collect();
    let sinks = names.iter().map(|name| format!("{name}:file")).collect::<Vec<_>>().join(",");
    let folders: Vec<_> =
        names.iter().map(|name| (format!("{name}_DIR"), folder.path(name))).collect();
    let mut variables = vec![("SINKS", sinks.as_str()), ("METRICS", "per_sink")];
    variables.extend(folders.iter().map(|(name, path)| (name.as_str(), path.as_str())));
    let function = start_function(&variables);
    assert_eq!(function.invoke(batch([change(1)])), success());
    let line = summaries(&function.stop().stderr).remove(0);
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().expect("directives");
    let counts: Vec<_> =
        directives.iter().map(|it| it["Metrics"].as_array().map(Vec::len)).collect();
    assert_eq!(counts, [Some(100), Some(3 + 3 + 17 * 6 - 100)]);
}
