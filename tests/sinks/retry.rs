//! Retries around a scripted sink.

use std::sync::Mutex;
use std::time::Duration;

use changefan::{Cause, ChangeEvent, Deadline, Ordering, Outcome, Sink, async_trait};
use changefan_sinks::Retry;

use super::small_changes;

/// Fails events by their ordinal, call by call, and records what it received.
#[derive(Default)]
struct Scripted {
    script: Mutex<Vec<Vec<(usize, Cause)>>>,
    calls: Mutex<Vec<Vec<usize>>>,
}

#[async_trait]
impl Sink for &Scripted {
    async fn deliver(&self, events: &[&ChangeEvent], _: Deadline) -> Outcome {
        let ordinals = events.iter().map(|event| event.ordinal()).collect();
        self.calls.lock().unwrap().push(ordinals);
        let mut outcome = Outcome::delivered();
        for (ordinal, cause) in self.script.lock().unwrap().pop().unwrap_or_default() {
            if let Some(event) = events.iter().find(|event| event.ordinal() == ordinal) {
                outcome.fail(event, cause, "scripted");
            }
        }
        outcome
    }
}

/// Delivers four events of one item to a sink with this ordering.
async fn deliver(
    ordering: Ordering,
    mut script: Vec<Vec<(usize, Cause)>>,
    time: Duration,
) -> (Outcome, Vec<Vec<usize>>) {
    script.reverse();
    let sink = Scripted { script: Mutex::new(script), ..Scripted::default() };
    let events = small_changes(4);
    let refs: Vec<_> = events.iter().collect();
    let outcome = Retry::new(&sink, ordering).deliver(&refs, Deadline::after(time)).await;
    let calls = sink.calls.lock().unwrap().clone();
    (outcome, calls)
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn retryable_failures_are_retried_alone() {
    use Cause::*;
    let script = vec![
        vec![(1, Throttled), (2, Unavailable), (3, TooLarge)],
        vec![(1, TimedOut), (2, Unknown)],
        vec![(2, Throttled)],
    ];
    let (outcome, calls) = deliver(Ordering::None, script, MINUTE).await;
    assert_eq!(calls, [vec![0, 1, 2, 3], vec![1, 2], vec![1, 2], vec![2]]);
    let failures: Vec<_> = outcome.failures().iter().map(|it| (it.ordinal, it.cause)).collect();
    assert_eq!((failures, outcome.retried()), (vec![(3, TooLarge)], 5));
}

#[tokio::test(start_paused = true)]
async fn other_failures_are_not_retried() {
    for cause in [Cause::Denied, Cause::TooLarge, Cause::TimestampOutOfRange, Cause::Invalid] {
        let (outcome, calls) = deliver(Ordering::None, vec![vec![(0, cause)]], MINUTE).await;
        assert_eq!((outcome.failures().len(), calls.len()), (1, 1), "{cause}");
    }
}

#[tokio::test(start_paused = true)]
async fn total_order_is_kept_after_a_blocked_event() {
    let script = || vec![vec![(0, Cause::Throttled), (1, Cause::Denied), (2, Cause::Throttled)]];
    let (outcome, calls) = deliver(Ordering::Total, script(), MINUTE).await;
    assert_eq!(calls, [vec![0, 1, 2, 3], vec![0]]);
    let failed: Vec<_> = outcome.failures().iter().map(|it| it.ordinal).collect();
    assert_eq!(failed, [1, 2]);
    let (_, calls) = deliver(Ordering::None, script(), MINUTE).await;
    assert_eq!(calls, [vec![0, 1, 2, 3], vec![0, 2]]);
    // The sample events are of different items.
    let (_, calls) = deliver(Ordering::PerKey, script(), MINUTE).await;
    assert_eq!(calls, [vec![0, 1, 2, 3], vec![0, 2]]);
}

#[tokio::test(start_paused = true)]
async fn retries_use_the_time_up_to_the_deadline() {
    let start = tokio::time::Instant::now();
    let script = vec![vec![(0, Cause::Throttled)]; 1000];
    let (outcome, calls) = deliver(Ordering::None, script, Duration::from_secs(30)).await;
    assert_eq!(outcome.failures().len(), 1);
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(30), "{elapsed:?}");
    // A wait that exceeds the remaining time is shortened instead of ending the retries.
    assert!(elapsed > Duration::from_millis(29_900), "{elapsed:?}");
    assert!((5..100).contains(&calls.len()), "{}", calls.len());
}
