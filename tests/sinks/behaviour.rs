//! What every sink does.

use std::time::Duration;

use changefan::{Cause, Class, Deadline};

use super::destination::Destination;
use super::{changes, ids, in_time, small_changes};
use changefan_strict_aws::{Fault, in_turn};

#[tokio::test]
async fn every_event_arrives_once_and_in_order() {
    for it in Destination::all() {
        let events = small_changes(25);
        it.sink.deliver(&events, in_time()).await.unwrap();
        assert_eq!(it.ids(), ids(&events), "{}", it.name);
    }
}

#[tokio::test]
async fn no_event_is_no_call() {
    for it in Destination::all() {
        it.sink.deliver(&[], in_time()).await.unwrap();
        assert!(it.lines().is_empty() && it.aws.calls().is_empty(), "{}", it.name);
    }
}

#[tokio::test]
async fn any_part_of_a_batch_can_be_delivered() {
    for it in Destination::all() {
        let events = small_changes(9);
        it.sink.deliver(&events[3..5], in_time()).await.unwrap();
        it.sink.deliver(&events[8..], in_time()).await.unwrap();
        let mut found = it.ids();
        found.sort();
        assert_eq!(found, ["id-3", "id-4", "id-8"], "{}", it.name);
    }
}

#[tokio::test]
async fn more_than_one_call_takes_is_split() {
    for it in Destination::all() {
        // Over 10,000 events, 4 MiB and 1 MiB: the count limits and the byte limits of all services.
        let many = small_changes(10_001);
        it.sink.deliver(&many, in_time()).await.unwrap();
        let large = changes(std::iter::repeat_n(super::SAMPLE_TIME + 3600, 12), 400_000);
        it.sink.deliver(&large, in_time()).await.unwrap();
        assert_eq!(it.lines().len(), 10_013, "{}", it.name);
    }
}

#[tokio::test]
async fn a_call_that_fails_is_made_again_until_it_succeeds() {
    for it in Destination::of_aws() {
        it.aws.set_faults(in_turn([
            Fault::Status(503),
            Fault::ConnectionReset,
            Fault::Status(500),
        ]));
        let events = small_changes(3);
        it.sink.deliver(&events, in_time()).await.unwrap();
        assert_eq!(it.ids(), ids(&events), "{}", it.name);
    }
}

#[tokio::test]
async fn what_was_not_accepted_by_the_deadline_is_told() {
    for (fault, cause) in [(Fault::Status(503), None), (Fault::Hang, Some(Cause::TimedOut))] {
        for it in Destination::of_aws() {
            let fault = fault.clone();
            it.aws.set_faults(move |_| fault.clone());
            let events = small_changes(3);
            let error = it
                .sink
                .deliver(&events, Deadline::after(Duration::from_millis(400)))
                .await
                .unwrap_err();
            let indexes: Vec<_> = error.failures().iter().map(|failure| failure.index).collect();
            assert_eq!(indexes, [0, 1, 2], "{}", it.name);
            for failure in error.failures() {
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
async fn an_answer_that_got_lost_costs_a_repeat_with_the_same_id_at_most() {
    for it in Destination::of_aws() {
        // The first call can be the one that finds the log stream missing.
        it.aws.set_faults(in_turn([Fault::AcceptThenDrop, Fault::None, Fault::AcceptThenDrop]));
        let events = small_changes(3);
        it.sink.deliver(&events, in_time()).await.unwrap();
        let mut found = it.ids();
        found.sort();
        found.dedup();
        assert_eq!(found, ids(&events), "{}", it.name);
    }
}

#[tokio::test]
async fn what_nobody_permits_is_not_tried_again() {
    for it in Destination::of_aws() {
        it.aws.set_faults(|_| Fault::Error(403, "AccessDeniedException"));
        let error = it.sink.deliver(&small_changes(2), in_time()).await.unwrap_err();
        let causes: Vec<_> = error.failures().iter().map(|failure| failure.cause).collect();
        assert_eq!(causes, [Cause::Denied, Cause::Denied], "{}", it.name);
        assert_eq!(it.aws.calls().len(), 1, "{}", it.name);
    }
}

#[tokio::test]
async fn a_check_tells_whether_the_destination_is_there() {
    for it in Destination::all() {
        it.sink.check().await.unwrap();
        assert!(it.lines().is_empty(), "{}: a check writes nothing", it.name);
    }
    for (name, options) in [
        ("s3", [("S3_BUCKET", "nosuch")]),
        ("firehose", [("FIREHOSE_STREAM", "nosuch")]),
        ("cloudwatch_logs", [("CLOUDWATCH_LOGS_GROUP", "nosuch")]),
    ] {
        let it = Destination::new(name, &options);
        let error = it.sink.check().await.unwrap_err().to_string();
        assert!(error.contains("nosuch"), "{error}");
        let error = it.sink.deliver(&small_changes(1), in_time()).await.unwrap_err();
        assert_eq!(error.failures()[0].cause, Cause::Denied, "{name}");
    }
}
