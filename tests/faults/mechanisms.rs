//! What each mechanism is needed for. Some can be disabled from outside: the verdict then reports
//! the difference, which also shows that it would report a loss.

use changefan::BatchOutcome;
use serde_json::{Value, json};

use super::function::{GENTLE, Rough};
use super::record::Kind::{self, Good, Large, Old, Undecodable};
use super::services::SINKS;
use super::source::Mapping;
use super::trial::{Outcome, Trial};
use changefan_strict_aws::{CallInfo, Fault, Service};

/// A source that sends a batch once.
fn once() -> Mapping {
    Mapping { max_retries: Some(0), ..Trial::default().mapping }
}

/// One batch of ten records, one of which is rejected.
fn with(bad: Kind) -> Vec<Vec<Kind>> {
    let mut kinds = vec![Good; 10];
    kinds[4] = bad;
    vec![kinds]
}

fn no_quarantine() -> Trial {
    Trial { options: vec![("PARTIAL_BATCH_RESPONSE", "true")], ..Trial::default() }
}

fn duplicates(outcome: &Outcome) -> [usize; 3] {
    SINKS.map(|sink| outcome.verdict.duplicates[sink])
}

/// All records arrived although the source sent them once.
fn assert_all_arrived(outcome: &Outcome) {
    outcome.verdict.assert_kept();
    assert_eq!((outcome.verdict.given_up, outcome.verdict.quarantined), (0, outcome.refusals));
}

/// The retry layer.
#[test]
fn failed_calls_are_retried_within_the_invocation() {
    let first_fails =
        |call: &CallInfo| if call.attempt == 0 { Fault::Status(503) } else { Fault::None };
    let outcome = Trial {
        mapping: once(),
        shards: vec![vec![Good; 30]],
        faults: Box::new(first_fails),
        ..Trial::default()
    }
    .run();
    assert_all_arrived(&outcome);
    assert_eq!((outcome.invocations, duplicates(&outcome)), (3, [0; 3]));
    assert!(outcome.faults >= 3);
}

/// The reply names the first unprocessed record; one that named the last would lose those between.
#[test]
fn reply_naming_a_later_record_loses_the_first() {
    fn names_the_last(report: &BatchOutcome) -> Option<Value> {
        let last = report.notes.last().and_then(|note| note.sequence_number.clone());
        let failures: Vec<_> = last.iter().map(|it| json!({ "itemIdentifier": it })).collect();
        Some(json!({ "batchItemFailures": failures }))
    }
    let two_bad = || {
        let mut shards = with(Undecodable);
        shards[0][7] = Undecodable;
        Trial { mapping: once(), shards, ..no_quarantine() }
    };
    let kept = two_bad().run().verdict;
    kept.assert_kept();
    assert_eq!(kept.given_up, 6);
    let lossy = Trial { answer: names_the_last, ..two_bad() }.run().verdict;
    assert_eq!(lossy.lost.values().map(Vec::as_slice).collect::<Vec<_>>(), [["change-0-4"]; 3]);
}

/// `PARTIAL_BATCH_RESPONSE=true` requires a mapping that reads failures: records are lost
/// otherwise. Without the variable the function fails the invocation, which every source
/// understands.
#[test]
fn partial_response_that_is_not_read_loses_records() {
    let unread = || {
        let mapping = Mapping { reads_failures: false, ..once() };
        Trial { mapping, shards: with(Undecodable), ..no_quarantine() }
    };
    let lossy = unread().run().verdict;
    assert_eq!(lossy.lost.values().map(Vec::as_slice).collect::<Vec<_>>(), [["change-0-4"]; 3]);
    let kept = Trial { options: Vec::new(), ..unread() }.run().verdict;
    kept.assert_kept();
    assert_eq!(kept.given_up, 10);
}

/// The redelivery cache. Without it, as with an instance per invocation, no record is lost but many
/// arrive twice.
#[test]
fn warm_instance_delivers_nothing_twice() {
    for mapping in [once(), Mapping { bisect: true, ..once() }, Mapping { refills: true, ..once() }]
    {
        let mapping = Mapping { max_retries: Some(3), ..mapping };
        let trial = |always_cold| {
            let shards = vec![with(Undecodable).remove(0), vec![Good; 25]];
            let rough = Rough { always_cold, ..GENTLE };
            Trial { mapping: mapping.clone(), shards, rough, ..no_quarantine() }.run()
        };
        let (warm, cold) = (trial(false), trial(true));
        warm.verdict.assert_kept();
        cold.verdict.assert_kept();
        assert_eq!(duplicates(&warm), [0; 3], "{mapping:?}");
        assert!(duplicates(&cold).iter().all(|&duplicates| duplicates > 0), "{mapping:?} {cold:?}");
    }
}

