//! The behavior of every sink under faults.

use std::time::Duration;

use changefan::{Cause, Class, Deadline};

use super::destination::Destination;
use super::{ids, in_time, small_changes};
use changefan_sinks::conformance;
use changefan_strict_aws::{Fault, in_turn};

#[tokio::test]
async fn every_sink_passes_the_conformance_suite() {
    for index in 0..Destination::all().len() {
        conformance::check(|| Destination::all().swap_remove(index)).await;
    }
}

#[tokio::test]
async fn events_arrive_in_order() {
    for it in Destination::all() {
        let events = small_changes(10);
        it.deliver(&events, in_time()).await.unwrap();
        assert_eq!(it.ids(), ids(&events), "{}", it.name);
    }
}

#[tokio::test]
async fn empty_delivery_makes_no_call() {
    for it in Destination::all() {
        it.deliver(&[], in_time()).await.unwrap();
        assert!(it.lines().is_empty() && it.aws.calls().is_empty(), "{}", it.name);
    }
}

#[tokio::test]
async fn failed_call_is_retried_until_it_succeeds() {
    for it in Destination::of_aws() {
        it.aws.set_faults(in_turn([
            Fault::Status(503),
            Fault::ConnectionReset,
            Fault::Status(500),
        ]));
        let events = small_changes(3);
        it.deliver(&events, in_time()).await.unwrap();
        assert_eq!(it.ids(), ids(&events), "{}", it.name);
    }
}

#[tokio::test]
async fn events_not_accepted_by_the_deadline_are_failures() {
    for (fault, cause) in [(Fault::Status(503), None), (Fault::Hang, Some(Cause::TimedOut))] {
        for it in Destination::of_aws() {
            let fault = fault.clone();
            it.aws.set_faults(move |_| fault.clone());
            let events = small_changes(3);
            let error =
                it.deliver(&events, Deadline::after(Duration::from_millis(400))).await.unwrap_err();
            let indexes: Vec<_> = error.iter().map(|failure| failure.ordinal).collect();
            assert_eq!(indexes, [0, 1, 2], "{}", it.name);
            for failure in &error {
                assert_eq!(failure.cause.class(), Class::Retryable, "{}", it.name);
                assert!(
                    cause.is_none_or(|cause| cause == failure.cause),
                    "{}: {}",
                    it.name,
                    failure.cause
                );
            }
            assert_eq!(it.ids(), [""; 0], "{}", it.name);
        }
    }
}

#[tokio::test]
async fn lost_response_costs_at_most_a_repeat_with_the_same_id() {
    for it in Destination::of_aws() {
        // The first call can be the one that finds the log stream missing.
        it.aws.set_faults(in_turn([Fault::AcceptThenDrop, Fault::None, Fault::AcceptThenDrop]));
        let events = small_changes(3);
        it.deliver(&events, in_time()).await.unwrap();
        let mut found = it.ids();
        found.sort();
        found.dedup();
        assert_eq!(found, ids(&events), "{}", it.name);
    }
}

#[tokio::test]
async fn denied_call_is_not_retried() {
    for it in Destination::of_aws() {
        it.aws.set_faults(|_| Fault::Error(403, "AccessDeniedException"));
        let error = it.deliver(&small_changes(2), in_time()).await.unwrap_err();
        let causes: Vec<_> = error.iter().map(|failure| failure.cause).collect();
        assert_eq!(causes, [Cause::Denied, Cause::Denied], "{}", it.name);
        assert_eq!(it.aws.calls().len(), 1, "{}", it.name);
    }
}

#[tokio::test]
async fn check_reports_a_missing_destination() {
    for it in Destination::all() {
        it.sink.check().await.unwrap();
        assert!(it.lines().is_empty(), "{}: a check writes nothing", it.name);
    }
    for (name, options) in [
        ("s3", [("S3_BUCKET", "nosuch")]),
        ("eventbridge", [("EVENTBRIDGE_BUS", "nosuch")]),
        ("firehose", [("FIREHOSE_STREAM", "nosuch")]),
        ("cloudwatch_logs", [("CLOUDWATCH_LOGS_GROUP", "nosuch")]),
    ] {
        let it = Destination::new(name, &options);
        let error = it.sink.check().await.unwrap_err().to_string();
        assert!(error.contains("nosuch"), "{error}");
        let error = it.deliver(&small_changes(1), in_time()).await.unwrap_err();
        assert_eq!(error[0].cause, Cause::Denied, "{name}");
    }
}
