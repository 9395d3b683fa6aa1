//! Structured logs: one JSON object per line on standard error, with counts and identifiers, never
//! contents.

use std::panic::{self, PanicHookInfo};

use changefan_events::PayloadError;
use changefan_sinks::{ServiceError, describe};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::format::{JsonLine, SpanFields};
use super::lines::Lines;
use crate::{BatchOutcome, SinkOutcome};

tokio::task_local! {
    /// The id of the invocation that a task is working on.
    static REQUEST_ID: String;
}

/// Starts logging to standard error. Libraries log errors only: what they trace may hold payloads.
pub(crate) fn start(level: LevelFilter) -> Lines {
    let default = level.min(LevelFilter::ERROR);
    let targets = Targets::new()
        .with_target("changefan", level)
        // The runtime would log failed invocations a second time, without their request ids.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
        .with_default(default);
    let lines = Lines::default();
    let layer = fmt::layer().event_format(JsonLine).with_writer(lines.clone());
    let registry = tracing_subscriber::registry().with(targets).with(SpanFields).with(layer);
    // A second start, as in tests, keeps the first.
    let _ = registry.try_init();
    panic::set_hook(Box::new(log_panic));
    lines
}

/// A panic's message may hold the contents of a record, so only its location is logged.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    tracing::error!(location, "panic");
}

/// Runs an invocation whose request id every line has.
pub(crate) async fn with_request_id<F: Future>(id: String, invocation: F) -> F::Output {
    REQUEST_ID.scope(id, invocation).await
}

/// The id of the current invocation; `None` outside of Lambda.
pub(crate) fn request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// Logs why a payload is not a batch.
pub(crate) fn invalid_payload(error: &PayloadError) {
    tracing::error!(reason = describe(error), "invalid payload");
}

/// Logs what became of a batch, except for the summary, which carries the metrics.
pub(crate) fn outcome(outcome: &BatchOutcome) {
    outcome.sinks.iter().for_each(sink);
    quarantined(outcome);
    if let Some(first) = &outcome.first_unprocessed {
        let (first_number, last_number) = &outcome.sequence_numbers;
        tracing::error!(
            position = first.position,
            identifier = first.identifier.as_deref(),
            sink = first.sink.as_deref(),
            reason = first.reason,
            unprocessed = outcome.unprocessed.len(),
            batch_first_sequence_number = first_number.as_deref(),
            batch_last_sequence_number = last_number.as_deref(),
            "first unprocessed record"
        );
    }
}

fn quarantined(outcome: &BatchOutcome) {
    if let Some(first) = outcome.notes.iter().find(|note| note.quarantined) {
        tracing::warn!(
            quarantined = outcome.quarantined,
            sink = first.sink.as_deref(),
            reason = first.reason,
            event_id = first.event_id.as_deref(),
            sequence_number = first.sequence_number.as_deref(),
            "records quarantined"
        );
    }
}

fn sink(sink: &SinkOutcome) {
    let milliseconds = u64::try_from(sink.elapsed.as_millis()).unwrap_or(u64::MAX);
    let name = sink.name.as_str();
    let Some((failure, first_number, last_number)) = &sink.failure else {
        return tracing::debug!(sink = name, delivered = sink.delivered, milliseconds, "delivered");
    };
    let service = failure.source.downcast_ref::<ServiceError>();
    tracing::warn!(
        sink = name,
        destination = (!sink.destination.is_empty()).then_some(sink.destination.as_str()),
        resource = service.map(|error| error.resource.as_str()),
        aws_request_id = service.and_then(|error| error.request_id.as_deref()),
        delivered = sink.delivered,
        failed = sink.failed,
        already_delivered = sink.already_delivered,
        retried = sink.retried,
        milliseconds,
        cause = %failure.cause,
        reason = describe(failure.source.as_ref()),
        first_sequence_number = first_number.as_deref(),
        last_sequence_number = last_number.as_deref(),
        "not all events were delivered"
    );
}