/// The quarantine. Without it the record blocks its shard until the source gives it up, with the
/// records after it.
#[test]
fn rejected_record_does_not_block_its_shard() {
    for bad in [Undecodable, Kind::Nameless, Large, Old] {
        let kept = Trial { mapping: once(), shards: with(bad), ..Trial::default() }.run();
        assert_all_arrived(&kept);
        assert_eq!(kept.invocations, 1);
        let stopped = Trial { mapping: once(), shards: with(bad), ..no_quarantine() }.run();
        stopped.verdict.assert_kept();
        let given_up = if bad == Kind::Nameless { 10 } else { 6 };
        assert_eq!(
            (stopped.verdict.given_up, stopped.verdict.quarantined),
            (given_up, 0),
            "{bad:?}"
        );
    }
}

/// A quarantine that cannot be written leaves the record unprocessed.
#[test]
fn record_not_quarantined_is_unprocessed() {
    let denied = |call: &CallInfo| {
        if call.resource.starts_with("kept/") { Fault::Status(403) } else { Fault::None }
    };
    let trial = Trial {
        mapping: once(),
        shards: with(Undecodable),
        faults: Box::new(denied),
        ..Trial::default()
    };
    let outcome = trial.run();
    outcome.verdict.assert_kept();
    assert_eq!((outcome.verdict.given_up, outcome.verdict.quarantined), (6, 0));
}

/// Splitting: more than 500 records, Firehose's limit, and more than 1 MiB, that of CloudWatch
/// Logs.
#[test]
fn batch_over_the_limits_of_a_call_is_split() {
    let mapping = Mapping { batch_size: 2500, ..once() };
    let outcome = Trial { mapping, shards: vec![vec![Good; 2500]], ..Trial::default() }.run();
    assert_all_arrived(&outcome);
    // Firehose five; CloudWatch Logs two, one that finds the stream missing, and one that creates
    // it; S3 one.
    assert_eq!((outcome.invocations, outcome.calls), (1, 10));
}

/// Sequential calls, and none after a failed one: the log stream keeps its order although the first
/// call of a batch fails and the batch needs a second one.
#[test]
fn log_stream_keeps_its_order() {
    let first_fails = |call: &CallInfo| match call.operation.as_str() {
        // The first attempt finds the stream missing.
        "PutLogEvents" if call.attempt == 1 => Fault::Status(503),
        _ => Fault::None,
    };
    let mapping = Mapping { batch_size: 2500, ..once() };
    let faults = Box::new(first_fails);
    let outcome =
        Trial { mapping, shards: vec![vec![Good; 2500]], faults, ..Trial::default() }.run();
    assert_all_arrived(&outcome);
    assert_eq!((outcome.invocations, outcome.faults, duplicates(&outcome)), (1, 1, [0; 3]));
}

/// 412 as a success: an object whose first response was lost exists already.
#[test]
fn existing_object_is_a_success() {
    let answer_lost = |call: &CallInfo| match call {
        CallInfo { service: Service::S3, attempt: 0, .. } => Fault::AcceptThenDrop,
        _ => Fault::None,
    };
    let faults = Box::new(answer_lost);
    let outcome =
        Trial { mapping: once(), shards: vec![vec![Good; 20]], faults, ..Trial::default() }.run();
    assert_all_arrived(&outcome);
    assert_eq!((outcome.invocations, outcome.faults, duplicates(&outcome)), (2, 2, [0; 3]));
}

/// Records rejected inside a 200: Firehose's `FailedPutCount`, CloudWatch Logs'
/// `rejectedLogEventsInfo`.
#[test]
fn records_rejected_inside_a_200_are_retried() {
    let partly = |call: &CallInfo| match call.attempt {
        0..3 => Fault::RejectRecords((0..call.records).step_by(2).collect()),
        _ => Fault::None,
    };
    let shards = vec![vec![Good, Old, Good, Good, Old, Good]];
    let outcome =
        Trial { mapping: once(), shards, faults: Box::new(partly), ..Trial::default() }.run();
    assert_all_arrived(&outcome);
    assert_eq!((outcome.verdict.quarantined, duplicates(&outcome)), (2, [0; 3]));
}
