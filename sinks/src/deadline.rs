//! The moment by which a delivery must have ended.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// The moment by which a delivery must have ended, one way or the other.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline that lies this far ahead.
    pub fn after(duration: Duration) -> Self {
        let now = Instant::now();
        // Too far ahead to be told as an instant is as good as a year.
        Deadline(now.checked_add(duration).unwrap_or(now + Duration::from_secs(365 * 86_400)))
    }

    /// A deadline that lies this much before.
    pub fn earlier(self, duration: Duration) -> Self {
        Deadline(self.0.checked_sub(duration).unwrap_or(self.0))
    }

    /// The time that is left: zero once the deadline is over.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Waits for a future, but not beyond the deadline: `None` when it was not done by then.
    pub async fn bound<F: Future>(self, future: F) -> Option<F::Output> {
        tokio::time::timeout_at(self.0, future).await.ok()
    }
}
