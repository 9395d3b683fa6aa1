//! The driver of services that accept several events per call.
//!
//! A [`BatchApi`] maps entries to a request and reads the response. [`BatchSink`] does the rest:
//! encoding, limits, chunks, the deadline, concurrency, order, and finding the event because of
//! which a call is refused as a whole.

mod bisect;
mod chunk;
mod entries;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use changefan_events::{ChangeEvent, Encoder};
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::task::yield_now;

pub use chunk::{Weighted, chunks};
pub use entries::Entry;

use crate::{BoxError, Cause, Class, Deadline, Ordering, Outcome, Sink};
use entries::Entries;

pub(crate) use bisect::{Call, bisect};

/// A response that did not arrive before the deadline.
pub(crate) const NO_RESPONSE: &str = "the service did not respond before the deadline";

/// A call for which the time before the deadline did not suffice.
pub(crate) const NOT_CALLED: &str = "the deadline passed before the service was called";

/// A service that accepts several events per call.
#[async_trait]
pub trait BatchApi: Send + Sync {
    /// What one call accepts.
    fn limits(&self) -> Limits;

    /// The bytes that the service counts for an entry with a body of this length.
    fn entry_size(&self, body: usize) -> usize {
        body
    }

    /// Why the service must not receive an event; `None` if it may.
    fn refusal(&self, _event: &ChangeEvent) -> Option<(Cause, BoxError)> {
        None
    }

