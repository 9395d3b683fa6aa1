//! Finds the event because of which a service refuses a call as a whole.
//!
//! A service may refuse a call for the content of one event. Failing all of its events would block
//! or reject the neighbors, so the call is bisected: parts that are accepted are delivered, and an
//! event that is refused alone is rejected. If every event is refused alone with the same code, the
//! destination is at fault, not the events.

use async_trait::async_trait;
use changefan_events::ChangeEvent;

use super::CallError;
use crate::{Cause, Class, Deadline, Outcome};

/// Calls beyond log₂ of the number of events: for further refused events, and for what remains.
const EXTRA_CALLS: u32 = 8;

/// What is known while a refused call is bisected.
struct Search<'a> {
    events: &'a [&'a ChangeEvent],
    outcome: Outcome,
    /// Events before this index are settled.
    settled: usize,
    /// Calls that may still be made.
    calls: u32,
    /// Whether the service accepted an event.
    accepted: bool,
    /// The code of every refusal; `None` if they differ.
    code: Option<String>,
    refusal: CallError,
}

/// Why a search ends early.
enum End {
    /// No call is left.
    Exhausted,
    /// A call failed for another reason than its content.
    Failed(CallError),
}

/// Sends events as one call.
#[async_trait]
pub(crate) trait Call: Sync {
    /// # Errors
    ///
    /// The call failed as a whole.
    async fn call(&self, events: &[&ChangeEvent], deadline: Deadline)
    -> Result<Outcome, CallError>;
}

/// Delivers the events of a call that was refused as a whole, except those because of which it was
/// refused.
pub(crate) async fn bisect(
    service: &impl Call,
    events: &[&ChangeEvent],
    refusal: CallError,
    deadline: Deadline,
) -> Outcome {
    if let [event] = events {
        return Outcome::delivered().with_failed(&[event], refusal.cause, &refusal.source);
    }
    let mut search = Search::new(events, refusal);
    let end = loop {
        match search.reject_first(service, deadline).await {
            Ok(()) if search.settled == events.len() => break None,
            Ok(()) => {}
            Err(end) => break Some(end),
        }
    };
    search.finish(end)
}

