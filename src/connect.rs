//! Connections that are opened before the first batch comes.
//!
//! Lambda gives every function a whole core while it starts, and a small one a fraction of it afterwards: opening a
//! connection with TLS, some six million instructions a sink, is then many times slower.

use std::time::Duration;

use changefan_sinks::{Deadline, NamedSink, Sink, describe};
use futures_util::future::join_all;

/// How long the start may be held up. Services answer in some hundredths of it, and what is missing is opened later.
const LONGEST: Duration = Duration::from_secs(1);

/// Asks all sinks at once whether their destinations can be used, for the connections that this leaves open. What they
/// answer does not matter: the first batch will tell.
pub(crate) async fn connect(sinks: &[NamedSink]) {
    let deadline = Deadline::after(LONGEST);
    join_all(sinks.iter().map(|sink| ask(sink, deadline))).await;
}

async fn ask(sink: &NamedSink, deadline: Deadline) {
    let name = &sink.entry.name;
    match deadline.bound(sink.sink.check()).await {
        Some(Ok(())) => tracing::debug!(sink = name, "connected"),
        Some(Err(error)) => {
            tracing::debug!(sink = name, reason = describe(error.as_ref()), "not usable yet")
        }
        None => tracing::debug!(sink = name, "no answer in time"),
    }
}
