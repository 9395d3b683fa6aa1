//! What the function logs, and what it does not.

use std::time::Duration;

use serde_json::{Value, json};

use super::folder::Folder;
use super::function::{Output, start_function};
use super::records::*;
use super::replies::{failed_from, success};
use super::services::closed_port;
use changefan_fake_lambda::{Answer, Due};
use changefan_strict_aws::{Fault, StrictAws};

/// Part of a record that must not appear anywhere else.
const CANARY: &str = "canary-7f3a-0b91-e2c";

/// What the runtime states about the first invocation.
const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";
const TRACE_ID: &str = "Root=1-00000000-000000000000000000000000;Sampled=0";

/// The lines of standard error: JSON throughout.
fn lines(stderr: &str) -> Vec<Value> {
    let line =
        |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not a line of JSON: {line}"));
    stderr.lines().map(line).collect()
}

fn is_summary(line: &Value) -> bool {
    line["message"] == "batch processed"
}

/// All lines but the summaries, without their times and targets.
fn log_lines(stderr: &str) -> Vec<Value> {
    let others = lines(stderr).into_iter().filter(|line| !is_summary(line));
    others.map(|line| without(line, &["timestamp", "target"])).collect()
}

/// The summary of each invocation, without what depends on a clock.
fn summaries(stderr: &str) -> Vec<Value> {
    let mut summaries: Vec<_> = lines(stderr).into_iter().filter(is_summary).collect();
    for line in &mut summaries {
        for sink in line["sinks"].as_object_mut().expect("sinks").values_mut() {
            *sink = without(sink.take(), &["milliseconds"]);
        }
    }
    summaries
}

/// An object without members that it must have.
fn without(mut object: Value, members: &[&str]) -> Value {
    for member in members {
        let found = object.as_object_mut().and_then(|object| object.remove(*member));
        assert!(found.is_some(), "{member} is missing in {object}");
    }
    object
}

/// A line of the first invocation: what every line has, and these members.
fn of_first_invocation(members: Value) -> Value {
    let mut line = json!({ "requestId": REQUEST_ID, "traceId": TRACE_ID, "version": "$LATEST" });
    let members = members.as_object().expect("an object").clone();
    line.as_object_mut().expect("an object").extend(members);
    line
}

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
fn quarantined_record_is_logged_with_the_reason() {
    let folder = Folder::new();
    let function = start_function(&[("QUARANTINE", &format!("file://{}", folder.path("kept")))]);
    assert_eq!(function.invoke(batch([change(1), undecodable(2), undecodable(3)])), success());
    let expected = of_first_invocation(json!({
        "level": "WARN", "message": "records quarantined", "quarantined": 2,
        "reason": UNDECODABLE, "event_id": event_id(2), "sequence_number": sequence_number(2),
    }));
    assert_eq!(log_lines(&function.stop().stderr), [expected]);
}

#[test]
fn first_unprocessed_record_is_logged_with_the_reason() {
    let folder = Folder::new();
    let plain = folder.file("plain", "");
    let function = start_function(&[
        ("SINKS", "file"),
        ("FILE_DIR", &plain),
        ("PARTIAL_BATCH_RESPONSE", "true"),
    ]);
    assert_eq!(function.invoke(batch([change(1), change(2)])), failed_from(&sequence_number(1)));
    let reason = format!("cannot write below {plain}: Not a directory (os error 20)");
    let of_sink = of_first_invocation(json!({
        "level": "WARN", "message": "not all events were delivered",
        "sink": "file", "destination": format!("{plain}/changes/"),
        "delivered": 0, "failed": 2, "already_delivered": 0, "retried": 0,
        "cause": "denied", "reason": reason,
        "first_sequence_number": sequence_number(1), "last_sequence_number": sequence_number(2),
    }));
    let of_batch = of_first_invocation(json!({
        "level": "ERROR", "message": "first unprocessed record",
        "position": 0, "identifier": sequence_number(1), "sink": "file",
        "reason": format!("denied: {reason}"), "unprocessed": 2,
        "batch_first_sequence_number": sequence_number(1),
        "batch_last_sequence_number": sequence_number(2),
    }));
    let mut found = log_lines(&function.stop().stderr);
    found[0] = without(found[0].take(), &["milliseconds"]);
    assert_eq!(found, [of_sink, of_batch]);
}

