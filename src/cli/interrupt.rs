//! Ctrl-C: what is in progress comes to an end, and the run with it.

use tokio::sync::watch;

/// The exit status of a process that SIGINT ended.
pub(super) const INTERRUPTED: u8 = 130;

/// A request to stop, shared by all who work on a run.
#[derive(Clone, Debug)]
pub(super) struct Interrupt(watch::Sender<bool>);

impl Interrupt {
    /// Listens for Ctrl-C from now on. A second Ctrl-C ends the process at once, which loses
    /// nothing either: every run can be repeated.
    pub(super) fn listen() -> Self {
        let interrupt = Self(watch::Sender::new(false));
        tokio::spawn(interrupt.clone().follow_ctrl_c());
        interrupt
    }

    async fn follow_ctrl_c(self) {
        // Without a handler, Ctrl-C ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        eprintln!("stopping; press Ctrl-C again to end at once");
        self.request();
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(INTERRUPTED.into());
        }
    }

    /// Asks all others to stop.
    pub(super) fn request(&self) {
        self.0.send_replace(true);
    }

    pub(super) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until a stop is requested.
    pub(super) async fn requested(&self) {
        // Only a channel without a sender is an error.
        let _ = self.0.subscribe().wait_for(|&is_requested| is_requested).await;
    }
}
