//! The path of a batch: decode, deliver to all sinks, quarantine what they reject, decide the
//! reply.

mod allowed;
mod batch_outcome;
mod kept;
#[cfg(feature = "cli")]
mod redeliver;
mod rejected;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use bytes::Bytes;
use changefan_events::{Batch, ChangeEvent, PayloadError};
use changefan_sinks::{Cause, Deadline, NamedSink, Outcome, Redelivered, describe};
use futures_util::FutureExt;
use futures_util::future::join_all;

pub use allowed::{AllowedSources, InvalidSource};
pub use batch_outcome::{BatchOutcome, Note, SinkOutcome, Unprocessed};
#[cfg(feature = "cli")]
pub(crate) use redeliver::Redelivery;

use crate::ack::Ack;
use crate::{Config, observe};
use kept::{Kept, Seen};
use rejected::Rejected;

/// Time reserved for the quarantine, at most a quarter of what remains.
const QUARANTINE_TIME: Duration = Duration::from_secs(3);

/// Time that a sink has after its deadline to report what was accepted, at most a tenth of what
/// remains.
const REPORT_TIME: Duration = Duration::from_millis(250);

/// Processes batches, one after the other or several at a time.
///
/// ```
/// use std::time::Duration;
/// use changefan::{Config, Deadline, Handler, Registry};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let variables = [("SINKS".to_owned(), "stdout".to_owned())].into();
/// let handler = Handler::new(Config::new(&variables, &Registry::default())?);
/// let outcome = handler.handle("[]", Deadline::after(Duration::from_secs(10))).await?;
/// assert_eq!(outcome.records, 0);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Handler {
    config: Config,
    kept: Kept,
}

impl Handler {
    /// A handler for the sinks of a configuration.
    pub fn new(config: Config) -> Self {
        Self { config, kept: Kept::default() }
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Takes the payload of an invocation through all sinks, in pieces of at most
    /// [`Batch::MAX_EVENTS`] events. It returns by the deadline.
    ///
    /// # Errors
    ///
    /// The payload is not a batch. Everything else that fails is part of the outcome.
    pub async fn handle(
        &self,
        payload: impl Into<Bytes>,
        deadline: Deadline,
    ) -> Result<BatchOutcome, PayloadError> {
        let mut piece = Batch::decode(payload.into())?;
        let mut outcome = BatchOutcome::new(&piece, &self.config.sinks);
        let mut seen = Seen::default();
        loop {
            self.process(&piece, &mut outcome, &mut seen, deadline).await;
            let Some(next) = piece.next_piece() else { break };
            piece = next;
            if deadline.remaining().is_zero() {
                outcome.add_not_begun(&piece);
                break;
            }
        }
        outcome.ack = Ack::decide(&outcome, self.config.partial_batch_response);
        self.kept.settle(seen, &outcome.ack);
        observe::log::outcome(&outcome);
        Ok(outcome)
    }

    async fn process(
        &self,
        piece: &Batch,
        outcome: &mut BatchOutcome,
        seen: &mut Seen,
        deadline: Deadline,
    ) {
        let (events, excluded) = self.config.allowed_sources.partition(&piece.events);
        let reserved = match self.config.quarantine {
            Some(_) => QUARANTINE_TIME.min(deadline.remaining() / 4),
            None => Duration::ZERO,
        };
        let sinks = &self.config.sinks;
        let deliveries = sinks.iter().map(|sink| deliver(sink, &events, deadline.minus(reserved)));
        let mut deliveries: Vec<Delivery> = join_all(deliveries).await;
        let mut rejected = Rejected::collect(piece, &excluded, sinks, &deliveries);
        self.kept.omit_known(&mut rejected);
        let kept = self.keep(&rejected, deadline).await;
        let is_kept = kept.is_ok();
        if is_kept {
            deliveries.iter_mut().for_each(|it| it.outcome.settle_rejected());
        }
        outcome.add(piece, &events, sinks, &deliveries);
        match kept {
            Ok(()) => outcome.add_kept(&rejected),
            Err(reason) => outcome.add_not_kept(piece, &rejected, &reason),
        }
        self.kept.see(piece, &rejected, is_kept, seen);
        let ack = Ack::decide(outcome, self.config.partial_batch_response);
        let redelivered = ack.redelivered(&events);
        for (sink, delivery) in sinks.iter().zip(&deliveries) {
            sink.sink.settle(&events, &delivery.outcome, redelivered);
        }
    }

    /// Writes rejected records to the quarantine.
    async fn keep(&self, rejected: &Rejected, deadline: Deadline) -> Result<(), String> {
        if rejected.new.is_empty() {
            return Ok(());
        }
        match &self.config.quarantine {
            Some(quarantine) => {
                let request_id = observe::log::request_id();
                let kept = quarantine.keep(&rejected.new, request_id.as_deref(), deadline).await;
                kept.map_err(|error| format!("the quarantine failed: {}", describe(&*error)))
            }
            None => Err("set QUARANTINE to keep such records and continue".into()),
        }
    }
}

/// What became of a piece at one sink.
struct Delivery {
    outcome: Outcome,
    elapsed: Duration,
}

/// Delivers to one sink, which cannot outlive the deadline.
async fn deliver(sink: &NamedSink, events: &[&ChangeEvent], deadline: Deadline) -> Delivery {
    let start = Instant::now();
    let reserved = REPORT_TIME.min(deadline.remaining() / 10);
    let outcome = match events {
        [] => Outcome::delivered(),
        events => match deadline.timeout(caught(sink, events, deadline.minus(reserved))).await {
            Some(outcome) => outcome,
            // A sink that keeps its contract has returned, and reported what was accepted.
            None => {
                let late = "the sink did not return before the deadline";
                Outcome::failed(events, Cause::TimedOut, late)
            }
        },
    };
    Delivery { outcome, elapsed: start.elapsed() }
}

/// Delivers to a sink that may panic, which leaves the other sinks of the batch untouched.
async fn caught(sink: &NamedSink, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
    let delivery = AssertUnwindSafe(sink.sink.deliver(events, deadline)).catch_unwind();
    // What the panic says may hold the contents of a record.
    delivery.await.unwrap_or_else(|_| {
        Outcome::failed(events, Cause::Unknown, "the sink panicked; the log has the location")
    })
}

impl Ack {
    /// Which of a piece's events the source sends again.
    fn redelivered(&self, events: &[&ChangeEvent]) -> Redelivered {
        let from = |index| {
            if index < events.len() { Redelivered::From(index) } else { Redelivered::Nothing }
        };
        match self {
            Self::Success => Redelivered::Nothing,
            Self::From { position, .. } => {
                from(events.partition_point(|event| event.position() < *position))
            }
            Self::Fail => from(0),
        }
    }
}
