//! What sinks have already taken of a batch that will come again.
//!
//! After a failure the source sends the tail of the batch again, or all of it. While this instance is warm, a sink that
//! took an event then is not sent it a second time. The memory only ever saves deliveries that were made: whatever it
//! does not recognise is delivered.
//!
//! Several invocations may be under way at once. A batch takes its tail out for as long as it is worked on, so no other
//! one can rely on it: when Lambda sends a batch again while it is still here, the second one delivers everything.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use changefan_events::ChangeEvent;

/// How many tails are remembered: one for each shard that is failing at the time. The oldest one makes room.
const TAILS: usize = 16;

/// The tails of failed batches. Each has at most the 10,000 records of a batch, plus those of its aggregates.
#[derive(Default)]
pub(crate) struct Memory {
    tails: Mutex<VecDeque<Tail>>,
}

/// The events that the source will send again, in their order.
#[derive(Default)]
pub(crate) struct Tail {
    events: Vec<Remembered>,
}

struct Remembered {
    identity: Box<str>,
    /// For each sink whether it took the event.
    taken: Box<[bool]>,
}

impl Memory {
    /// Takes out the tail that a batch repeats, cut to begin where the batch does.
    ///
    /// A batch repeats a tail when it begins inside of it and agrees with it as far as both go. One that begins before,
    /// as after a replay from the start of the stream, is not a repeat: it ends the tail that it runs into.
    pub fn recall(&self, events: &[ChangeEvent]) -> Tail {
        let mut tails = self.lock();
        let Some(first) = events.first().filter(|_| !tails.is_empty()).map(identity) else {
            return Tail::default();
        };
        let begin = |tail: &Tail| tail.events.iter().position(|event| event.identity == first);
        let Some((index, begin)) =
            tails.iter().enumerate().find_map(|(index, tail)| Some((index, begin(tail)?)))
        else {
            let batch: HashSet<_> = events.iter().map(identity).collect();
            tails.retain(|tail| !tail.begins_in(&batch));
            return Tail::default();
        };
        let mut tail = tails.remove(index).unwrap_or_default();
        tail.events.drain(..begin);
        if tail.agrees_with(events) { tail } else { Tail::default() }
    }

    /// Remembers the tail of a batch, unless it is empty.
    pub fn remember(&self, tail: Tail) {
        if tail.events.is_empty() {
            return;
        }
        let mut tails = self.lock();
        if tails.len() == TAILS {
            tails.pop_front();
        }
        tails.push_back(tail);
    }

    /// A panic elsewhere leaves at worst a tail out, and what is left out is delivered.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Tail>> {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tail {
    /// Whether a sink already took the event at an index of the batch.
    pub fn took(&self, sink: usize, event: usize) -> bool {
        self.events.get(event).and_then(|event| event.taken.get(sink)).copied().unwrap_or(false)
    }

    /// What the source will send again after this batch: its events from `first` on, with what was taken of them now, and
    /// what this tail holds beyond the batch.
    pub fn after(
        self,
        events: &[ChangeEvent],
        first: usize,
        taken: impl Fn(usize) -> Box<[bool]>,
    ) -> Tail {
        let remembered =
            |index: usize| Remembered { identity: identity(&events[index]), taken: taken(index) };
        let repeated = (first..events.len()).map(remembered);
        let beyond = self.events.into_iter().skip(events.len());
        Tail { events: repeated.chain(beyond).collect() }
    }

    fn agrees_with(&self, events: &[ChangeEvent]) -> bool {
        self.events
            .iter()
            .zip(events)
            .all(|(remembered, event)| remembered.identity == identity(event))
    }

    fn begins_in(&self, batch: &HashSet<Box<str>>) -> bool {
        self.events.first().is_some_and(|first| batch.contains(&first.identity))
    }
}

