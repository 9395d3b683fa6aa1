//! The records that go to the quarantine: one entry per record and sink, however many of an
//! aggregate's sub-records are rejected.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use changefan_events::{Batch, ChangeEvent, DecodeError};
use changefan_sinks::{Class, NamedSink, QuarantinedRecord, RejectedSubRecord, describe};
use sha2::{Digest, Sha256};

use super::Delivery;
use crate::ack::Ack;

const NOT_ALLOWED: &str = "invalid: the source of the record is not in ALLOWED_SOURCES";

/// The rejected records of a piece.
#[derive(Debug, Default)]
pub(super) struct Rejected {
    /// Records to write to the quarantine.
    pub new: Vec<QuarantinedRecord>,
    /// Those that were kept when the source sent them before.
    pub known: Vec<QuarantinedRecord>,
}

impl Rejected {
    /// Collects what could not be decoded, what comes from a source that is not allowed, and what a
    /// sink rejected.
    pub(super) fn collect(
        piece: &Batch,
        excluded: &[&ChangeEvent],
        sinks: &[NamedSink],
        deliveries: &[Delivery],
    ) -> Self {
        let mut rejected = Self::default();
        piece.undecodable.iter().for_each(|error| rejected.add_undecodable(error));
        for event in excluded {
            rejected.add_event(piece, event, None, NOT_ALLOWED.to_owned());
        }
        let is_rejected = |class| class == Class::Rejected;
        rejected.add_failures(piece, sinks, deliveries, is_rejected);
        rejected
    }

    /// Collects what a sink did not accept and may accept later.
    #[cfg(feature = "cli")]
    pub(super) fn undelivered(
        piece: &Batch,
        sinks: &[NamedSink],
        deliveries: &[Delivery],
    ) -> Vec<QuarantinedRecord> {
        let mut undelivered = Self::default();
        undelivered.add_failures(piece, sinks, deliveries, |class| class != Class::Rejected);
        undelivered.new
    }

    fn add_failures(
        &mut self,
        piece: &Batch,
        sinks: &[NamedSink],
        deliveries: &[Delivery],
        includes: fn(Class) -> bool,
    ) {
        for (sink, delivery) in sinks.iter().zip(deliveries) {
            let failures = delivery.outcome.failures().iter();
            for failure in failures.filter(|it| includes(it.cause.class())) {
                let event = &piece.events[failure.ordinal];
                self.add_event(piece, event, Some(&sink.spec.name), failure.reason());
            }
        }
    }

    fn add_undecodable(&mut self, error: &DecodeError) {
        let record = QuarantinedRecord {
            reason: describe(&error.reason),
            sink: None,
            event_id: error.event_id().map(str::to_owned),
            sequence_number: error.sequence_number().map(str::to_owned),
            timestamp: None,
            position: error.position,
            sub_records: None,
            record: String::new(),
        };
        let added = self.add(record, error.sub_record);
        // The record is copied once per entry, not once per sub-record.
        if added.record.is_empty() {
            added.record = error.record().to_owned();
        }
    }

    fn add_event(
        &mut self,
        piece: &Batch,
        event: &ChangeEvent,
        sink: Option<&String>,
        reason: String,
    ) {
        let record = QuarantinedRecord {
            reason,
            sink: sink.cloned(),
            event_id: Some(event.event_id().to_owned()),
            sequence_number: event.sequence_number().map(str::to_owned),
            timestamp: event.timestamp().map(|timestamp| timestamp.to_string()),
            position: event.position(),
            sub_records: None,
            record: String::new(),
        };
        let added = self.add(record, event.sub_record());
        if added.record.is_empty() {
            added.record = piece.record(event.position()).to_owned();
        }
    }

