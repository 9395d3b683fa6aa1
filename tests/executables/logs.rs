//! The lines that the function logs.

use serde_json::json;

use super::folder::Folder;
use super::function::start_function;
use super::log_lines::*;
use super::records::*;
use super::replies::{failed_from, success};
use changefan_fake_lambda::Answer;
use changefan_strict_aws::{Fault, StrictAws};

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
