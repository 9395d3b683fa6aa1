//! Retries, around any sink.

use std::time::Duration;

use async_trait::async_trait;
use changefan_events::ChangeEvent;

use crate::error::Failures;
use crate::{BoxError, Class, Deadline, DeliveryError, Sink};

/// The longest wait before the first retry. It doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The longest wait before any retry.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Delivers again what failed and can succeed, and only that, until the deadline.
///
/// Waits are drawn evenly between zero and a bound that doubles, so that functions that were throttled together do not
/// come back together. The AWS SDKs' own retries are switched off: the two would multiply.
pub struct Retry<S> {
    sink: S,
}

impl<S: Sink> Retry<S> {
    /// Wraps a sink.
    pub fn new(sink: S) -> Self {
        Retry { sink }
    }

    /// Delivers events and also tells how often one of them was sent again.
    pub async fn deliver_counting(
        &self,
        events: &[ChangeEvent],
        deadline: Deadline,
    ) -> (Result<(), DeliveryError>, usize) {
        let Err(mut error) = self.sink.deliver(events, deadline).await else { return (Ok(()), 0) };
        let mut lost = Failures::default();
        let mut retried = 0;
        // The indexes, in `events`, of what is tried: everything at first.
        let mut tried: Vec<usize> = (0..events.len()).collect();
        for attempt in 0.. {
            let (again, never): (Vec<_>, Vec<_>) = error
                .into_failures()
                .into_iter()
                .partition(|failure| failure.cause.class() == Class::Retryable);
            lost.extend(never, |index| tried[index]);
            let wait = wait(attempt);
            if again.is_empty() || wait >= deadline.remaining() {
                lost.extend(again, |index| tried[index]);
                break;
            }
            tokio::time::sleep(wait).await;
            retried += again.len();
            tried = again.iter().map(|failure| tried[failure.index]).collect();
            let failed: Vec<_> = tried.iter().map(|&index| events[index].clone()).collect();
            match self.sink.deliver(&failed, deadline).await {
                Ok(()) => break,
                Err(next) => error = next,
            }
        }
        (lost.into_result(), retried)
    }
}

#[async_trait]
impl<S: Sink> Sink for Retry<S> {
    async fn deliver(
        &self,
        events: &[ChangeEvent],
        deadline: Deadline,
    ) -> Result<(), DeliveryError> {
        self.deliver_counting(events, deadline).await.0
    }

    async fn check(&self) -> Result<(), BoxError> {
        self.sink.check().await
    }
}

/// Full jitter: anything between zero and the bound for this attempt.
pub(crate) fn wait(attempt: u32) -> Duration {
    let bound =
        FIRST_WAIT.saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX)).min(LONGEST_WAIT);
    bound.mul_f64(fastrand::f64())
}

#[async_trait]
impl Sink for Box<dyn Sink> {
    async fn deliver(
        &self,
        events: &[ChangeEvent],
        deadline: Deadline,
    ) -> Result<(), DeliveryError> {
        (**self).deliver(events, deadline).await
    }

    async fn check(&self) -> Result<(), BoxError> {
        (**self).check().await
    }
}
