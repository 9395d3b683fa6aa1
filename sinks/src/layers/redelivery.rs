//! Leaves out what the sink accepted when the source sent the same events before.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use changefan_events::ChangeEvent;
use sha2::{Digest, Sha256};

use crate::{BoxError, Deadline, Outcome, Redelivered, Sink, Status};

/// The most events of failed batches that a cache holds, at 17 bytes each: 2.2 MB per sink.
const MAX_EVENTS: usize = 128 * 1024;

/// After a partial failure the source sends the tail of the batch again. While this instance is
/// warm, a sink that accepted an event of that tail does not receive it a second time.
///
/// The layer only ever omits deliveries that were made. It recognizes an event by a hash of its
/// table, its identifiers and its content; an event that it does not recognize is delivered.
#[derive(Debug)]
pub struct Redelivery<S> {
    sink: S,
    cache: Mutex<RedeliveryCache>,
}

impl<S: Sink> Redelivery<S> {
    /// Wraps a sink.
    pub fn new(sink: S) -> Self {
        Self { sink, cache: Mutex::default() }
    }

    /// A panic elsewhere leaves at worst a batch out, and what is left out is delivered.
    fn cache(&self) -> MutexGuard<'_, RedeliveryCache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<S: Sink> Sink for Redelivery<S> {
    async fn deliver(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        let Some(delivered) = self.cache().already_delivered(events) else {
            return self.sink.deliver(events, deadline).await;
        };
        let is_pending = |index: usize| !delivered.get(index).is_some_and(|&it| it);
        let (pending, already): (Vec<_>, Vec<_>) =
            events.iter().copied().enumerate().partition(|&(index, _)| is_pending(index));
        let pending: Vec<_> = pending.into_iter().map(|(_, event)| event).collect();
        let mut outcome = match pending.as_slice() {
            [] => Outcome::delivered(),
            pending => self.sink.deliver(pending, deadline).await,
        };
        already.into_iter().for_each(|(_, event)| outcome.already(event));
        outcome
    }

    async fn check(&self) -> Result<(), BoxError> {
        self.sink.check().await
    }

    fn settle(&self, events: &[&ChangeEvent], outcome: &Outcome, redelivered: Redelivered) {
        self.cache().settle(events, outcome, redelivered);
        self.sink.settle(events, outcome, redelivered);
    }
}

/// The events of failed batches, by the batch. The oldest batches are evicted.
#[derive(Debug)]
struct RedeliveryCache {
    batches: VecDeque<PendingBatch>,
    max_events: usize,
}

impl Default for RedeliveryCache {
    fn default() -> Self {
        Self { batches: VecDeque::new(), max_events: MAX_EVENTS }
    }
}

/// The events that the source sends again, in their order.
#[derive(Debug)]
struct PendingBatch {
    events: VecDeque<Identity>,
    /// For each event whether the sink does not need it again.
    delivered: VecDeque<bool>,
}

/// The first 128 bits of a SHA-256 hash.
type Identity = [u8; 16];

impl RedeliveryCache {
    /// For each event whether the sink accepted it before; `None` if no pending batch is
    /// recognized.
    ///
    /// A batch repeats a pending one if it begins inside of it and agrees with it as far as both
    /// reach. A batch that begins before a pending one, as after a replay from the start of the
    /// stream, is not a repeat: it evicts the pending batch.
    fn already_delivered(&mut self, events: &[&ChangeEvent]) -> Option<Vec<bool>> {
        if self.batches.is_empty() {
            return None;
        }
        let identities: Vec<_> = events.iter().map(|event| identity(event)).collect();
        match self.find(&identities) {
            Some((batch, start)) => {
                let delivered = &self.batches[batch].delivered;
                Some(delivered.range(start..).copied().take(identities.len()).collect())
            }
            None => {
                let batch: HashSet<_> = identities.iter().collect();
                self.batches.retain(|it| !it.events.front().is_some_and(|it| batch.contains(it)));
                None
            }
        }
    }

    /// Replaces what is known of a batch by what the source sends again of it.
    fn settle(&mut self, events: &[&ChangeEvent], outcome: &Outcome, redelivered: Redelivered) {
        if self.batches.is_empty() && redelivered == Redelivered::Nothing {
            return;
        }
        let first = match redelivered {
            Redelivered::From(index) => index,
            Redelivered::Nothing => events.len(),
        };
        let identities: Vec<_> = events.iter().map(|event| identity(event)).collect();
        let mut pending = match self.find(&identities) {
            Some((batch, start)) => self.take(batch, start + events.len()),
            None => PendingBatch { events: VecDeque::new(), delivered: VecDeque::new() },
        };
        for index in (first..events.len()).rev() {
            pending.events.push_front(identities[index]);
            pending.delivered.push_front(outcome.status(events[index]) != Status::Failed);
        }
        if !pending.events.is_empty() {
            self.batches.push_back(pending);
            self.evict();
        }
    }

