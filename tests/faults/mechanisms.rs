//! What each mechanism is needed for. Some can be switched off from outside: then the verdict sees the difference, which
//! also shows that it would see a loss.

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

/// Ten records with a bad one among them, in one batch.
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

/// All arrived although the source sent it once.
fn assert_all_arrived(outcome: &Outcome) {
    outcome.verdict.assert_kept();
    assert_eq!((outcome.verdict.given_up, outcome.verdict.quarantined), (0, outcome.refusals));
}

/// The retry decorator.
#[test]
fn faults_are_mended_within_the_invocation() {
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

/// The reply names the first unhandled record; one that named the last would lose what lies between.
#[test]
fn a_reply_that_names_a_later_record_loses_the_first() {
    fn names_the_last(report: &BatchOutcome) -> Option<Value> {
        let last = report.notes.last().and_then(|note| note.sequence_number.clone());
        Some(
            json!({ "batchItemFailures": last.map(|it| json!({ "itemIdentifier": it })).into_iter().collect::<Vec<_>>() }),
        )
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

/// `PARTIAL_BATCH_RESPONSE=true` is a promise that the source keeps: with a mapping that does not read failures it loses
/// records, and without the variable the function fails the invocation, which every source understands.
#[test]
fn a_partial_reply_that_nobody_reads_loses_records() {
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

/// The retry memory. Without it, as with an instance for each invocation, nothing is lost but much comes twice.
#[test]
fn a_warm_instance_sends_nothing_twice() {
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

/// The quarantine. Without it the shard stops at the record, until the source gives it up together with its successors.
#[test]
fn a_bad_record_holds_nobody_up() {
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

/// A quarantine that cannot be written keeps nothing, and so handles nothing.
#[test]
fn what_the_quarantine_did_not_take_is_not_handled() {
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

/// Splitting: more than 500 records, the most of Firehose, and more than 1 MiB, the most of CloudWatch Logs.
#[test]
fn a_batch_may_be_larger_than_a_call() {
    let mapping = Mapping { batch_size: 2500, ..once() };
    let outcome = Trial { mapping, shards: vec![vec![Good; 2500]], ..Trial::default() }.run();
    assert_all_arrived(&outcome);
    // Of Firehose five; of CloudWatch Logs two, one that finds the stream missing, and the one that makes it; of S3 one.
    assert_eq!((outcome.invocations, outcome.calls), (1, 10));
}

/// Calls one after the other, and none after one that failed: the log stream stays in order although the first call of a
/// batch fails and the batch needs a second one.
#[test]
fn a_log_stream_stays_in_order() {
    let first_fails = |call: &CallInfo| match call.operation.as_str() {
        // The very first attempt finds the stream missing.
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

/// 412 as a success: an object whose first answer was lost is there already.
#[test]
fn an_object_that_is_there_is_a_success() {
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

/// Failures of single records inside a 200: `FailedPutCount` of Firehose, `rejectedLogEventsInfo` of CloudWatch Logs.
#[test]
fn a_success_is_read_to_its_end() {
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
