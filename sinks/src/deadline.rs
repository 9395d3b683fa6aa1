//! The moment by which a delivery must have ended.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// The moment by which a delivery must have ended.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline at this distance from now.
    pub fn after(duration: Duration) -> Self {
        let now = Instant::now();
        // Clamp overflow to one year.
        Self(now.checked_add(duration).unwrap_or(now + Duration::from_secs(365 * 86_400)))
    }

    /// An earlier deadline, which reserves this time after it.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.checked_sub(duration).unwrap_or(self.0))
    }

    /// The remaining time: zero after the deadline.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Waits for a future until the deadline: `None` if it did not complete.
    pub async fn timeout<F: Future>(self, future: F) -> Option<F::Output> {
        tokio::time::timeout_at(self.0, future).await.ok()
    }
}
