//! Why events were not delivered, and what can be done about it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Any error that can cross threads.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The events that a sink did not accept. All others were accepted.
#[derive(Debug)]
pub struct DeliveryError {
    failures: Vec<Failure>,
}

/// One event that was not accepted.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The event's index in the slice that was to be delivered.
    pub index: usize,
    /// Why.
    pub cause: Cause,
    /// What the service or the library said. Events that failed together share it.
    pub source: Arc<dyn Error + Send + Sync>,
}

/// Why an event was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The service wants less traffic.
    Throttled,
    /// The service or the way to it is broken for now.
    Unavailable,
    /// There was no answer in time. The event may have been accepted.
    TimedOut,
    /// The destination is missing, or may not be used.
    Denied,
    /// The event alone is over a limit of the service.
    TooLarge,
    /// The service does not take events of that age, old or in the future.
    OutOfTime,
    /// None of these.
    Unknown,
}

/// What can be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Delivering the same event again can succeed soon.
    Retryable,
    /// No event can be delivered until somebody mends the destination or the permissions. The event must be kept.
    Blocked,
    /// This sink will never take this event. It goes to the quarantine.
    Rejected,
}

impl Cause {
    /// What can be done about it.
    pub fn class(self) -> Class {
        match self {
            Cause::Throttled | Cause::Unavailable | Cause::TimedOut | Cause::Unknown => {
                Class::Retryable
            }
            Cause::Denied => Class::Blocked,
            Cause::TooLarge | Cause::OutOfTime => Class::Rejected,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cause::Throttled => "throttled",
            Cause::Unavailable => "unavailable",
            Cause::TimedOut => "timed out",
            Cause::Denied => "denied",
            Cause::TooLarge => "too large",
            Cause::OutOfTime => "too old or too new",
            Cause::Unknown => "unknown",
        })
    }
}

impl Failure {
    /// Why, in a sentence.
    pub fn reason(&self) -> String {
        format!("{}: {}", self.cause, describe(self.source.as_ref()))
    }
}

impl DeliveryError {
    /// These events were not accepted, in whatever order; of several failures of one event the first counts.
    pub fn new(failures: impl IntoIterator<Item = Failure>) -> Self {
        let mut failures: Vec<_> = failures.into_iter().collect();
        failures.sort_by_key(|failure| failure.index);
        failures.dedup_by_key(|failure| failure.index);
        DeliveryError { failures }
    }

    /// None of the events was accepted, all for the same reason.
    pub fn all(events: usize, cause: Cause, source: impl Into<BoxError>) -> Self {
        let mut failures = Failures::default();
        failures.add(0..events, cause, source);
        DeliveryError::new(failures.0)
    }

    /// What was not accepted, in the order of the events.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The same, to keep.
    pub fn into_failures(self) -> Vec<Failure> {
        self.failures
    }
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.failures.first() {
            Some(first) => {
                write!(
                    f,
                    "{} events were not delivered, the first one for being {}",
                    self.failures.len(),
                    first.cause
                )
            }
            None => f.write_str("no event was to be delivered"),
        }
    }
}

impl Error for DeliveryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failures.first().map(|first| first.source.as_ref() as &(dyn Error + 'static))
    }
}

/// Collects what was not accepted.
#[derive(Default)]
pub(crate) struct Failures(Vec<Failure>);

impl Failures {
    pub fn add(
        &mut self,
        indexes: impl IntoIterator<Item = usize>,
        cause: Cause,
        source: impl Into<BoxError>,
    ) {
        let source: Arc<dyn Error + Send + Sync> = source.into().into();
        self.0.extend(indexes.into_iter().map(|index| Failure {
            index,
            cause,
            source: source.clone(),
        }));
    }

    /// Takes failures whose indexes count from something else, which `index` translates.
    pub fn extend(
        &mut self,
        failures: impl IntoIterator<Item = Failure>,
        index: impl Fn(usize) -> usize,
    ) {
        self.0.extend(
            failures.into_iter().map(|failure| Failure { index: index(failure.index), ..failure }),
        );
    }

    pub fn merge(&mut self, other: Failures) {
        self.0.extend(other.0);
    }

    pub fn into_result(self) -> Result<(), DeliveryError> {
        if self.0.is_empty() { Ok(()) } else { Err(DeliveryError::new(self.0)) }
    }
}

/// An error and everything that caused it, in one line.
pub fn describe(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        // Some libraries repeat their source in their own message.
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_fails_once() {
        let failure =
            |index, cause| Failure { index, cause, source: BoxError::from("said").into() };
        let failures =
            [failure(7, Cause::Denied), failure(1, Cause::Throttled), failure(7, Cause::TooLarge)];
        let error = DeliveryError::new(failures);
        let found: Vec<_> =
            error.failures().iter().map(|failure| (failure.index, failure.cause)).collect();
        assert_eq!(found, [(1, Cause::Throttled), (7, Cause::Denied)]);
    }

    #[test]
    fn failures_come_out_in_the_order_of_the_events() {
        let mut failures = Failures::default();
        failures.add([4, 2], Cause::Throttled, "slow down");
        failures.extend(
            [Failure { index: 0, cause: Cause::TooLarge, source: BoxError::from("2 MB").into() }],
            |i| i + 3,
        );
        let error = failures.into_result().unwrap_err();
        let found: Vec<_> =
            error.failures().iter().map(|failure| (failure.index, failure.cause)).collect();
        assert_eq!(found, [(2, Cause::Throttled), (3, Cause::TooLarge), (4, Cause::Throttled)]);
        assert_eq!(error.failures()[1].reason(), "too large: 2 MB");
        assert_eq!(
            describe(&error),
            "3 events were not delivered, the first one for being throttled: slow down"
        );
    }
}
