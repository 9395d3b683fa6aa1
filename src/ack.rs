//! The reply, decided once, in the dialect of the source.

use aws_lambda_events::event::streams::KinesisEventResponse;
use changefan_events::{PayloadError, Trigger};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::pipeline::{BatchOutcome, Unprocessed};

/// How the source continues after a batch.
///
/// Stream sources continue from the lowest failed record, so the first unprocessed record decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ack {
    /// With the next batch.
    Success,
    /// From this record on.
    From {
        /// Its position in the batch.
        position: usize,
        /// The sequence number, or for Pipes the event id.
        identifier: String,
    },
    /// From the beginning of the batch: the invocation fails.
    Fail,
}

impl Ack {
    /// A partial batch response is returned only if the source reads it and knows the record:
    /// otherwise the records would be lost.
    pub(crate) fn decide(outcome: &BatchOutcome, partial_batch_response: bool) -> Self {
        let Some(first) = &outcome.first_unprocessed else { return Self::Success };
        let reads = partial_batch_response && outcome.trigger != Trigger::Direct;
        match &first.identifier {
            Some(identifier) if reads && !identifier.is_empty() => {
                Self::From { position: first.position, identifier: identifier.clone() }
            }
            _ => Self::Fail,
        }
    }

    /// Whether the source sends the record at a position again.
    pub(crate) fn repeats(&self, record: usize) -> bool {
        match self {
            Self::Success => false,
            Self::From { position, .. } => record >= *position,
            Self::Fail => true,
        }
    }
}

/// An invocation that failed, so that the source sends the batch again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvocationError {
    /// The payload is not a batch.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// Records are not processed, and the source would not read which.
    #[error(
        "{unprocessed} of {records} records are not processed; the first is {identifier} at \
         position {position}: {reason}"
    )]
    Unprocessed {
        /// The number of records that are not processed.
        unprocessed: usize,
        /// The number of records in the batch.
        records: usize,
        /// The position of the first one in the batch.
        position: usize,
        /// Its identifier.
        identifier: String,
        /// The sink, and why.
        reason: String,
    },
}

impl InvocationError {
    fn new(outcome: &BatchOutcome, first: &Unprocessed) -> Self {
        let sink = first.sink.iter().map(|sink| format!("sink {sink}: "));
        Self::Unprocessed {
            unprocessed: outcome.unprocessed.len(),
            records: outcome.records,
            position: first.position,
            identifier: first.identifier.clone().unwrap_or("without an identifier".into()),
            reason: sink.chain([first.reason.clone()]).collect(),
        }
    }
}

/// The response of a successful invocation.
///
/// Mappings and Pipes read the same member. A tumbling window also expects its state.
#[derive(Debug, Serialize)]
pub struct Reply {
    #[serde(flatten)]
    failures: KinesisEventResponse,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Box<RawValue>>,
}

/// Expresses how the source continues as a response.
///
/// # Errors
///
/// [`Ack::Fail`]: the invocation must fail.
pub fn reply(outcome: &BatchOutcome) -> Result<Reply, InvocationError> {
    let mut failures = KinesisEventResponse::default();
    match (&outcome.ack, &outcome.first_unprocessed) {
        (Ack::Fail, Some(first)) => return Err(InvocationError::new(outcome, first)),
        (Ack::From { identifier, .. }, _) => failures.add_failure(identifier),
        _ => {}
    }
    // The state was read from valid JSON.
    let state = outcome.window_state.clone();
    let state = state.and_then(|state| RawValue::from_string(state).ok());
    Ok(Reply { failures, state })
}
