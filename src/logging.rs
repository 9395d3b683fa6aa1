//! Structured logs: a JSON object a line on standard error, with counts and identifiers, never contents.

use changefan_sinks::{Rejected, describe};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::{Delivery, Report, Unhandled};

/// Starts logging. Libraries are heard only when something is wrong: what they trace may hold payloads.
pub(crate) fn start(level: LevelFilter) {
    let targets =
        Targets::new().with_target("changefan", level).with_default(level.min(LevelFilter::ERROR));
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
}

/// Logs what became of a batch.
pub(crate) fn report(report: &Report) {
    for delivery in &report.deliveries {
        report_delivery(delivery);
    }
    for Rejected { sink, reason, event_id, sequence_number, .. } in &report.quarantined {
        tracing::warn!(sink, reason, event_id, sequence_number, "record quarantined");
    }
    if let Some((position, Unhandled { sink, reason })) = report.first_unhandled() {
        let identifier = report.batch.identifier(position);
        let (sink, reason) = (sink.as_deref(), &**reason);
        tracing::error!(position, identifier, sink, reason, "first unhandled record");
    }
    tracing::info!(
        records = report.batch.record_count(),
        events = report.batch.events.len(),
        undecodable = report.batch.undecodable.len(),
        quarantined = report.quarantined.len(),
        unhandled = report.unhandled.len(),
        "batch processed"
    );
}

fn report_delivery(delivery: &Delivery) {
    let Delivery { sink, failures, delivered, remembered, retried, .. } = delivery;
    let milliseconds = delivery.elapsed.as_millis() as u64;
    match failures.first() {
        None => tracing::debug!(sink, delivered, remembered, retried, milliseconds, "delivered"),
        Some(first) => {
            let (failed, cause, reason) =
                (failures.len(), first.cause, describe(first.source.as_ref()));
            tracing::warn!(sink, delivered, failed, remembered, retried, milliseconds, %cause, reason, "not all delivered");
        }
    }
}
