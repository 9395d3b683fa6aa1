//! Ctrl-C: the object in progress is finished, and the run ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit status of a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// Whether the user asked to stop.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. A second Ctrl-C ends the process at once, which loses nothing either:
    /// an object is removed only after its records are delivered.
    pub(super) fn listen() -> Self {
        let requested = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&requested);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_err() {
                return;
            }
            shared.store(true, Ordering::Relaxed);
            eprintln!("finishing what is in progress; press Ctrl-C again to stop at once");
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(INTERRUPTED);
            }
        });
        Self(requested)
    }

    pub(super) fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
