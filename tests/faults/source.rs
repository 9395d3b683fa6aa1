//! A stream that a mapping or a pipe reads, as they are documented. It does not know the function:
//! it returns payloads and receives the end of the invocation.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;

use super::answer::{Answer, Ended, read};
use super::record::Record;

/// Who reads the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    /// An event source mapping: `{"Records":[…]}`, identified by sequence number.
    Mapping,
    /// EventBridge Pipes: a bare array, identified by event id.
    Pipe,
}

/// The settings of a mapping or of a pipe. Both have an on-failure destination that keeps the
/// payload.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    pub trigger: Trigger,
    pub batch_size: usize,
    /// `BisectBatchOnFunctionError`, or `AUTOMATIC_BISECT`.
    pub bisect: bool,
    /// `MaximumRetryAttempts`; `None` for no limit.
    pub max_retries: Option<u32>,
    /// `MaximumRecordAgeInSeconds`, but counted in invocations since the batch was first delivered,
    /// so that a test does not wait.
    pub max_age: Option<u64>,
    /// `ReportBatchItemFailures`.
    pub reads_failures: bool,
    /// Whether the rest of a batch is filled up with later records before it is sent again. This is
    /// not documented, so both must be safe.
    pub refills: bool,
}

/// The stream, and how far it was read.
pub(super) struct Source {
    pub mapping: Mapping,
    shards: Vec<Shard>,
    /// What the on-failure destination holds.
    pub given_up: Vec<GivenUp>,
    /// The number of invocations so far.
    now: u64,
}

struct Shard {
    records: Vec<Record>,
    /// What must be processed before later records are read: the rest of a failed batch, in order.
    parts: VecDeque<Part>,
    /// Where the next batch starts.
    next: usize,
    /// For each record, the end of the longest batch that held it.
    reach: Vec<usize>,
}

/// A batch, or a part of one.
#[derive(Clone, Debug)]
struct Part {
    records: Range<usize>,
    retries: u32,
    since: u64,
}

/// A batch that was given up, as the on-failure destination keeps it.
#[derive(Debug)]
pub(super) struct GivenUp {
    pub condition: &'static str,
    pub shard: usize,
    pub records: Range<usize>,
    /// Of the first and the last record.
    pub sequence_numbers: (String, String),
    pub payload: Bytes,
    /// Whether the destination still has it.
    pub is_kept: bool,
}

impl Source {
    pub(super) fn new(mapping: Mapping, shards: Vec<Vec<Record>>) -> Self {
        let shard = |records: Vec<Record>| {
            let reach = vec![0; records.len()];
            Shard { records, parts: VecDeque::new(), next: 0, reach }
        };
        Self {
            mapping,
            shards: shards.into_iter().map(shard).collect(),
            given_up: Vec::new(),
            now: 0,
        }
    }