impl<'a> Search<'a> {
    fn new(events: &'a [&'a ChangeEvent], refusal: CallError) -> Self {
        let calls = events.len().next_power_of_two().ilog2() + EXTRA_CALLS;
        let code = Some(refusal.code.clone());
        let outcome = Outcome::delivered();
        Self { events, outcome, settled: 0, calls, accepted: false, code, refusal }
    }

    /// Finds the first event of the unsettled ones that is refused alone. They are known to be
    /// refused together.
    async fn reject_first(&mut self, service: &impl Call, deadline: Deadline) -> Result<(), End> {
        let mut end = self.events.len();
        // Whether the events up to `end` were refused by themselves, not only together with
        // accepted ones.
        let mut refused = true;
        while end - self.settled > 1 {
            let middle = self.settled + (end - self.settled) / 2;
            if self.probe(service, middle, deadline).await? {
                (self.settled, refused) = (middle, false);
            } else {
                (end, refused) = (middle, true);
            }
        }
        let alone = self.settled + 1;
        if refused || !self.probe(service, alone, deadline).await? {
            self.reject(self.settled);
        }
        self.settled = alone;
        // What follows may be accepted as a whole.
        let all = self.events.len();
        if alone < all && self.probe(service, all, deadline).await? {
            self.settled = all;
        }
        Ok(())
    }

    /// Sends the events from the settled ones up to `end`. False if they are refused as a whole.
    async fn probe(
        &mut self,
        service: &impl Call,
        end: usize,
        deadline: Deadline,
    ) -> Result<bool, End> {
        self.calls = self.calls.checked_sub(1).ok_or(End::Exhausted)?;
        let part = &self.events[self.settled..end];
        match service.call(part, deadline).await {
            Ok(outcome) => {
                self.accepted |= outcome.failures().len() < part.len();
                self.outcome.merge(outcome);
                Ok(true)
            }
            Err(error) if error.cause.class() == Class::Rejected => {
                self.code.take_if(|code| *code != error.code);
                self.refusal = error;
                Ok(false)
            }
            Err(error) => Err(End::Failed(error)),
        }
    }

    fn reject(&mut self, index: usize) {
        let event = &self.events[index..=index];
        let outcome = std::mem::take(&mut self.outcome);
        self.outcome = outcome.with_failed(event, self.refusal.cause, &self.refusal.source);
    }

    fn finish(self, end: Option<End>) -> Outcome {
        let unsettled = &self.events[self.settled..];
        match end {
            Some(End::Failed(error)) => {
                self.outcome.with_failed(unsettled, error.cause, &error.source)
            }
            // Nothing was accepted and every refusal is the same: the destination is at fault.
            _ if !self.accepted && self.code.is_some() => {
                Outcome::delivered().with_failed(self.events, Cause::Denied, &self.refusal.source)
            }
            Some(End::Exhausted) => {
                self.outcome.with_failed(unsettled, Cause::Unknown, &self.refusal.source)
            }
            None => self.outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;
    use crate::fixtures::{refs, removals};

    /// Refuses calls that hold certain events, and records what it accepted.
    struct Picky {
        refused: Vec<usize>,
        accepted: Mutex<Vec<usize>>,
        calls: Mutex<u32>,
    }

    #[async_trait]
    impl Call for Picky {
        async fn call(&self, events: &[&ChangeEvent], _: Deadline) -> Result<Outcome, CallError> {
            *self.calls.lock().unwrap() += 1;
            if events.iter().any(|event| self.refused.contains(&event.ordinal())) {
                return Err(refusal());
            }
            self.accepted.lock().unwrap().extend(events.iter().map(|event| event.ordinal()));
            Ok(Outcome::delivered())
        }
    }

    fn refusal() -> CallError {
        CallError::new(Cause::Invalid, "InvalidParameterException", "refused")
    }

    /// Bisects `count` events of which the service refuses some: failures, accepted events, calls.
    async fn trial(count: usize, refused: &[usize]) -> (Vec<(usize, Cause)>, Vec<usize>, u32) {
        let events = removals(count);
        let service = Picky {
            refused: refused.to_vec(),
            accepted: Mutex::default(),
            calls: Mutex::default(),
        };
        let deadline = Deadline::after(Duration::from_secs(60));
        let outcome = bisect(&service, &refs(&events), refusal(), deadline).await;
        let failures = outcome.failures().iter().map(|it| (it.ordinal, it.cause)).collect();
        let (accepted, calls) = (service.accepted.lock().unwrap(), service.calls.lock().unwrap());
        (failures, accepted.clone(), *calls)
    }

    #[tokio::test]
    async fn refused_event_is_isolated_and_others_keep_their_order() {
        for count in [2, 3, 7, 64, 500] {
            for bad in [0, 1, count / 2, count - 1] {
                let (failures, accepted, calls) = trial(count, &[bad]).await;
                assert_eq!(failures, [(bad, Cause::Invalid)], "{count} {bad}");
                let expected: Vec<_> = (0..count).filter(|&it| it != bad).collect();
                assert_eq!(accepted, expected, "{count} {bad}");
                assert!(calls <= count.next_power_of_two().ilog2() + 2, "{count} {bad} {calls}");
            }
        }
    }

    #[tokio::test]
    async fn every_event_refused_alone_needs_an_operator() {
        for count in [2, 5, 300] {
            let (failures, accepted, calls) = trial(count, &(0..count).collect::<Vec<_>>()).await;
            assert_eq!(failures, (0..count).map(|it| (it, Cause::Denied)).collect::<Vec<_>>());
            assert_eq!(accepted, [0; 0]);
            assert!(calls <= count.next_power_of_two().ilog2() + EXTRA_CALLS, "{count} {calls}");
        }
    }

    #[tokio::test]
    async fn single_event_is_rejected() {
        assert_eq!(trial(1, &[0]).await, (vec![(0, Cause::Invalid)], vec![], 0));
    }

    #[tokio::test]
    async fn exhausted_calls_leave_the_rest_retryable() {
        let bad: Vec<_> = (0..500).step_by(7).skip(1).collect();
        let (failures, accepted, calls) = trial(500, &bad).await;
        assert_eq!(calls, 9 + EXTRA_CALLS);
        assert!(failures.iter().any(|(_, cause)| *cause == Cause::Invalid));
        assert!(failures.iter().any(|(_, cause)| *cause == Cause::Unknown));
        assert_eq!(failures.len() + accepted.len(), 500);
    }
}
