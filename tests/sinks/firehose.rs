//! Firehose: refusals inside a 200, packing, and limits.

use std::time::Duration;

use changefan::{Cause, Class, Deadline};

use super::destination::Destination;
use super::{SAMPLE_TIME, changes, ids, in_time, small_changes};
use changefan_strict_aws::{Fault, Service, in_turn, refuse_calls_containing};

fn firehose(pack: &'static str) -> Destination {
    let options =
        [("FIREHOSE_STREAM", "changes"), ("FIREHOSE_FORMAT", "json"), ("FIREHOSE_PACK", pack)];
    Destination::new("firehose", &options)
}

#[tokio::test]
async fn records_rejected_inside_a_200_are_retried_alone() {
    let it = firehose("");
    it.aws.set_faults(in_turn([Fault::RejectRecords(vec![1, 3]), Fault::RejectRecords(vec![0])]));
    it.deliver(&small_changes(5), in_time()).await.unwrap();
    assert_eq!(it.ids(), ["id-0", "id-2", "id-4", "id-3", "id-1"]);
    let sent: Vec<_> = it.aws.calls().iter().map(|call| call.info.records).collect();
    assert_eq!(sent, [5, 2, 1]);
}

#[tokio::test]
async fn lasting_rejection_fails_that_record_alone() {
    let it = firehose("");
    it.aws.set_faults(|_| Fault::RejectContaining("\"id-2\""));
    let deadline = Deadline::after(Duration::from_millis(300));
    let error = it.deliver(&small_changes(4), deadline).await.unwrap_err();
    // The last try is refused, or cut off by the deadline.
    let failures: Vec<_> =
        error.iter().map(|failure| (failure.ordinal, failure.cause.class())).collect();
    assert_eq!(failures, [(2, Class::Retryable)]);
    assert_eq!(it.ids(), ["id-0", "id-1", "id-3"]);
}

#[tokio::test]
async fn event_over_the_limit_is_rejected_alone() {
    let mut events = small_changes(3);
    events[1] = changes([SAMPLE_TIME; 2], 1_024_001).remove(1);
    for pack in ["", "1000"] {
        let it = firehose(pack);
        let error = it.deliver(&events, in_time()).await.unwrap_err();
        let failures: Vec<_> =
            error.iter().map(|failure| (failure.ordinal, failure.cause)).collect();
        assert_eq!(failures, [(1, Cause::TooLarge)]);
        assert_eq!(it.ids(), ["id-0", "id-2"]);
    }
}

#[tokio::test]
async fn pack_limits_the_bytes_of_a_record() {
    let it = firehose("1000");
    let events = small_changes(100);
    it.deliver(&events, in_time()).await.unwrap();
    let records = it.aws.firehose_records("changes");
    assert!(records.iter().all(|record| record.len() <= 1000 && record.ends_with(b"\n")));
    assert_eq!(records.len(), 34); // three events of about 300 bytes each, the last record with one
    assert_eq!(it.ids(), ids(&events));
}

#[tokio::test]
async fn rejected_pack_fails_each_of_its_events() {
    let it = firehose("1000");
    it.aws.set_faults(|_| Fault::RejectContaining("\"id-4\""));
    let deadline = Deadline::after(Duration::from_millis(300));
    let error = it.deliver(&small_changes(9), deadline).await.unwrap_err();
    let indexes: Vec<_> = error.iter().map(|failure| failure.ordinal).collect();
    // Packs are formed again from the remaining events, so the events next to the refused one
    // finally share its pack.
    assert_eq!(indexes, [3, 4, 5]);
    assert_eq!(it.ids(), ["id-0", "id-1", "id-2", "id-6", "id-7", "id-8"]);
}

#[tokio::test]
async fn calls_are_sent_concurrently() {
    let it = firehose("");
    it.aws.set_latency(Duration::from_millis(200));
    it.deliver(&small_changes(8_000), in_time()).await.unwrap();
    assert_eq!(it.aws.calls().len(), 16);
    assert_eq!(it.aws.max_concurrent(Service::Firehose), 12);
}

#[tokio::test]
async fn packed_event_that_is_refused_is_found() {
    let it = firehose("1000");
    it.aws.set_faults(refuse_calls_containing("\"id-7\"", 400, "InvalidArgumentException"));
    let error = it.deliver(&small_changes(20), in_time()).await.unwrap_err();
    let failures: Vec<_> = error.iter().map(|it| (it.ordinal, it.cause)).collect();
    assert_eq!(failures, [(7, Cause::Invalid)]);
    assert_eq!(it.ids().len(), 19);
}