    /// The pending batch that events repeat, and the index in it at which they begin.
    fn find(&self, identities: &[Identity]) -> Option<(usize, usize)> {
        let first = identities.first()?;
        self.batches.iter().enumerate().find_map(|(index, batch)| {
            let start = batch.events.iter().position(|it| it == first)?;
            let agrees = batch.events.range(start..).zip(identities).all(|(a, b)| a == b);
            agrees.then_some((index, start))
        })
    }

    /// Removes a batch and returns what lies beyond an index of it.
    fn take(&mut self, batch: usize, beyond: usize) -> PendingBatch {
        let mut batch = self.batches.remove(batch).expect("found before");
        let beyond = beyond.min(batch.events.len());
        batch.events.drain(..beyond);
        batch.delivered.drain(..beyond);
        batch
    }

    fn evict(&mut self) {
        let mut total: usize = self.batches.iter().map(|batch| batch.events.len()).sum();
        while total > self.max_events {
            let Some(oldest) = self.batches.pop_front() else { return };
            total -= oldest.events.len();
        }
    }
}

/// Covers the content: samples and some emulators repeat event ids, and anyone who may write to a
/// Kinesis stream can repeat the ids of another record.
fn identity(event: &ChangeEvent) -> Identity {
    let mut hash = Sha256::new();
    let index = event.sub_record().map(|index| index.to_string());
    let parts =
        [event.account(), event.region(), event.table(), event.sequence_number(), index.as_deref()];
    for part in parts.into_iter().chain([Some(event.event_id())]) {
        hash.update(part.unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    hash.update(event.record().as_bytes());
    let hash = hash.finalize();
    hash[..16].try_into().expect("a SHA-256 hash has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cause;
    use crate::fixtures::{refs, removals};

    /// A cache of a batch of ten events that failed at event 4: the sink accepted all others.
    fn cache(events: &[ChangeEvent]) -> RedeliveryCache {
        let mut cache = RedeliveryCache::default();
        let outcome = Outcome::failed(&[&events[4]], Cause::Denied, "denied");
        cache.settle(&refs(&events[..10]), &outcome, Redelivered::From(4));
        cache
    }

    #[test]
    fn tail_and_what_follows_it_is_recognized() {
        let events = removals(12);
        let delivered = cache(&events).already_delivered(&refs(&events[4..12])).unwrap();
        assert_eq!(delivered, [false, true, true, true, true, true]);
    }

    #[test]
    fn bisected_tail_is_recognized_in_halves() {
        let events = removals(10);
        let mut cache = cache(&events);
        let halves = [refs(&events[4..7]), refs(&events[7..10])];
        assert_eq!(cache.already_delivered(&halves[0]), Some(vec![false, true, true]));
        cache.settle(&halves[0], &Outcome::delivered(), Redelivered::Nothing);
        assert_eq!(cache.already_delivered(&halves[1]), Some(vec![true; 3]));
        cache.settle(&halves[1], &Outcome::delivered(), Redelivered::Nothing);
        assert!(cache.batches.is_empty());
    }

    #[test]
    fn replay_from_before_the_tail_delivers_everything() {
        let events = removals(10);
        let mut cache = cache(&events);
        assert_eq!(cache.already_delivered(&refs(&events)), None);
        assert!(cache.batches.is_empty());
    }

    #[test]
    fn batch_that_omits_records_is_no_repeat() {
        let events = removals(10);
        let mut batch = refs(&events[4..10]);
        batch.remove(2);
        assert_eq!(cache(&events).already_delivered(&batch), None);
    }

    #[test]
    fn other_shards_leave_the_tail_alone() {
        let events = removals(20);
        let mut cache = cache(&events);
        assert_eq!(cache.already_delivered(&refs(&events[15..18])), None);
        assert_eq!(cache.already_delivered(&refs(&events[5..7])), Some(vec![true; 2]));
    }

    #[test]
    fn cache_is_bounded_and_evicts_the_oldest_batch() {
        let events = removals(30);
        let mut cache = RedeliveryCache { max_events: 20, ..RedeliveryCache::default() };
        for batch in events.chunks(10) {
            cache.settle(&refs(batch), &Outcome::delivered(), Redelivered::From(0));
        }
        assert_eq!(cache.already_delivered(&refs(&events[..10])), None);
        assert_eq!(cache.already_delivered(&refs(&events[10..20])), Some(vec![true; 10]));
        assert_eq!(cache.already_delivered(&refs(&events[20..])), Some(vec![true; 10]));
    }
}
