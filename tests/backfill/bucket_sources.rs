//! Exports and lakes in buckets, over a service that fails on demand.

use bytes::Bytes;
use changefan_strict_aws::{Fault, StrictAws};

use super::command::{Finished, backfill, in_aws};
use super::export::{Export, orders, source_key};
use super::folders::summary_of;
use super::lake::{closed, complete, in_bucket};

fn run(aws: &StrictAws, location: &str, arguments: &[&str]) -> Finished {
    backfill(&[&[location], arguments].concat(), &in_aws(aws))
}

fn start(export: &Export) -> (StrictAws, String) {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    aws.create_table("orders", &[("id", "S")]);
    let location = export.upload(&aws);
    (aws, location)
}

/// A schedule that applies to the first calls of an operation whose resource ends so.
fn first(
    operation: &'static str,
    suffix: &'static str,
    faults: Vec<Fault>,
) -> impl FnMut(&changefan_strict_aws::CallInfo) -> Fault + Send {
    move |call| {
        let applies = call.operation == operation && call.resource.ends_with(suffix);
        let fault = faults.get(call.attempt).filter(|_| applies);
        fault.cloned().unwrap_or(Fault::None)
    }
}

#[test]
fn keys_come_from_describe_table() {
    let (aws, location) = start(&orders(&[30, 20]));
    let finished = run(&aws, &location, &[]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert_eq!(closed(&in_bucket(&aws)), (50, complete(2, 50)));
    let (aws, location) = start(&orders(&[3]));
    aws.set_faults(|call| match call.operation.as_str() {
        "DescribeTable" => Fault::Error(400, "AccessDeniedException"),
        _ => Fault::None,
    });
    let finished = run(&aws, &location, &[]);
    assert!(
        finished.stderr.contains("give the table's key attributes with --keys"),
        "{}",
        finished.stderr
    );
    assert_eq!(run(&aws, &location, &["--keys", "id"]).status, 0);
}

#[test]
fn reads_continue_after_faults() {
    let (aws, location) = start(&orders(&[3000, 2000]));
    let faults = vec![
        Fault::Status(503),
        Fault::TruncatedAnswer,
        Fault::Status(500),
        Fault::TruncatedAnswer,
        Fault::ConnectionReset,
    ];
    aws.set_faults(first("GetObject", ".json.gz", faults));
    let finished = run(&aws, &location, &["--keys", "id"]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert_eq!(closed(&in_bucket(&aws)), (5000, complete(2, 5000)));
    let key = source_key(&format!("data/{:026}.json.gz", 0));
    assert_eq!(aws.calls_of("GetObject", &key).len(), 6);
}

#[test]
fn manifests_and_lists_continue_after_faults() {
    let (aws, location) = start(&orders(&[3]));
    aws.set_faults(|call| match (call.operation.as_str(), call.attempt) {
        ("GetObject", 0) if call.resource.contains("manifest") => Fault::Status(503),
        ("GetObject", 1) if call.resource.contains("manifest") => Fault::TruncatedAnswer,
        ("ListObjectsV2", 0) if call.resource.contains("source") => Fault::Status(500),
        _ => Fault::None,
    });
    let finished = run(&aws, &location, &["--keys", "id"]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert_eq!(closed(&in_bucket(&aws)), (3, complete(1, 3)));
}

#[test]
fn object_that_changes_while_it_is_read_is_an_error() {
    let (aws, location) = start(&orders(&[3000]));
    let other = super::export::gzip(&"{}\n".repeat(9000));
    let faults = vec![Fault::TruncatedAnswer, Fault::ReplaceObject(Bytes::from(other))];
    aws.set_faults(first("GetObject", ".json.gz", faults));
    let finished = run(&aws, &location, &["--keys", "id"]);
    assert_eq!(finished.status, 1);
    assert!(finished.stderr.contains(".json.gz changed while it was read"), "{}", finished.stderr);
    assert_eq!(in_bucket(&aws).len(), 0);
}

#[test]
fn expired_credentials_end_the_run_and_a_later_one_continues() {
    let (aws, location) = start(&orders(&[30, 20, 10]));
    aws.set_faults(|call| match call.operation.as_str() {
        "GetObject" if call.resource.ends_with("1.json.gz") => Fault::Error(400, "ExpiredToken"),
        _ => Fault::None,
    });
    let finished = run(&aws, &location, &["--keys", "id", "--workers", "1"]);
    assert_eq!(finished.status, 1);
    assert!(finished.stderr.contains("failed with status 400 ExpiredToken"), "{}", finished.stderr);
    let before = in_bucket(&aws);
    assert_eq!(closed(&before), (30, None));
    aws.set_faults(|_| Fault::None);
    let finished = run(&aws, &location, &["--keys", "id"]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let objects = in_bucket(&aws);
    assert_eq!(closed(&objects), (60, complete(3, 60)));
    for key in before.keys() {
        assert_eq!(aws.put_attempts(&format!("lake/{key}")).len(), 1, "{key}");
    }
}

#[test]
fn uploads_are_retried_and_never_replace() {
    let (aws, location) = start(&orders(&[30, 20]));
    aws.set_faults(|call| match (call.operation.as_str(), call.attempt) {
        ("PutObject", 0) => Fault::Status(503),
        ("PutObject", 1) => Fault::AcceptThenDrop,
        ("PutObject", _) => Fault::None,
        _ => Fault::None,
    });
    let finished = run(&aws, &location, &["--keys", "id"]);
    let lake = "50 READ rows and the SNAPSHOT; 3 objects written (";
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let expected = summary_of(50, 2, lake);
    assert!(finished.stderr.starts_with(expected.trim_end()), "{}", finished.stderr);
    assert_eq!(closed(&in_bucket(&aws)), (50, complete(2, 50)));
}

#[test]
fn export_that_is_not_there_is_named() {
    let aws = StrictAws::start();
    aws.create_bucket("source");
    let finished = run(&aws, "s3://source/AWSDynamoDB/nothing/", &["--keys", "id"]);
    assert_eq!(finished.status, 1);
    let expected = "error: s3://source/AWSDynamoDB/nothing/manifest-summary.json does not exist";
    assert!(finished.stderr.starts_with(expected), "{}", finished.stderr);
}
