//! Concurrent invocations in one process, as Lambda Managed Instances send them.

use serde_json::{Value, json};

use super::function::{Function, start_function};
use super::records::*;
use super::replies::{error, failed_from, success};
use changefan_fake_lambda::Answer;
use changefan_strict_aws::{CallInfo, Fault, Service, StrictAws};

const AT_ONCE: usize = 4;

/// Four concurrent invocations to standard output and to a Firehose that answers none of them
/// before it has all four.
fn start(aws: &StrictAws) -> Function {
    aws.create_delivery_stream("changes");
    aws.answer_in_groups_of(AT_ONCE);
    start_function(&[
        ("AWS_LAMBDA_MAX_CONCURRENCY", "4"),
        ("SINKS", "stdout,firehose"),
        ("FIREHOSE_STREAM", "changes"),
        ("FIREHOSE_FORMAT", "dynamodb-json"),
        ("PARTIAL_BATCH_RESPONSE", "true"),
        ("AWS_ENDPOINT_URL", &aws.url()),
    ])
}

/// `count` changes, numbered from `first`.
fn changes(first: u32, count: u32) -> Value {
    json!({ "Records": (first..first + count).map(change).collect::<Vec<_>>() })
}

/// The records in Firehose, in the order of their numbers.
fn in_firehose(aws: &StrictAws) -> Vec<Value> {
    let record = |record: &bytes::Bytes| serde_json::from_slice(record).expect("a record of JSON");
    let mut records: Vec<Value> = aws.firehose_records("changes").iter().map(record).collect();
    records.sort_by_key(|record| record["dynamodb"]["SequenceNumber"].to_string());
    records
}

/// Invocations end in any order, but each writes whole lines.
fn sorted(lines: &str) -> Vec<&str> {
    let mut lines: Vec<_> = lines.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn concurrent_invocations_are_delivered_once() {
    let aws = StrictAws::start();
    let function = start(&aws);
    for round in 0..5 {
        let payloads = (0..4).map(|invocation| changes(20 * round + 5 * invocation, 5));
        assert_eq!(function.invoke_at_once(payloads), [(); AT_ONCE].map(|()| success()));
    }
    let expected: Vec<_> = (0..100).map(change).collect();
    assert_eq!(aws.max_concurrent(Service::Firehose), AT_ONCE);
    assert_eq!(in_firehose(&aws), expected);
    assert_eq!(sorted(&function.stop().stdout), sorted(&log(&expected)));
}

#[test]
fn concurrent_invocations_have_separate_replies_and_caches() {
    let aws = StrictAws::start();
    let denied = |call: &CallInfo| call.records == 3;
    aws.set_faults(move |call| {
        if denied(call) { Fault::Error(400, "AccessDeniedException") } else { Fault::None }
    });
    let function = start(&aws);
    let mut undecodable_last = changes(20, 2);
    undecodable_last["Records"][1] = undecodable(21);
    let answers =
        function.invoke_at_once([changes(0, 2), changes(10, 3), undecodable_last, changes(30, 4)]);
    let own = [
        success(),
        failed_from(&sequence_number(10)),
        failed_from(&sequence_number(21)),
        success(),
    ];
    assert_eq!(answers, own);
    // The batch that Firehose did not accept is redelivered concurrently with others; standard
    // output has it already.
    aws.set_faults(|_| Fault::None);
    let answers =
        function.invoke_at_once([changes(40, 1), changes(10, 3), changes(50, 1), changes(60, 1)]);
    assert_eq!(answers, [(); AT_ONCE].map(|()| success()));
    let numbers = [0, 1, 10, 11, 12, 20, 30, 31, 32, 33, 40, 50, 60];
    let expected = numbers.map(change);
    assert_eq!(in_firehose(&aws), expected);
    assert_eq!(sorted(&function.stop().stdout), sorted(&log(&expected)));
}

#[test]
fn failed_invocation_does_not_fail_concurrent_ones() {
    let aws = StrictAws::start();
    let function = start(&aws);
    let no_batch = json!({ "hello": "world" });
    // Firehose waits for four calls, so the one without a call is a fifth.
    let payloads = [changes(0, 1), changes(1, 1), no_batch.clone(), changes(2, 1), changes(3, 1)];
    let answers = function.invoke_at_once(payloads);
    let Answer::Error(found) = &answers[2] else { panic!("found {:?}", answers[2]) };
    assert_eq!(
        answers[2],
        error("PayloadError", found["errorMessage"].as_str().expect("a message"))
    );
    assert_eq!([0, 1, 3, 4].map(|index| answers[index] == success()), [true; 4]);
    assert_eq!(in_firehose(&aws), [0, 1, 2, 3].map(change));
}

#[test]
fn invocations_are_sequential_unless_lambda_allows_more() {
    let aws = StrictAws::start();
    aws.create_delivery_stream("changes");
    for at_once in ["", "1", "0", "many"] {
        let function = start_function(&[
            ("AWS_LAMBDA_MAX_CONCURRENCY", at_once),
            ("SINKS", "firehose"),
            ("FIREHOSE_STREAM", "changes"),
            ("AWS_ENDPOINT_URL", &aws.url()),
        ]);
        assert_eq!(function.invoke_at_once([changes(0, 1), changes(1, 1)]), [success(), success()]);
    }
    assert_eq!(aws.max_concurrent(Service::Firehose), 1);
}
