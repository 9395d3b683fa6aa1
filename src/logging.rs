//! Structured logs: a JSON object a line on standard error, with counts and identifiers, never contents.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. Libraries are heard only when something is wrong: what they trace may hold payloads.
pub(crate) fn start(level: LevelFilter) {
    let targets = Targets::new().with_target("changefan", level).with_default(level.min(LevelFilter::ERROR));
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
}
