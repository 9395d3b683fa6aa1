//! Stopping between two chunks of a file: what was written so far stays, and nothing is half written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to stop, shared by all workers.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A request that Ctrl-C makes. The second Ctrl-C ends the process at once.
    pub(super) fn on_ctrl_c() -> Self {
        let stop = Self::default();
        let requested = stop.clone();
        tokio::spawn(async move {
            // Without a handler, Ctrl-C ends the process, which a later run continues as well.
            if tokio::signal::ctrl_c().await.is_ok() {
                eprintln!("stopping; press Ctrl-C again to end at once");
                requested.request();
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(130);
            }
        });
        stop
    }

    pub(super) fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