#[test]
fn failed_call_is_logged_with_aws_request_id_and_range() {
    let aws = StrictAws::start();
    aws.create_delivery_stream("changes");
    aws.create_bucket("lake");
    aws.set_faults(|_| Fault::Error(403, "AccessDeniedException"));
    let function = start_function(&[
        ("SINKS", "firehose,s3"),
        ("FIREHOSE_STREAM", "changes"),
        ("S3_BUCKET", "lake"),
        ("AWS_ENDPOINT_URL", &aws.url()),
        ("PARTIAL_BATCH_RESPONSE", "true"),
    ]);
    let payload = batch([change(1), change(2), change(3)]);
    assert_eq!(function.invoke(payload), failed_from(&sequence_number(1)));
    let found = log_lines(&function.stop().stderr);
    let [firehose, s3, _] = found.as_slice() else { panic!("found {found:?}") };
    for (line, sink, destination, resource) in [
        (firehose, "firehose", "delivery stream changes", "delivery stream changes"),
        (s3, "s3", "s3://lake/changes/", "s3://lake/changes/table=orders/date=2023-07-11/hour=19/"),
    ] {
        let found = |member: &str| line[member].as_str().unwrap_or_default();
        assert_eq!((found("sink"), found("destination")), (sink, destination), "{line}");
        assert!(found("resource").starts_with(resource), "{line}");
        assert_eq!((found("aws_request_id"), found("cause")), ("strict-aws", "denied"), "{line}");
        assert_eq!(found("first_sequence_number"), sequence_number(1), "{line}");
        assert_eq!(found("last_sequence_number"), sequence_number(3), "{line}");
        assert_eq!((found("version"), found("requestId")), ("$LATEST", REQUEST_ID), "{line}");
        assert_eq!((found("traceId"), &line["failed"]), (TRACE_ID, &json!(3)), "{line}");
        assert!(found("reason").contains("AccessDeniedException"), "{line}");
    }
    assert!(s3["resource"].as_str().is_some_and(|key| key.ends_with(".jsonl.gz")), "{s3}");
}

#[test]
fn every_line_has_the_ids_of_its_invocation() {
    let folder = Folder::new();
    let function = start_function(&[
        ("SINKS", "stdout,file"),
        ("FILE_DIR", &folder.file("plain", "")),
        ("QUARANTINE", &format!("file://{}", folder.path("kept"))),
        ("CHANGEFAN_LOG", "debug"),
    ]);
    for _ in 0..2 {
        let answer = function.invoke(batch([change(1), undecodable(2)]));
        assert!(matches!(answer, Answer::Error(_)), "{answer:?}");
    }
    let lines = lines(&function.stop().stderr);
    let messages = [
        "delivered",
        "not all events were delivered",
        "records quarantined",
        "first unprocessed record",
        "batch processed",
    ];
    for (number, lines) in lines.chunks(messages.len()).enumerate() {
        let ids =
            (json!(format!("{}{number}", &REQUEST_ID[..35])), json!(TRACE_ID), json!("$LATEST"));
        for line in lines {
            let found = ["requestId", "traceId", "version"].map(|member| line[member].clone());
            assert_eq!(found, [ids.0.clone(), ids.1.clone(), ids.2.clone()], "{line}");
        }
    }
    let found: Vec<_> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
    // A record that is in the quarantine already is not reported again.
    let second: Vec<_> = messages.into_iter().filter(|it| *it != "records quarantined").collect();
    assert_eq!(found, [&messages[..], &second[..]].concat());
}

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
    let due = Due::After(Duration::from_secs(2));
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

#[test]
fn log_level_off_keeps_metrics() {
    let function = start_function(&[("CHANGEFAN_LOG", "off"), ("PARTIAL_BATCH_RESPONSE", "true")]);
    let payload = batch([change(1), undecodable(2)]);
    assert_eq!(function.invoke(payload), failed_from(&sequence_number(2)));
    let Output { stderr, .. } = function.stop();
    assert_eq!((log_lines(&stderr).len(), summaries(&stderr).len()), (0, 1));
}

#[test]
fn log_level_off_without_metrics_logs_nothing() {
    let function = start_function(&[
        ("CHANGEFAN_LOG", "off"),
        ("METRICS", "none"),
        ("PARTIAL_BATCH_RESPONSE", "true"),
    ]);
    let payload = batch([change(1), undecodable(2)]);
    assert_eq!(function.invoke(payload), failed_from(&sequence_number(2)));
    assert_eq!(function.stop().stderr, "");
}

/// The levels of the lines of an invocation with an undecodable record, with `METRICS=none`.
fn levels(variables: &[(&str, &str)]) -> Vec<String> {
    let variables = [variables, &[("METRICS", "none")]].concat();
    let function = start_function(&variables);
    let answer = function.invoke(batch([change(1), undecodable(2)]));
    assert!(matches!(answer, Answer::Error(_)), "{answer:?}");
    let level = |line: &Value| line["level"].as_str().expect("a level").to_owned();
    lines(&function.stop().stderr).iter().map(level).collect()
}

#[test]
fn log_level_is_changefans_then_lambdas_then_rusts() {
    let (own, lambdas, rusts) = ("CHANGEFAN_LOG", "AWS_LAMBDA_LOG_LEVEL", "RUST_LOG");
    assert_eq!(levels(&[]), ["ERROR", "INFO"]);
    assert_eq!(levels(&[(rusts, "debug")]), ["DEBUG", "ERROR", "INFO"]);
    assert_eq!(levels(&[(lambdas, "DEBUG"), (rusts, "off")]), ["DEBUG", "ERROR", "INFO"]);
    assert_eq!(levels(&[(lambdas, "ERROR"), (rusts, "debug")]), ["ERROR"]);
    let all = [(own, "debug"), (lambdas, "ERROR"), (rusts, "off")];
    assert_eq!(levels(&all), ["DEBUG", "ERROR", "INFO"]);
    assert_eq!(levels(&[(own, "error"), (lambdas, "DEBUG"), (rusts, "debug")]), ["ERROR"]);
}