/// Samples and some emulators repeat event ids, and tables have sequences of their own.
fn identity(event: &ChangeEvent) -> Box<str> {
    let parts = [
        event.table().unwrap_or_default(),
        event.event_id(),
        event.sequence_number().unwrap_or_default(),
    ];
    parts.join("\0").into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use changefan_events::Batch;

    fn events(range: std::ops::Range<usize>) -> Vec<ChangeEvent> {
        let record = |index| {
            format!(
                r#"{{"eventID":"id","eventName":"REMOVE","eventSource":"aws:dynamodb","dynamodb":{{"SequenceNumber":"{index}"}}}}"#
            )
        };
        let records: Vec<_> = range.map(record).collect();
        Batch::decode(format!("[{}]", records.join(",")).into()).unwrap().events
    }

    /// A memory of a batch 0..10 that failed at 4: sink 0 took all of it, sink 1 nothing from there on.
    fn memory() -> Memory {
        let memory = Memory::default();
        memory.remember(Tail::default().after(&events(0..10), 4, |_| [true, false].into()));
        memory
    }

    fn taken(tail: &Tail, count: usize) -> Vec<bool> {
        (0..count).map(|event| tail.took(0, event)).collect()
    }

    #[test]
    fn the_tail_is_recognised_and_what_comes_behind_it_is_new() {
        let tail = memory().recall(&events(4..12));
        assert_eq!(taken(&tail, 8), [true, true, true, true, true, true, false, false]);
        assert!((0..8).all(|event| !tail.took(1, event)));
    }

    #[test]
    fn a_bisected_tail_is_recognised_half_by_half() {
        let memory = memory();
        let first = memory.recall(&events(4..7));
        assert_eq!(taken(&first, 3), [true; 3]);
        memory.remember(first.after(&events(4..7), 3, |_| [true, true].into()));
        let second = memory.recall(&events(7..10));
        assert_eq!(taken(&second, 3), [true; 3]);
        memory.remember(second.after(&events(7..10), 3, |_| [true, true].into()));
        assert!(memory.lock().is_empty());
    }

    #[test]
    fn a_tail_whose_beginning_was_given_up_goes_on_in_the_middle() {
        assert_eq!(taken(&memory().recall(&events(7..10)), 3), [true; 3]);
    }

    #[test]
    fn a_replay_from_before_the_tail_delivers_everything_and_ends_it() {
        let memory = memory();
        assert_eq!(taken(&memory.recall(&events(0..10)), 10), [false; 10]);
        assert!(memory.lock().is_empty());
    }

    #[test]
    fn a_batch_that_leaves_records_out_is_no_repeat() {
        let mut batch = events(4..10);
        batch.remove(2);
        assert_eq!(taken(&memory().recall(&batch), 5), [false; 5]);
    }

    #[test]
    fn other_shards_leave_the_tail_alone() {
        let memory = memory();
        assert_eq!(taken(&memory.recall(&events(100..103)), 3), [false; 3]);
        assert_eq!(taken(&memory.recall(&events(4..6)), 2), [true; 2]);
    }

    #[test]
    fn a_batch_that_is_here_twice_at_once_is_delivered_by_both() {
        let memory = memory();
        let first = memory.recall(&events(4..10));
        let second = memory.recall(&events(4..10));
        assert_eq!((taken(&first, 6), taken(&second, 6)), (vec![true; 6], vec![false; 6]));
        // Whichever of them is remembered, it knows only of deliveries that were made.
        memory.remember(second.after(&events(4..10), 0, |_| [false, true].into()));
        memory.remember(first.after(&events(4..10), 0, |_| [true, false].into()));
        let again = memory.recall(&events(4..10));
        assert!((0..6).all(|event| !again.took(0, event) && again.took(1, event)));
    }

    #[test]
    fn the_memory_is_bounded() {
        let memory = Memory::default();
        for start in 0..100 {
            memory.remember(Tail::default().after(&events(start..start + 1), 0, |_| [true].into()));
        }
        assert_eq!(memory.lock().len(), TAILS);
        assert!(!memory.recall(&events(0..1)).took(0, 0));
        assert!(memory.recall(&events(99..100)).took(0, 0));
    }
}
