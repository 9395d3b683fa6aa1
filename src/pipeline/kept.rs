//! What was quarantined of records that the source sends again: a record that blocks its shard
//! would otherwise add one line per attempt.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use changefan_events::Batch;
use changefan_sinks::QuarantinedRecord;
use sha2::{Digest, Sha256};

use super::rejected::Rejected;
use crate::ack::Ack;

/// The lines of each record that are in the quarantine, by the record's text.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<HashMap<Hash, Vec<Hash>>>);

/// The first 128 bits of a SHA-256 hash.
type Hash = [u8; 16];

/// The most records remembered. Beyond them a line may repeat.
const MAX_KEPT: usize = 20_000;

/// What was seen of a batch until it is known how the source continues.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The records by their positions, if any is remembered.
    records: Vec<(usize, Hash)>,
    /// Lines that are in the quarantine, by the positions and the texts of their records.
    lines: Vec<(usize, Hash, Hash)>,
}

impl Kept {
    /// Moves records that were kept before to [`Rejected::known`].
    pub(super) fn omit_known(&self, rejected: &mut Rejected) {
        let kept = self.lock();
        if kept.is_empty() {
            return;
        }
        let is_known = |record: &QuarantinedRecord| {
            kept.get(&hash(&record.record)).is_some_and(|lines| lines.contains(&identity(record)))
        };
        (rejected.known, rejected.new) =
            std::mem::take(&mut rejected.new).into_iter().partition(is_known);
    }

    /// Notes the records of a piece and their lines. `is_kept` states whether the new ones were
    /// written: one that was not must be written when it arrives again.
    pub(super) fn see(&self, piece: &Batch, rejected: &Rejected, is_kept: bool, seen: &mut Seen) {
        if !self.lock().is_empty() {
            let record = |position| (position, hash(piece.record(position)));
            seen.records.extend(piece.positions().map(record));
        }
        let new = if is_kept { rejected.new.as_slice() } else { &[] };
        let line = |it: &QuarantinedRecord| (it.position, hash(&it.record), identity(it));
        seen.lines.extend(new.iter().chain(&rejected.known).map(line));
    }

    /// Remembers the lines of records that the source sends again, and forgets other records.
    pub(super) fn settle(&self, seen: Seen, ack: &Ack) {
        if seen.records.is_empty() && seen.lines.is_empty() {
            return;
        }
        let mut kept = self.lock();
        for (_, record) in seen.records.iter().filter(|(position, _)| !ack.repeats(*position)) {
            kept.remove(record);
        }
        for (position, record, line) in seen.lines {
            if ack.repeats(position) && (kept.len() < MAX_KEPT || kept.contains_key(&record)) {
                let lines = kept.entry(record).or_default();
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Hash, Vec<Hash>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What distinguishes the lines of one record.
fn identity(record: &QuarantinedRecord) -> Hash {
    let mut hash = Sha256::new();
    let parts = [&record.sink, &record.event_id, &record.sequence_number];
    for part in parts {
        hash.update(part.as_deref().unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    for sub_record in record.sub_records.iter().flatten() {
        hash.update(sub_record.index.to_le_bytes());
    }
    first_bits(hash)
}

fn hash(text: &str) -> Hash {
    first_bits(Sha256::new_with_prefix(text))
}

fn first_bits(hash: Sha256) -> Hash {
    hash.finalize()[..16].try_into().expect("a SHA-256 hash has 32 bytes")
}

#[cfg(test)]
mod tests {
    use changefan_sinks::RejectedSubRecord;

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

    /// A batch with the record of [`parents`], as it ends.
    fn batch(kept: &Kept, rejected: &Rejected, is_kept: bool, ack: &Ack) {
        let batch = Batch::decode(r#"{"Records":[{}]}"#.into()).unwrap();
        let mut seen = Seen::default();
        kept.see(&batch, rejected, is_kept, &mut seen);
        kept.settle(seen, ack);
    }

    #[test]
    fn other_sub_records_of_a_parent_are_new() {
        let kept = Kept::default();
        batch(&kept, &parents(&[&[1, 2]]), true, &Ack::Fail);
        assert_eq!(split(&kept, parents(&[&[1, 2], &[1, 2, 3], &[4]])), (1, 2));
    }

    #[test]
    fn record_that_was_not_written_is_new() {
        let kept = Kept::default();
        batch(&kept, &parents(&[&[1]]), false, &Ack::Fail);
        assert_eq!(split(&kept, parents(&[&[1]])), (0, 1));
    }

    /// Whether a sink rejects it again, or is not given it again.
    #[test]
    fn record_that_is_not_sent_again_is_forgotten() {
        for last in [parents(&[&[1]]), Rejected::default()] {
            let kept = Kept::default();
            batch(&kept, &parents(&[&[1]]), true, &Ack::Fail);
            batch(&kept, &last, true, &Ack::Success);
            assert_eq!(split(&kept, parents(&[&[1]])), (0, 1));
        }
    }
}
