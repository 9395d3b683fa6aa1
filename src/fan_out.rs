//! All sinks at once, under one deadline.

use std::time::{Duration, Instant};

use changefan_events::ChangeEvent;
use changefan_sinks::{Cause, Deadline, DeliveryError, Failure, NamedSink};
use futures_util::future::join_all;

use crate::memory::Tail;

/// What became of a batch at one sink.
#[derive(Debug)]
pub struct Delivery {
    /// The sink's name.
    pub sink: String,
    /// The events that it did not take, by their index in the batch.
    pub failures: Vec<Failure>,
    /// How many events it took now.
    pub delivered: usize,
    /// How many it had taken before and was not sent again.
    pub remembered: usize,
    /// How often an event was sent again.
    pub retried: usize,
    /// The size of the records that it took, in bytes, before they were formatted.
    pub bytes: usize,
    /// How long it took, retries and waits included.
    pub elapsed: Duration,
}

impl Delivery {
    /// Why the sink did not take an event; `None` when it did.
    pub(crate) fn failure(&self, event: usize) -> Option<&Failure> {
        let found = self.failures.binary_search_by_key(&event, |failure| failure.index).ok()?;
        self.failures.get(found)
    }
}

/// Hands the events to all sinks, but not those that a sink took when the batch was here before. A slow sink does not
/// hold up the others.
pub(crate) async fn fan_out(
    sinks: &[NamedSink],
    events: &[ChangeEvent],
    tail: &Tail,
    deadline: Deadline,
) -> Vec<Delivery> {
    let lacking =
        |sink| (0..events.len()).filter(|&event| !tail.took(sink, event)).collect::<Vec<_>>();
    join_all(
        sinks
            .iter()
            .enumerate()
            .map(|(index, sink)| deliver(sink, events, lacking(index), deadline)),
    )
    .await
}

async fn deliver(
    sink: &NamedSink,
    events: &[ChangeEvent],
    lacking: Vec<usize>,
    deadline: Deadline,
) -> Delivery {
    let start = Instant::now();
    let (failures, retried) = if lacking.len() == events.len() {
        attempt(sink, events, deadline).await
    } else {
        let part: Vec<_> = lacking.iter().map(|&index| events[index].clone()).collect();
        attempt(sink, &part, deadline).await
    };
    let mut bytes: usize = lacking.iter().map(|&index| events[index].record_size()).sum();
    bytes -=
        failures.iter().map(|failure| events[lacking[failure.index]].record_size()).sum::<usize>();
    Delivery {
        sink: sink.entry.name.clone(),
        delivered: lacking.len() - failures.len(),
        remembered: events.len() - lacking.len(),
        retried,
        bytes,
        elapsed: start.elapsed(),
        failures: failures
            .into_iter()
            .map(|failure| Failure { index: lacking[failure.index], ..failure })
            .collect(),
    }
}

async fn attempt(
    sink: &NamedSink,
    events: &[ChangeEvent],
    deadline: Deadline,
) -> (Vec<Failure>, usize) {
    if events.is_empty() {
        return (Vec::new(), 0);
    }
    let failures = |error: DeliveryError| error.into_failures();
    match deadline.bound(sink.sink.deliver_counting(events, deadline)).await {
        Some((result, retried)) => (result.map_or_else(failures, |()| Vec::new()), retried),
        None => {
            // A sink that keeps its contract is back before the deadline and knows what was accepted; this one is late.
            let late = "the sink was not done before the deadline";
            (failures(DeliveryError::all(events.len(), Cause::TimedOut, late)), 0)
        }
    }
}
