//! All sinks at once, under one deadline.

use std::time::{Duration, Instant};

use changefan_events::ChangeEvent;
use changefan_sinks::{Cause, Deadline, DeliveryError, NamedSink};
use futures_util::future::join_all;

/// What became of a batch at one sink.
#[derive(Debug)]
pub struct Delivery {
    /// The sink's name.
    pub sink: String,
    /// What it did not take.
    pub result: Result<(), DeliveryError>,
    /// How long it took, retries and waits included.
    pub elapsed: Duration,
}

/// Hands all events to all sinks. A slow sink does not hold up the others.
pub(crate) async fn fan_out(sinks: &[NamedSink], events: &[ChangeEvent], deadline: Deadline) -> Vec<Delivery> {
    if events.is_empty() {
        return Vec::new();
    }
    join_all(sinks.iter().map(|sink| deliver(sink, events, deadline))).await
}

async fn deliver(sink: &NamedSink, events: &[ChangeEvent], deadline: Deadline) -> Delivery {
    let start = Instant::now();
    // A sink that keeps its contract is back before the deadline and knows what was accepted; this one is late.
    let late = || Err(DeliveryError::all(events.len(), Cause::TimedOut, "the sink was not done before the deadline"));
    let result = deadline.bound(sink.sink.deliver(events, deadline)).await.unwrap_or_else(late);
    Delivery { sink: sink.entry.name.clone(), result, elapsed: start.elapsed() }
}
