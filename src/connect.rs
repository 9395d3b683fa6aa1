//! Connections that are opened before the first batch arrives.
//!
//! Lambda gives every function a whole core during init, and a small one a fraction of it
//! afterwards: opening a TLS connection, some six million instructions per sink, is then many times
//! slower.

use std::time::Duration;

use changefan_sinks::{Deadline, NamedSink, describe};
use futures_util::future::join_all;

/// The time limit. Services respond in hundredths of it, and a missing connection is opened on
/// first use.
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// Probes all destinations concurrently, for the connections that this opens. The responses do not
/// matter: the first batch shows whether the destinations are usable.
pub(crate) async fn connect(sinks: &[NamedSink]) {
    let deadline = Deadline::after(TIME_LIMIT);
    join_all(sinks.iter().map(|sink| probe(sink, deadline))).await;
}

async fn probe(sink: &NamedSink, deadline: Deadline) {
    let name = &sink.spec.name;
    match deadline.timeout(sink.sink.check()).await {
        Some(Ok(())) => tracing::debug!(sink = name, "connected"),
        Some(Err(error)) => {
            tracing::debug!(sink = name, reason = describe(error.as_ref()), "not usable yet");
        }
        None => tracing::debug!(sink = name, "no response in time"),
    }
}