    /// Sends one call, reads the response to its end, and adds the entries that it rejects to
    /// `outcome`. It may take the bodies of the entries.
    ///
    /// # Errors
    ///
    /// The call failed as a whole: no entry was accepted, or it is unknown which.
    async fn send(&self, entries: &mut [Entry<'_>], outcome: &mut Outcome)
    -> Result<(), CallError>;

    /// Probes the destination without writing an event.
    ///
    /// # Errors
    ///
    /// The response of the service.
    async fn check(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

/// What one call of a service accepts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Entries per call.
    pub entries: usize,
    /// Bytes per call, as [`BatchApi::entry_size`] counts them.
    pub bytes: usize,
    /// Bytes per entry body.
    pub entry_bytes: usize,
    /// Milliseconds between the first and the last event of a call, which are then sent in
    /// chronological order.
    pub span: Option<i64>,
    /// Calls in flight.
    pub concurrency: usize,
}

/// A call that failed as a whole.
#[derive(Debug)]
pub struct CallError {
    /// Why.
    pub cause: Cause,
    /// The service's error code; empty if there was no response.
    pub code: String,
    /// What the service or the SDK reported.
    pub source: Arc<dyn Error + Send + Sync>,
}

impl From<CallError> for BoxError {
    fn from(error: CallError) -> Self {
        Box::new(Shared(error.source))
    }
}

/// A shared error as an error.
#[derive(Debug)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Shared {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl CallError {
    /// A call that failed with an error code of the service, which is empty if there was no
    /// response.
    pub fn new(cause: Cause, code: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self { cause, code: code.into(), source: source.into().into() }
    }
}

/// A sink over a [`BatchApi`].
#[derive(Debug)]
pub struct BatchSink<A> {
    api: A,
    encoder: Encoder,
    ordering: Ordering,
    pack: Option<usize>,
    delimiter: &'static str,
}

impl<A: BatchApi> BatchSink<A> {
    /// A sink that sends one event per entry, in any order.
    pub fn new(api: A, encoder: Encoder) -> Self {
        Self { api, encoder, ordering: Ordering::None, pack: None, delimiter: "" }
    }

    /// Ends each line with a line feed.
    #[must_use]
    pub fn with_line_feeds(self) -> Self {
        Self { delimiter: "\n", ..self }
    }

    /// Lets events share an entry up to this many bytes.
    #[must_use]
    pub fn with_pack(self, pack: Option<usize>) -> Self {
        Self { pack, ..self }
    }

    /// Keeps this order: with [`Ordering::Total`] calls are sent one after the other, and none
    /// after a failed one.
    #[must_use]
    pub fn with_ordering(self, ordering: Ordering) -> Self {
        Self { ordering, ..self }
    }

    async fn deliver_in_order(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        let mut outcome = Outcome::delivered();
        let entries = Entries::new(self, events);
        let limits = self.api.limits();
        let mut sent = 0;
        for chunk in chunks(entries, limits.entries, limits.bytes) {
            sent += count_events(&chunk);
            let part = self.deliver_chunk(chunk, deadline).await;
            let mut failures = part.failures().iter();
            let stop = failures.rfind(|it| it.cause.class() != Class::Rejected).cloned();
            outcome.merge(part);
            if let Some(failure) = stop {
                return outcome.with_failed(&events[sent..], failure.cause, &failure.source);
            }
        }
        outcome
    }

    async fn deliver_in_parallel(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        let mut outcome = Outcome::delivered();
        let entries = Entries::new(self, events);
        let limits = self.api.limits();
        let mut remaining = chunks(entries, limits.entries, limits.bytes);
        // Completion order: a call that hangs delays no other.
        let mut calls = FuturesUnordered::new();
        let mut sent = 0;
        loop {
            while calls.len() < limits.concurrency
                && !deadline.remaining().is_zero()
                && let Some(chunk) = remaining.next()
            {
                sent += count_events(&chunk);
                calls.push(self.deliver_chunk(chunk, deadline));
                // The request is written now, so that its entries are freed before those of the
                // next call are encoded.
                if let Some(Some(part)) = calls.next().now_or_never() {
                    outcome.merge(part);
                }
                // Connections are other tasks, which send the request before the next one is
                // encoded.
                yield_now().await;
            }
            match calls.next().await {
                Some(part) => outcome.merge(part),
                None => {
                    outcome.fail_all(&events[sent..], Cause::TimedOut, NOT_CALLED);
                    return outcome;
                }
            }
        }
    }

    async fn deliver_chunk(&self, mut entries: Vec<Entry<'_>>, deadline: Deadline) -> Outcome {
        match self.send(&mut entries, deadline).await {
            Ok(outcome) => outcome,
            Err(error) if error.cause.class() == Class::Rejected => {
                let events: Vec<_> = entries.iter().flat_map(|it| it.events).copied().collect();
                drop(entries);
                bisect(self, &events, error, deadline).await
            }
            Err(error) => {
                let events: Vec<_> = entries.iter().flat_map(|it| it.events).copied().collect();
                Outcome::delivered().with_failed(&events, error.cause, &error.source)
            }
        }
    }

    async fn send(
        &self,
        entries: &mut [Entry<'_>],
        deadline: Deadline,
    ) -> Result<Outcome, CallError> {
        let mut outcome = Outcome::delivered();
        match deadline.timeout(self.api.send(entries, &mut outcome)).await {
            Some(Ok(())) => Ok(outcome),
            Some(Err(error)) => Err(error),
            None => Err(CallError::new(Cause::TimedOut, "", NO_RESPONSE)),
        }
    }
}

fn count_events(entries: &[Entry<'_>]) -> usize {
    entries.iter().map(|entry| entry.events.len()).sum()
}

#[async_trait]
impl<A: BatchApi> Call for BatchSink<A> {
    async fn call(
        &self,
        events: &[&ChangeEvent],
        deadline: Deadline,
    ) -> Result<Outcome, CallError> {
        let mut entries: Vec<_> = Entries::new(self, events).collect();
        self.send(&mut entries, deadline).await
    }
}

#[async_trait]
impl<A: BatchApi> Sink for BatchSink<A> {
    async fn deliver(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        let (mut events, mut outcome) = self.admitted(events);
        if self.api.limits().span.is_some() {
            let now = entries::now();
            events.sort_by_key(|event| entries::time_of(event, now));
        }
        outcome.merge(match self.ordering {
            Ordering::Total => self.deliver_in_order(&events, deadline).await,
            Ordering::None | Ordering::PerKey => self.deliver_in_parallel(&events, deadline).await,
        });
        outcome
    }

    async fn check(&self) -> Result<(), BoxError> {
        self.api.check().await
    }
}
