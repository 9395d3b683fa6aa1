//! The answer, in the caller's own dialect.

use aws_lambda_events::event::streams::KinesisEventResponse;
use changefan_events::PayloadError;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{Report, Unhandled};

/// An invocation that failed, so that its caller sends the batch again.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// The payload is no batch.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// Records are not handled, and the caller would not read which.
    #[error(
        "{unhandled} of {records} records are not handled; the first one is {identifier} at position {position}: \
         {reason}"
    )]
    Unhandled {
        /// How many records are not handled.
        unhandled: usize,
        /// How many records were handed over.
        records: usize,
        /// The first one's place in the batch.
        position: usize,
        /// What the caller calls it.
        identifier: String,
        /// Why, and which sink.
        reason: String,
    },
}

impl InvocationError {
    fn unhandled(report: &Report, position: usize, Unhandled { sink, reason }: &Unhandled) -> Self {
        InvocationError::Unhandled {
            unhandled: report.unhandled.len(),
            records: report.batch.record_count(),
            position,
            identifier: report
                .batch
                .identifier(position)
                .unwrap_or("without an identifier")
                .to_owned(),
            reason: sink
                .iter()
                .map(|sink| format!("sink {sink}: "))
                .chain([reason.to_string()])
                .collect(),
        }
    }
}

/// What a successful invocation answers.
///
/// Mappings and Pipes read the same member. A tumbling window also wants its state back.
#[derive(Debug, Serialize)]
pub struct Reply {
    #[serde(flatten)]
    failures: KinesisEventResponse,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Box<RawValue>>,
}

/// Answers a mapping with the sequence number, or Pipes with the event id, of the first record that is not handled: the
/// caller goes on from there.
///
/// # Errors
///
/// When records are not handled and the caller does not read partial batch responses, or would not know the record,
/// the invocation must fail: a success would lose them.
pub fn reply(report: &Report, partial_batch_response: bool) -> Result<Reply, InvocationError> {
    let mut failures = KinesisEventResponse::default();
    if let Some((position, unhandled)) = report.first_unhandled() {
        match report.checkpoint(partial_batch_response) {
            Some(identifier) => failures.add_failure(identifier),
            None => return Err(InvocationError::unhandled(report, position, unhandled)),
        }
    }
    let state = report.batch.window_state.as_ref();
    // The state was read from valid JSON.
    let state = state.and_then(|state| RawValue::from_string(state.to_string()).ok());
    Ok(Reply { failures, state })
}
