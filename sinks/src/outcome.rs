//! What became of each event at one sink.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use changefan_events::ChangeEvent;

use crate::{BoxError, Cause, Class, describe};

/// What became of the events of one delivery. An event that is not listed was delivered.
///
/// Events are identified by their [ordinal](ChangeEvent::ordinal), so an outcome stays valid
/// for any subset of a batch.
///
/// ```
/// use changefan_sinks::{Cause, Outcome, Status};
/// use changefan_events::Batch;
///
/// let record =
///     r#"{"eventID":"1","eventName":"REMOVE","eventSource":"aws:dynamodb","dynamodb":{}}"#;
/// let batch = Batch::decode(format!("[{record},{record}]").into())?;
/// let mut outcome = Outcome::delivered();
/// outcome.fail(&batch.events[1], Cause::TooLarge, "the event has 2000000 bytes");
/// assert_eq!(outcome.status(&batch.events[0]), Status::Delivered);
/// assert_eq!(outcome.failures()[0].reason(), "too large: the event has 2000000 bytes");
/// # Ok::<(), changefan_events::PayloadError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    failures: Vec<Failure>,
    already_delivered: Vec<usize>,
    skipped: Vec<usize>,
    quarantined: Vec<usize>,
    retried: usize,
}

/// One event that was not accepted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The event's index in its batch.
    pub ordinal: usize,
    /// Why.
    pub cause: Cause,
    /// What the service or the library reported. Events that failed together share it.
    pub source: Arc<dyn Error + Send + Sync>,
}

/// What became of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// The sink accepted it now.
    Delivered,
    /// The sink accepted it when the batch was delivered before.
    AlreadyDelivered,
    /// A filter excluded it.
    Skipped,
    /// The sink rejected it, and the record is kept in the quarantine.
    Quarantined,
    /// The sink did not accept it.
    Failed,
}

impl Outcome {
    /// Every event was delivered.
    pub fn delivered() -> Self {
        Self::default()
    }

    /// No event was accepted, all for the same reason.
    pub fn failed(events: &[&ChangeEvent], cause: Cause, source: impl Into<BoxError>) -> Self {
        let mut outcome = Self::default();
        outcome.fail_all(events, cause, source);
        outcome
    }

    /// Records that an event was not accepted. Of several failures of one event, the first is kept.
    pub fn fail(&mut self, event: &ChangeEvent, cause: Cause, source: impl Into<BoxError>) {
        self.add(event.ordinal(), cause, Arc::from(source.into()));
    }

    /// Records that several events were not accepted, all for the same reason.
    pub fn fail_all(&mut self, events: &[&ChangeEvent], cause: Cause, source: impl Into<BoxError>) {
        let source: Arc<dyn Error + Send + Sync> = source.into().into();
        for event in events {
            self.add(event.ordinal(), cause, Arc::clone(&source));
        }
    }

    /// The same with failures that share a source.
    pub(crate) fn with_failed(
        mut self,
        events: &[&ChangeEvent],
        cause: Cause,
        source: &Arc<dyn Error + Send + Sync>,
    ) -> Self {
        for event in events {
            self.add(event.ordinal(), cause, Arc::clone(source));
        }
        self
    }

    /// Records that a filter excluded an event.
    pub fn skip(&mut self, event: &ChangeEvent) {
        insert(&mut self.skipped, event.ordinal());
    }

    /// What became of an event.
    pub fn status(&self, event: &ChangeEvent) -> Status {
        let ordinal = event.ordinal();
        if self.failure(event).is_some() {
            Status::Failed
        } else if self.already_delivered.binary_search(&ordinal).is_ok() {
            Status::AlreadyDelivered
        } else if self.skipped.binary_search(&ordinal).is_ok() {
            Status::Skipped
        } else if self.quarantined.binary_search(&ordinal).is_ok() {
            Status::Quarantined
        } else {
            Status::Delivered
        }
    }

    /// Why an event was not accepted; `None` if it was.
    pub fn failure(&self, event: &ChangeEvent) -> Option<&Failure> {
        let index = self.failures.binary_search_by_key(&event.ordinal(), |it| it.ordinal).ok()?;
        Some(&self.failures[index])
    }

    /// The events that were not accepted, by their ordinal.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// How many events the sink had accepted before.
    pub fn already_delivered(&self) -> usize {
        self.already_delivered.len()
    }

    /// How many events a filter excluded.
    pub fn skipped(&self) -> usize {
        self.skipped.len()
    }

