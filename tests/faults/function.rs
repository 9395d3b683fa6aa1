//! The function as Lambda runs it: warm between invocations, near its timeout, killed and
//! restarted.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use changefan::{BatchOutcome, Deadline, Handler, reply};
use changefan_events::PayloadError;
use futures_util::future::join_all;
use serde_json::Value;

use super::answer::Ended;
use super::random::Random;
use super::services::Services;
use super::source::Source;

/// What Lambda does to the function. Percentages are of the invocations.
#[derive(Clone, Debug)]
pub(super) struct Rough {
    /// The time of an invocation.
    pub time: Duration,
    /// How many have a short time.
    pub short_percent: u64,
    /// The upper bound of a short time.
    pub short: Duration,
    /// How many are killed midway, if they last long enough.
    pub kill_percent: u64,
    /// The number of polls of their future before which they are killed.
    pub kill_polls: usize,
    /// Whether each invocation has a new instance.
    pub always_cold: bool,
    /// Whether the instance receives the batches of all shards concurrently instead of in turn.
    pub at_once: bool,
}

/// No disturbance.
pub(super) const GENTLE: Rough = Rough {
    time: Duration::from_secs(10),
    short_percent: 0,
    short: Duration::from_millis(40),
    kill_percent: 0,
    kill_polls: 12,
    always_cold: false,
    at_once: false,
};

/// Invocations without progress after which the run is considered endless.
const MOST_WITHOUT_PROGRESS: usize = 100;

/// The function, and how it replies.
pub(super) struct Function<'a> {
    services: &'a Services,
    /// The warm instance.
    handler: Handler,
    rough: Rough,
    answer: fn(&BatchOutcome) -> Option<Value>,
    pub invocations: usize,
    pub kills: usize,
}

impl<'a> Function<'a> {
    pub(super) fn new(
        services: &'a Services,
        rough: Rough,
        answer: fn(&BatchOutcome) -> Option<Value>,
    ) -> Self {
        Function { services, handler: services.handler(), rough, answer, invocations: 0, kills: 0 }
    }

    /// Processes the stream to its end.
    pub(super) async fn drain(&mut self, source: &mut Source, random: &mut Random) {
        // The last invocation that made progress, and what remained.
        let mut progress = (0, usize::MAX);
        loop {
            let mut shards = source.busy();
            if shards.is_empty() {
                return;
            }
            if !self.rough.at_once {
                shards = vec![shards[random.below(shards.len())]];
            }
            let fates: Vec<_> = shards
                .into_iter()
                .filter_map(|shard| {
                    Some((shard, source.hand_over(shard)?, self.rough.fate(random)))
                })
                .collect();
            for (shard, ended) in self.invoke(fates).await {
                source.settle(shard, &ended);
            }
            if source.left() < progress.1 {
                progress = (self.invocations, source.left());
            }
            assert!(
                self.invocations - progress.0 < MOST_WITHOUT_PROGRESS,
                "the stream is not read to its end"
            );
        }
    }

    /// Invokes the function for batches of several shards concurrently; a killed instance is
    /// replaced.
    async fn invoke(&mut self, batches: Vec<(usize, Bytes, Fate)>) -> Vec<(usize, Ended)> {
        self.invocations += batches.len();
        let handled = join_all(batches.into_iter().map(|(shard, payload, fate)| {
            let handling = self.handler.handle(payload, Deadline::after(fate.time));
            async move { (shard, polled(fate.polls, handling).await) }
        }));
        let handled = handled.await;
        let kills = handled.iter().filter(|(_, report)| report.is_none()).count();
        self.kills += kills;
        if kills > 0 || self.rough.always_cold {
            self.handler = self.services.handler();
        }
        let ended = |report: Option<Result<BatchOutcome, PayloadError>>| {
            let report = report?.expect("the source sends batches");
            (self.answer)(&report)
        };
        let ended = |report| ended(report).map_or(Ended::Failed, Ended::Replied);
        handled.into_iter().map(|(shard, report)| (shard, ended(report))).collect()
    }
}

/// What happens to one invocation.
struct Fate {
    time: Duration,
    /// It is killed before its future has been polled this many times.
    polls: usize,
}

impl Rough {
    fn fate(&self, random: &mut Random) -> Fate {
        let short = random.percent(self.short_percent);
        let time =
            if short { self.short.mul_f64(random.below(1000) as f64 / 1000.0) } else { self.time };
        let kill = random.percent(self.kill_percent);
        Fate { time, polls: if kill { random.below(self.kill_polls) } else { usize::MAX } }
    }
}

/// The function's own reply.
pub(super) fn own(outcome: &BatchOutcome) -> Option<Value> {
    let reply = reply(outcome).ok()?;
    Some(serde_json::to_value(reply).expect("a reply is JSON"))
}

/// A future's output, unless it needs more polls: then it is dropped.
async fn polled<F: Future>(most: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|context| {
        if polls == most {
            return Poll::Ready(None);
        }
        polls += 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}
