//! Retries around a sink of the user's own.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use changefan::{Cause, ChangeEvent, Deadline, DeliveryError, Sink};
use changefan_sinks::Retry;

use super::{ids, small_changes};

/// Fails as it is told, call by call, and remembers what it was asked for.
struct Scripted {
    script: Mutex<Vec<Option<Cause>>>,
    calls: Mutex<Vec<Vec<String>>>,
}

#[async_trait]
impl Sink for &Scripted {
    async fn deliver(&self, events: &[ChangeEvent], _: Deadline) -> Result<(), DeliveryError> {
        self.calls.lock().unwrap().push(ids(events));
        match self.script.lock().unwrap().pop().flatten() {
            Some(cause) => Err(DeliveryError::all(events.len(), cause, "as told")),
            None => Ok(()),
        }
    }
}

async fn deliver(
    mut script: Vec<Option<Cause>>,
    time: Duration,
) -> (Result<(), DeliveryError>, usize) {
    script.reverse();
    let sink = Scripted { script: Mutex::new(script), calls: Mutex::default() };
    let result = Retry::new(&sink).deliver(&small_changes(2), Deadline::after(time)).await;
    let calls = sink.calls.lock().unwrap().len();
    (result, calls)
}

#[tokio::test(start_paused = true)]
async fn whatever_can_succeed_soon_is_tried_again() {
    let script = vec![
        Some(Cause::Throttled),
        Some(Cause::Unavailable),
        Some(Cause::TimedOut),
        Some(Cause::Unknown),
        None,
    ];
    let (result, calls) = deliver(script, Duration::from_secs(60)).await;
    assert!(result.is_ok());
    assert_eq!(calls, 5);
}

#[tokio::test(start_paused = true)]
async fn whatever_cannot_is_not() {
    for cause in [Cause::Denied, Cause::TooLarge, Cause::OutOfTime] {
        let (result, calls) = deliver(vec![Some(cause)], Duration::from_secs(60)).await;
        assert_eq!(result.unwrap_err().failures().len(), 2);
        assert_eq!(calls, 1, "{cause}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_it() {
    let start = tokio::time::Instant::now();
    let (result, calls) =
        deliver(vec![Some(Cause::Throttled); 1000], Duration::from_secs(30)).await;
    assert_eq!(result.unwrap_err().failures().len(), 2);
    assert!(start.elapsed() < Duration::from_secs(30));
    assert!((5..60).contains(&calls), "{calls}");
}
