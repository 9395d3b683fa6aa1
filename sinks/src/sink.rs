//! The contract between changefan and a sink.

use async_trait::async_trait;
use changefan_events::ChangeEvent;

use crate::{BoxError, Deadline, Outcome};

/// A destination of change events.
///
/// # Contract
///
/// - An event that the [`Outcome`] does not list as failed has been durably accepted by the
///   service. Nothing is buffered for a later call: Lambda freezes the process between invocations.
/// - Every event that was not accepted is listed with its [`Cause`](crate::Cause). An event whose
///   fate is unknown, for example after a timeout, is listed as failed.
/// - A service's response is read to its end: records rejected inside a 200 response are failures.
/// - Service limits are obeyed by splitting. An event that alone exceeds a limit fails as
///   [`Cause::TooLarge`](crate::Cause::TooLarge) and its neighbors are delivered.
/// - A sink does not retry: [`Retry`](crate::Retry) retries the failed events. The events of a call
///   may therefore be any subset of a batch, in its order.
/// - On Lambda Managed Instances, calls for different batches may overlap.
/// - The call returns before `deadline`; [`Deadline::timeout`] helps. Results after the deadline
///   are discarded.
/// - The call never blocks its thread. All sinks of a batch run on one thread, so a sink that
///   blocks it, for example in file I/O or in a computation, stops every other sink, and changefan
///   cannot interrupt it at the deadline. Move blocking work to [`tokio::task::spawn_blocking`] or
///   to a dedicated thread, and wait for it with [`Deadline::timeout`].
/// - The contents of events are not logged. A sink that panics fails all events of the call.
///
/// # Examples
///
/// ```
/// use changefan_sinks::{async_trait, Cause, Deadline, Outcome, Sink};
/// use changefan_events::ChangeEvent;
///
/// /// Accepts every change except deletions.
/// struct AppendOnly;
///
/// #[async_trait]
/// impl Sink for AppendOnly {
///     async fn deliver(&self, events: &[&ChangeEvent], _deadline: Deadline) -> Outcome {
///         let mut outcome = Outcome::delivered();
///         for event in events.iter().filter(|event| event.new_image().is_none()) {
///             outcome.fail(event, Cause::Invalid, "the change has no new image");
///         }
///         outcome
///     }
/// }
/// ```
#[async_trait]
pub trait Sink: Send + Sync {
    /// Delivers events in the order given.
    async fn deliver(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome;

    /// Probes the destination without writing an event.
    ///
    /// The function also calls it during init if `CONNECT_AT_INIT` is set, for the connection that
    /// it opens.
    ///
    /// # Errors
    ///
    /// The response of the destination.
    async fn check(&self) -> Result<(), BoxError> {
        Ok(())
    }

    /// Called after the reply is decided for events that were passed to [`Sink::deliver`].
    ///
    /// `redelivered` states which of them the source sends again. A sink that keeps no state
    /// ignores it.
    fn settle(&self, _events: &[&ChangeEvent], _outcome: &Outcome, _redelivered: Redelivered) {}
}

/// Which events of a delivery the source sends again: those from an index on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redelivered {
    /// No event.
    Nothing,
    /// The events from this index of the delivered slice on.
    From(usize),
}

/// A boxed sink is a sink.
#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Sink for Box<dyn Sink> {
    async fn deliver(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        (**self).deliver(events, deadline).await
    }

    async fn check(&self) -> Result<(), BoxError> {
        (**self).check().await
    }

    fn settle(&self, events: &[&ChangeEvent], outcome: &Outcome, redelivered: Redelivered) {
        (**self).settle(events, outcome, redelivered);
    }
}