    /// All records, shard by shard, in their order.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.shards.iter().flat_map(|shard| &shard.records)
    }

    /// The end, within its shard, of the longest batch that held each record, in the same order.
    pub(super) fn reach(&self) -> Vec<usize> {
        self.shards.iter().flat_map(|shard| shard.reach.iter().copied()).collect()
    }

    /// The shards that are not read to their end.
    pub(super) fn busy(&self) -> Vec<usize> {
        let left = |shard: &Shard| !shard.parts.is_empty() || shard.next < shard.records.len();
        (0..self.shards.len()).filter(|&shard| left(&self.shards[shard])).collect()
    }

    /// The number of records that are neither processed nor given up.
    pub(super) fn left(&self) -> usize {
        let in_parts =
            |shard: &Shard| shard.parts.iter().map(|part| part.records.len()).sum::<usize>();
        self.shards.iter().map(|shard| shard.records.len() - shard.next + in_parts(shard)).sum()
    }

    /// The payload of a shard's next invocation; `None` if that batch has become too old and was
    /// given up.
    pub(super) fn hand_over(&mut self, shard: usize) -> Option<Bytes> {
        self.now += 1;
        let (now, size) = (self.now, self.mapping.batch_size);
        let part = self.shards[shard].front(size, now);
        if self.mapping.max_age.is_some_and(|age| now - part.since > age) {
            self.shards[shard].parts.pop_front();
            self.give_up(shard, part.records, "RecordAgeExceeded");
            return None;
        }
        self.shards[shard].note_reach(&part.records);
        Some(self.payload(shard, part.records))
    }

    /// Records how the invocation for a shard ended.
    pub(super) fn settle(&mut self, shard: usize, ended: &Ended) {
        let Some(part) = self.shards[shard].parts.pop_front() else { return };
        let answer =
            read(ended, self.mapping.reads_failures, &self.identifiers(shard, &part.records));
        match answer {
            Answer::Success => {}
            // What precedes the record is processed: it is the checkpoint. With bisect on, the
            // batch is split there, which uses no retries.
            Answer::From(position) if position > 0 => {
                let rest =
                    Part { records: part.records.start + position..part.records.end, ..part };
                if self.mapping.bisect {
                    self.shards[shard].parts.push_front(rest);
                } else {
                    self.retry(shard, rest);
                }
            }
            // A failure at the first record is a failure of the whole batch.
            Answer::From(_) | Answer::Whole if self.mapping.bisect && part.records.len() > 1 => {
                self.halve(shard, part);
            }
            Answer::From(_) | Answer::Whole => self.retry(shard, part),
        }
    }

    fn halve(&mut self, shard: usize, part: Part) {
        let middle = part.records.start + part.records.len() / 2;
        let second = Part { records: middle..part.records.end, ..part };
        let first = Part { records: part.records.start..middle, ..part };
        self.shards[shard].parts.push_front(second);
        self.shards[shard].parts.push_front(first);
    }

    fn retry(&mut self, shard: usize, part: Part) {
        let part = Part { retries: part.retries + 1, ..part };
        if self.mapping.max_retries.is_some_and(|most| part.retries > most) {
            self.give_up(shard, part.records, "RetryAttemptsExhausted");
        } else if self.mapping.refills {
            self.shards[shard].refill(part, self.mapping.batch_size);
        } else {
            self.shards[shard].parts.push_front(part);
        }
    }

    fn give_up(&mut self, shard: usize, records: Range<usize>, condition: &'static str) {
        let payload = self.payload(shard, records.clone());
        let number = |index: usize| self.shards[shard].records[index].sequence.clone();
        let sequence_numbers = (number(records.start), number(records.end - 1));
        let is_kept = true;
        let given_up = GivenUp { condition, shard, records, sequence_numbers, payload, is_kept };
        self.given_up.push(given_up);
    }

    fn identifiers(&self, shard: usize, records: &Range<usize>) -> Vec<&str> {
        self.shards[shard].records[records.clone()]
            .iter()
            .map(|record| self.identifier(record))
            .collect()
    }

    fn identifier<'a>(&self, record: &'a Record) -> &'a str {
        match self.mapping.trigger {
            Trigger::Mapping => &record.sequence,
            Trigger::Pipe => &record.id,
        }
    }

    fn payload(&self, shard: usize, records: Range<usize>) -> Bytes {
        let texts: Vec<_> =
            self.shards[shard].records[records].iter().map(|record| record.text.as_str()).collect();
        let texts = texts.join(",");
        match self.mapping.trigger {
            Trigger::Mapping => format!(r#"{{"Records":[{texts}]}}"#).into(),
            Trigger::Pipe => format!("[{texts}]").into(),
        }
    }
}

impl Shard {
    /// The next part, which is a new batch if the old one is processed.
    fn front(&mut self, size: usize, now: u64) -> Part {
        if self.parts.is_empty() {
            let end = (self.next + size).min(self.records.len());
            self.parts.push_back(Part { records: self.next..end, retries: 0, since: now });
            self.next = end;
        }
        self.parts[0].clone()
    }

    fn refill(&mut self, part: Part, size: usize) {
        let mut records = part.records.clone();
        if self.parts.is_empty() {
            records.end = records.end.max((records.start + size).min(self.records.len()));
            self.next = records.end;
        }
        self.parts.push_front(Part { records, ..part });
    }

    fn note_reach(&mut self, records: &Range<usize>) {
        let reached = &mut self.reach[records.clone()];
        reached.iter_mut().for_each(|end| *end = records.end.max(*end));
    }
}
