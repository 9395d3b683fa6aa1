//! The behavior that every sink has, as a test suite.
//!
//! A custom sink passes it in its own tests: implement [`Subject`] for the sink with a destination
//! that can be read, and call [`check`]. The feature `testing` enables this module.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use changefan_sinks::conformance::{self, Subject};
//! use changefan_sinks::{async_trait, Deadline, Outcome, Sink};
//! use changefan_events::ChangeEvent;
//!
//! #[derive(Default)]
//! struct Memory(Mutex<Vec<String>>);
//!
//! #[async_trait]
//! impl Sink for Memory {
//!     async fn deliver(&self, events: &[&ChangeEvent], _: Deadline) -> Outcome {
//!         self.0.lock().unwrap().extend(events.iter().map(|event| event.event_id().to_owned()));
//!         Outcome::delivered()
//!     }
//! }
//!
//! impl Subject for Memory {
//!     fn sink(&self) -> &dyn Sink {
//!         self
//!     }
//!
//!     fn event_ids(&self) -> Vec<String> {
//!         self.0.lock().unwrap().clone()
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! conformance::check(Memory::default).await;
//! # }
//! ```

use std::time::Duration;

use changefan_events::{Batch, ChangeEvent};
use futures_util::future::join;

use crate::{Deadline, Sink};

/// A sink with a destination that can be read.
pub trait Subject {
    /// The sink.
    fn sink(&self) -> &dyn Sink;

    /// The event ids of everything that arrived, in the order of its arrival, repeats included.
    fn event_ids(&self) -> Vec<String>;
}

/// The time of the sample events, 2023-07-11T19:25:30Z, in seconds since 1970.
pub const SAMPLE_TIME: i64 = 1_689_103_530;

/// Checks the behavior of a sink. `new` makes a sink with an empty destination.
///
/// # Panics
///
/// If the sink does not keep the contract of [`Sink`].
pub async fn check<S: Subject>(new: impl Fn() -> S) {
    every_event_arrives_once(&new()).await;
    no_event_arrives_from_an_empty_delivery(&new()).await;
    any_part_of_a_batch_can_be_delivered(&new()).await;
    many_and_large_events_arrive(&new()).await;
    deliveries_may_overlap(&new()).await;
    checking_writes_nothing(&new()).await;
}

async fn every_event_arrives_once(it: &impl Subject) {
    let batch = events(25);
    deliver(it, &batch).await;
    assert_eq!(sorted(it.event_ids()), sorted(event_ids(&batch)), "every event arrives once");
}

async fn no_event_arrives_from_an_empty_delivery(it: &impl Subject) {
    deliver(it, &[]).await;
    assert_eq!(it.event_ids(), [""; 0], "an empty delivery writes nothing");
}

async fn any_part_of_a_batch_can_be_delivered(it: &impl Subject) {
    let batch = events(9);
    deliver(it, &batch[3..5]).await;
    deliver(it, &batch[8..]).await;
    assert_eq!(sorted(it.event_ids()), ["id-3", "id-4", "id-8"], "parts of a batch arrive");
}

async fn many_and_large_events_arrive(it: &impl Subject) {
    deliver(it, &events(10_000)).await;
    let times = std::iter::repeat_n(SAMPLE_TIME + 3600, 12);
    deliver(it, &events_at(times, 400_000)).await;
    assert_eq!(it.event_ids().len(), 10_012, "deliveries over the limits of one call are split");
}

async fn deliveries_may_overlap(it: &impl Subject) {
    let batch = events(20);
    let (first, second) = batch.split_at(10);
    let (first, second): (Vec<_>, Vec<_>) = (first.iter().collect(), second.iter().collect());
    let (one, other) =
        join(it.sink().deliver(&first, in_time()), it.sink().deliver(&second, in_time())).await;
    assert!(one.is_success() && other.is_success(), "overlapping deliveries succeed");
    assert_eq!(sorted(it.event_ids()), sorted(event_ids(&batch)), "both deliveries arrive");
}

async fn checking_writes_nothing(it: &impl Subject) {
    it.sink().check().await.expect("the destination is usable");
    assert_eq!(it.event_ids(), [""; 0], "a check writes nothing");
}

async fn deliver(it: &impl Subject, events: &[ChangeEvent]) {
    let refs: Vec<_> = events.iter().collect();
    let outcome = it.sink().deliver(&refs, in_time()).await;
    assert!(outcome.is_success(), "every event is accepted: {:?}", outcome.failures());
}

/// Events `id-0`, `id-1`, … of the table `orders`, at [`SAMPLE_TIME`].
///
/// # Panics
///
/// If there are more than [`Batch::MAX_EVENTS`].
pub fn events(count: usize) -> Vec<ChangeEvent> {
    events_at(std::iter::repeat_n(SAMPLE_TIME, count), 10)
}

/// Events `id-0`, `id-1`, … of the table `orders`, at these seconds since 1970, with an attribute
/// of `bytes` bytes each.
///
/// # Panics
///
/// If there are more than [`Batch::MAX_EVENTS`].
pub fn events_at(times: impl IntoIterator<Item = i64>, bytes: usize) -> Vec<ChangeEvent> {
    let padding = "x".repeat(bytes);
    let times = times.into_iter().enumerate();
    let records: Vec<_> = times.map(|(index, time)| record(index, time, &padding)).collect();
    let payload = format!(r#"{{"Records":[{}]}}"#, records.join(","));
    let batch = Batch::decode(payload.into()).expect("a batch of well-formed records");
    assert!(batch.next_piece().is_none(), "at most {} events", Batch::MAX_EVENTS);
    batch.events
}

fn record(index: usize, time: i64, padding: &str) -> String {
    format!(
        r#"{{"eventID":"id-{index}","eventName":"INSERT","eventSource":"aws:dynamodb",
        "awsRegion":"eu-west-1","eventSourceARN":
        "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
        "dynamodb":{{"ApproximateCreationDateTime":{time},"SequenceNumber":"{index}",
        "Keys":{{"id":{{"N":"{index}"}}}},
        "NewImage":{{"id":{{"N":"{index}"}},"padding":{{"S":"{padding}"}}}}}}}}"#
    )
}

/// The ids of events, in their order.
pub fn event_ids(events: &[ChangeEvent]) -> Vec<String> {
    events.iter().map(|event| event.event_id().to_owned()).collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

/// Long enough for everything that is meant to succeed.
fn in_time() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}
