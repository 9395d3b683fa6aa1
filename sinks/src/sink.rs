//! The contract between changefan and a sink.

use async_trait::async_trait;
use changefan_events::ChangeEvent;

use crate::{BoxError, Deadline, DeliveryError};

/// A destination of change events.
///
/// # Contract
///
/// - `Ok` means that the service has durably accepted every event. Nothing is buffered for a later call: Lambda freezes
///   the process between invocations.
/// - `Err` lists the index of every event that was not accepted, each once, each with its [`Cause`](crate::Cause).
///   Events that are not listed have been accepted. An event whose fate is unknown, say after a time-out, is listed.
/// - What a service reports inside a successful answer counts as it says, not as the status does.
/// - Limits of the service are obeyed by splitting. An event that alone is over a limit is listed as
///   [`Cause::TooLarge`](crate::Cause::TooLarge) and its neighbours are delivered.
/// - A sink does not retry: [`Retry`](crate::Retry) does, with the failed events only. The events of a call may
///   therefore be any subset of a batch, in its order.
/// - Calls may be under way at once: for several batches, on Lambda Managed Instances.
/// - The call returns before `deadline`; [`Deadline::bound`] helps. After it, nobody listens.
/// - The contents of events are not logged.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Delivers events in the order given.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] lists what was not accepted.
    async fn deliver(
        &self,
        events: &[ChangeEvent],
        deadline: Deadline,
    ) -> Result<(), DeliveryError>;

    /// Asks, without writing an event, whether the destination is there and may be used.
    ///
    /// The function also asks at start when `CONNECT_AT_INIT` says so, for the connection that this leaves open.
    ///
    /// # Errors
    ///
    /// What the destination answered.
    async fn check(&self) -> Result<(), BoxError> {
        Ok(())
    }
}