    /// How many rejected events are kept in the quarantine.
    pub fn quarantined(&self) -> usize {
        self.quarantined.len()
    }

    /// Records that the rejected events are kept in the quarantine: they no longer count as
    /// failures.
    pub fn settle_rejected(&mut self) {
        let rejected = self.take_failures(|failure| failure.cause.class() == Class::Rejected);
        rejected.iter().for_each(|failure| insert(&mut self.quarantined, failure.ordinal));
    }

    /// The total number of redeliveries of events within the invocation.
    pub fn retried(&self) -> usize {
        self.retried
    }

    /// Whether every event was accepted or excluded by a filter.
    pub fn is_success(&self) -> bool {
        self.failures.is_empty()
    }

    pub(crate) fn already(&mut self, event: &ChangeEvent) {
        insert(&mut self.already_delivered, event.ordinal());
    }

    pub(crate) fn count_retries(&mut self, events: usize) {
        self.retried += events;
    }

    /// Takes the failures that `again` selects out of this outcome.
    pub(crate) fn take_failures(&mut self, again: impl Fn(&Failure) -> bool) -> Vec<Failure> {
        let (taken, kept) = std::mem::take(&mut self.failures).into_iter().partition(again);
        self.failures = kept;
        taken
    }

    /// Adds the outcome of other events, or of a part of a delivery.
    pub(crate) fn merge(&mut self, other: Self) {
        for failure in other.failures {
            self.add(failure.ordinal, failure.cause, failure.source);
        }
        other.already_delivered.into_iter().for_each(|it| insert(&mut self.already_delivered, it));
        other.skipped.into_iter().for_each(|it| insert(&mut self.skipped, it));
        other.quarantined.into_iter().for_each(|it| insert(&mut self.quarantined, it));
        self.retried += other.retried;
    }

    fn add(&mut self, ordinal: usize, cause: Cause, source: Arc<dyn Error + Send + Sync>) {
        let failure = Failure { ordinal, cause, source };
        match self.failures.last() {
            Some(last) if last.ordinal >= ordinal => {
                let found = self.failures.binary_search_by_key(&ordinal, |it| it.ordinal);
                if let Err(index) = found {
                    self.failures.insert(index, failure);
                }
            }
            _ => self.failures.push(failure),
        }
    }
}

/// Inserts into a sorted list. Events mostly come in order.
fn insert(ordinals: &mut Vec<usize>, ordinal: usize) {
    match ordinals.last() {
        Some(last) if *last >= ordinal => {
            if let Err(index) = ordinals.binary_search(&ordinal) {
                ordinals.insert(index, ordinal);
            }
        }
        _ => ordinals.push(ordinal),
    }
}

impl Failure {
    /// Cause and source in one line.
    pub fn reason(&self) -> String {
        format!("{}: {}", self.cause, describe(self.source.as_ref()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::removals;

    #[test]
    fn event_fails_once_with_its_first_cause() {
        let events = removals(8);
        let mut outcome = Outcome::delivered();
        outcome.fail(&events[7], Cause::Denied, "first");
        outcome.fail(&events[1], Cause::Throttled, "other");
        outcome.fail(&events[7], Cause::TooLarge, "second");
        let found: Vec<_> = outcome.failures().iter().map(|it| (it.ordinal, it.cause)).collect();
        assert_eq!(found, [(1, Cause::Throttled), (7, Cause::Denied)]);
        assert_eq!(outcome.failures()[1].reason(), "denied: first");
    }

    #[test]
    fn merged_outcomes_keep_every_status() {
        let events = removals(5);
        let mut outcome = Outcome::failed(&[&events[3]], Cause::TimedOut, "late");
        let mut other = Outcome::failed(&[&events[0]], Cause::TimedOut, "late");
        other.already(&events[2]);
        other.skip(&events[1]);
        other.count_retries(4);
        outcome.merge(other);
        let statuses: Vec<_> = events.iter().map(|event| outcome.status(event)).collect();
        use Status::*;
        assert_eq!(statuses, [Failed, Skipped, AlreadyDelivered, Failed, Delivered]);
        assert_eq!((outcome.retried(), outcome.is_success()), (4, false));
    }

    #[test]
    fn taken_failures_leave_the_others() {
        let events = removals(3);
        let all: Vec<_> = events.iter().collect();
        let mut outcome = Outcome::failed(&all, Cause::Throttled, "slow down");
        let taken = outcome.take_failures(|failure| failure.ordinal != 1);
        assert_eq!(taken.iter().map(|it| it.ordinal).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(outcome.failures().len(), 1);
    }
}