    /// Adds a record, or a sub-record to the entry of its record.
    fn add(
        &mut self,
        record: QuarantinedRecord,
        sub_record: Option<usize>,
    ) -> &mut QuarantinedRecord {
        let Some(index) = sub_record else {
            self.new.push(record);
            return self.new.last_mut().expect("pushed above");
        };
        let same = |last: &QuarantinedRecord| {
            last.position == record.position
                && last.sink == record.sink
                && last.sub_records.is_some()
        };
        let sub_record = RejectedSubRecord { index, reason: record.reason.clone() };
        if !self.new.last().is_some_and(same) {
            self.new.push(QuarantinedRecord { sub_records: Some(Vec::new()), ..record });
        }
        let last = self.new.last_mut().expect("pushed above");
        last.sub_records.get_or_insert_default().push(sub_record);
        last
    }
}

/// What was quarantined of records that the source sends again: a record that blocks its shard
/// would otherwise add one line per attempt.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<HashSet<[u8; 16]>>);

/// The most records remembered. Beyond them a line may repeat.
const MAX_KEPT: usize = 20_000;

impl Kept {
    /// Moves records that were kept before to [`Rejected::known`].
    pub(super) fn omit_known(&self, rejected: &mut Rejected) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_empty() {
            return;
        }
        let (known, new) = std::mem::take(&mut rejected.new)
            .into_iter()
            .partition(|it| kept.contains(&identity(it)));
        (rejected.known, rejected.new) = (known, new);
    }

    /// Remembers the records of the quarantine that the source sends again, and forgets the others.
    /// `is_kept` states whether the new ones were written: one that was not must be written when it
    /// arrives again.
    pub(super) fn settle(&self, rejected: &Rejected, is_kept: bool, ack: &Ack) {
        let new = if is_kept { rejected.new.as_slice() } else { &[] };
        if new.is_empty() && rejected.known.is_empty() {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for record in new.iter().chain(&rejected.known) {
            if ack.repeats(record.position) && kept.len() < MAX_KEPT {
                kept.insert(identity(record));
            } else {
                kept.remove(&identity(record));
            }
        }
    }
}

fn identity(record: &QuarantinedRecord) -> [u8; 16] {
    let mut hash = Sha256::new();
    let parts = [&record.sink, &record.event_id, &record.sequence_number];
    for part in parts {
        hash.update(part.as_deref().unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    for sub_record in record.sub_records.iter().flatten() {
        hash.update(sub_record.index.to_le_bytes());
    }
    hash.update([0]);
    hash.update(record.record.as_bytes());
    hash.finalize()[..16].try_into().expect("a SHA-256 hash has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parents(sub_records: &[&[usize]]) -> Rejected {
        let rejected = |index: &usize| RejectedSubRecord { index: *index, reason: String::new() };
        let parent = |indexes: &&[usize]| QuarantinedRecord {
            reason: String::new(),
            sink: None,
            event_id: Some("shard:1".into()),
            sequence_number: None,
            timestamp: None,
            position: 0,
            sub_records: Some(indexes.iter().map(rejected).collect()),
            record: "{}".into(),
        };
        Rejected { new: sub_records.iter().map(parent).collect(), known: Vec::new() }
    }

    /// How many records are known, and how many are new.
    fn split(kept: &Kept, mut rejected: Rejected) -> (usize, usize) {
        kept.omit_known(&mut rejected);
        (rejected.known.len(), rejected.new.len())
    }

    #[test]
    fn other_sub_records_of_a_parent_are_new() {
        let kept = Kept::default();
        kept.settle(&parents(&[&[1, 2]]), true, &Ack::Fail);
        assert_eq!(split(&kept, parents(&[&[1, 2], &[1, 2, 3], &[4]])), (1, 2));
    }

    #[test]
    fn record_that_was_not_written_is_new() {
        let kept = Kept::default();
        kept.settle(&parents(&[&[1]]), false, &Ack::Fail);
        assert_eq!(split(&kept, parents(&[&[1]])), (0, 1));
    }

    #[test]
    fn record_that_is_not_sent_again_is_forgotten() {
        let kept = Kept::default();
        kept.settle(&parents(&[&[1]]), true, &Ack::Fail);
        kept.settle(&parents(&[&[1]]), true, &Ack::Success);
        assert_eq!(split(&kept, parents(&[&[1]])), (0, 1));
    }
}
