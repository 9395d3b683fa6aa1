//! Retries the failed events of a delivery.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use changefan_events::ChangeEvent;

use crate::{BoxError, Class, Deadline, Ordering, Outcome, Redelivered, Sink};

/// The upper bound of the first wait. It doubles with each attempt.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The upper bound of any wait.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// No attempt begins with less time than this.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(5);

/// Delivers the events that failed with a retryable cause again, and only those, until the
/// deadline.
///
/// Waits are drawn evenly between zero and a bound that doubles, so that functions that were
/// throttled together do not retry together. The retries of the AWS SDKs are disabled: the two
/// would multiply.
///
/// The order that the sink declares is kept: an event is not retried while an event that precedes
/// it in that order needs an operator.
#[derive(Debug)]
pub struct Retry<S> {
    sink: S,
    ordering: Ordering,
}

impl<S: Sink> Retry<S> {
    /// Wraps a sink of a declared ordering.
    pub fn new(sink: S, ordering: Ordering) -> Self {
        Self { sink, ordering }
    }

    /// The events to deliver again.
    fn pending<'a>(&self, events: &[&'a ChangeEvent], outcome: &Outcome) -> Vec<&'a ChangeEvent> {
        let mut blocked = Blocked::new(self.ordering);
        let retryable = |event: &&'a ChangeEvent| {
            let Some(failure) = outcome.failure(event) else { return false };
            if failure.cause.class() == Class::NeedsOperator {
                blocked.add(event);
            }
            failure.cause.class() == Class::Retryable && !blocked.contains(event)
        };
        events.iter().copied().filter(retryable).collect()
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<S: Sink> Sink for Retry<S> {
    async fn deliver(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        let mut outcome = self.sink.deliver(events, deadline).await;
        for attempt in 0.. {
            let pending = self.pending(events, &outcome);
            let remaining = deadline.remaining();
            if pending.is_empty() || remaining < SHORTEST_ATTEMPT {
                break;
            }
            // A wait longer than the remaining time would leave none for the attempt.
            tokio::time::sleep(wait(attempt).min(remaining / 2)).await;
            let ordinals: HashSet<_> = pending.iter().map(|event| event.ordinal()).collect();
            outcome.take_failures(|failure| ordinals.contains(&failure.ordinal));
            outcome.count_retries(pending.len());
            outcome.merge(self.sink.deliver(&pending, deadline).await);
        }
        outcome
    }

    async fn check(&self) -> Result<(), BoxError> {
        self.sink.check().await
    }

    fn settle(&self, events: &[&ChangeEvent], outcome: &Outcome, redelivered: Redelivered) {
        self.sink.settle(events, outcome, redelivered);
    }
}

/// What must not be delivered because an event that precedes it needs an operator.
enum Blocked<'a> {
    Never,
    Keys(HashSet<Key<'a>>),
    Everything(bool),
}

type Key<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>);

impl<'a> Blocked<'a> {
    fn new(ordering: Ordering) -> Self {
        match ordering {
            Ordering::None => Self::Never,
            Ordering::PerKey => Self::Keys(HashSet::new()),
            Ordering::Total => Self::Everything(false),
        }
    }

    fn add(&mut self, event: &'a ChangeEvent) {
        match self {
            Self::Never => {}
            Self::Keys(keys) => drop(keys.insert(key(event))),
            Self::Everything(blocked) => *blocked = true,
        }
    }

    fn contains(&self, event: &ChangeEvent) -> bool {
        match self {
            Self::Never => false,
            Self::Keys(keys) => keys.contains(&key(event)),
            Self::Everything(blocked) => *blocked,
        }
    }
}

/// Identifies an item.
fn key(event: &ChangeEvent) -> Key<'_> {
    (event.account(), event.region(), event.table(), event.keys())
}

/// The wait before a retry, from attempt 0 on. Full jitter: a random wait between zero and a bound
/// that doubles.
pub fn wait(attempt: u32) -> Duration {
    let factor = 1_u32.checked_shl(attempt).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT).mul_f64(fastrand::f64())
}
