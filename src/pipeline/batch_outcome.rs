//! What became of a batch: counts, and the first reasons. Its size does not grow with the number of
//! events.

use std::sync::Arc;
use std::time::Duration;

use changefan_events::{Batch, ChangeEvent, Timestamp, Trigger};
use changefan_sinks::{Class, Failure, NamedSink, Status};

use super::Delivery;
use super::rejected::Rejected;
use crate::ack::Ack;

/// The most notes about single records.
const MAX_NOTES: usize = 10;

/// What became of a batch. The reply, logs, metrics and the command line read it.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchOutcome {
    /// What invoked the function.
    pub trigger: Trigger,
    /// The number of records.
    pub records: usize,
    /// The number of events that were decoded.
    pub events: usize,
    /// The number of records and sub-records that could not be decoded.
    pub undecodable: usize,
    /// What became of the events at each sink.
    pub sinks: Vec<SinkOutcome>,
    /// The number of records in the quarantine, those included that were kept when the source sent
    /// them before.
    pub quarantined: usize,
    /// The positions of the records that are not processed, in their order: the source must send
    /// them again.
    pub unprocessed: Vec<usize>,
    /// The first of them.
    pub first_unprocessed: Option<Unprocessed>,
    /// The first few records that were quarantined or are not processed, and why.
    pub notes: Vec<Note>,
    /// The time of the last event.
    pub last_timestamp: Option<Timestamp>,
    /// The sequence numbers of the first and the last record, if they have any.
    pub sequence_numbers: (Option<String>, Option<String>),
    /// The JSON text of a tumbling window's state.
    pub window_state: Option<String>,
    /// How the source continues.
    pub ack: Ack,
}

/// What became of the events at one sink.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SinkOutcome {
    /// The sink's name.
    pub name: String,
    /// Where it delivers to, in words.
    pub destination: String,
    /// Events that it accepted now.
    pub delivered: usize,
    /// Events that it accepted when the source sent them before.
    pub already_delivered: usize,
    /// Events that a filter excluded.
    pub skipped: usize,
    /// Events that it did not accept, without those in the quarantine.
    pub failed: usize,
    /// Events that it rejected and that are kept in the quarantine.
    pub quarantined: usize,
    /// How many times an event was delivered again.
    pub retried: usize,
    /// Bytes of the records that it accepted, before they were encoded.
    pub bytes: usize,
    /// Time of the delivery, retries and waits included.
    pub elapsed: Duration,
    /// Its first failure, and the sequence numbers of the first and the last event that failed.
    pub failure: Option<(Failure, Option<String>, Option<String>)>,
}

/// A record that is not processed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unprocessed {
    /// Its position in the batch.
    pub position: usize,
    /// The identifier that the source expects in a partial batch response.
    pub identifier: Option<String>,
    /// The sink that did not accept it; `None` if no sink received it.
    pub sink: Option<String>,
    /// Why, in one line.
    pub reason: String,
}

/// A record that was quarantined or is not processed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// Its position in the batch.
    pub position: usize,
    /// Whether it is in the quarantine.
    pub quarantined: bool,
    /// The sink that did not accept it.
    pub sink: Option<String>,
    /// Its `eventID`.
    pub event_id: Option<String>,
    /// Its sequence number.
    pub sequence_number: Option<String>,
    /// Why, in one line.
    pub reason: String,
}

impl BatchOutcome {
    pub(super) fn new(batch: &Batch, sinks: &[NamedSink]) -> Self {
        let sink = |sink: &NamedSink| SinkOutcome {
            name: sink.spec.name.clone(),
            destination: sink.destination.clone(),
            ..SinkOutcome::default()
        };
        Self {
            trigger: batch.trigger,
            records: batch.record_count(),
            events: 0,
            undecodable: 0,
            sinks: sinks.iter().map(sink).collect(),
            quarantined: 0,
            unprocessed: Vec::new(),
            first_unprocessed: None,
            notes: Vec::new(),
            last_timestamp: None,
            sequence_numbers: (None, None),
            window_state: batch.window_state.as_deref().map(str::to_owned),
            ack: Ack::Success,
        }
    }

    /// Adds what became of a piece at all sinks.
    pub(super) fn add(
        &mut self,
        piece: &Batch,
        events: &[&ChangeEvent],
        sinks: &[NamedSink],
        deliveries: &[Delivery],
    ) {
        self.events += piece.events.len();
        self.undecodable += piece.undecodable.len();
        let timestamp = piece.events.iter().rev().find_map(ChangeEvent::timestamp);
        self.last_timestamp = timestamp.or(self.last_timestamp);
        let number = |event: &ChangeEvent| event.sequence_number().map(str::to_owned);
        let (first, last) = &mut self.sequence_numbers;
        if first.is_none() {
            *first = piece.events.first().and_then(number);
        }
        *last = piece.events.last().and_then(number).or(last.take());
        for (index, delivery) in deliveries.iter().enumerate() {
            self.sinks[index].add(events, delivery);
            self.add_failures(piece, &sinks[index].spec.name, delivery);
        }
        self.sort();
    }

    /// Rejected events are not included: they are kept, or [`add_not_kept`](Self::add_not_kept)
    /// adds them.
    fn add_failures(&mut self, piece: &Batch, sink: &str, delivery: &Delivery) {
        // Events mostly fail together: the reason is put into words once.
        let mut described: Option<(&Failure, String)> = None;
        let failures = delivery.outcome.failures().iter();
        for failure in failures.filter(|failure| failure.cause.class() != Class::Rejected) {
            let event = &piece.events[failure.ordinal];
            let reason = match described.take() {
                Some((same, reason)) if Arc::ptr_eq(&same.source, &failure.source) => reason,
                _ => failure.reason(),
            };
            let sequence_number = event.sequence_number();
            let ids = (Some(event.event_id()), sequence_number);
            self.add_unprocessed(piece, event.position(), Some(sink), &reason, ids);
            described = Some((failure, reason));
        }
    }

    /// Adds rejected records that the quarantine does not keep.
    pub(super) fn add_not_kept(&mut self, piece: &Batch, rejected: &Rejected, reason: &str) {
        for record in &rejected.new {
            let reason = format!("{}; {reason}", record.reason);
            let ids = (record.event_id.as_deref(), record.sequence_number.as_deref());
            self.add_unprocessed(piece, record.position, record.sink.as_deref(), &reason, ids);
        }
        self.sort();
        self.quarantined += rejected.known.len();
    }

    /// Adds rejected records that the quarantine keeps.
    pub(super) fn add_kept(&mut self, rejected: &Rejected) {
        self.quarantined += rejected.new.len() + rejected.known.len();
        for record in &rejected.new {
            self.add_note(Note {
                position: record.position,
                quarantined: true,
                sink: record.sink.clone(),
                event_id: record.event_id.clone(),
                sequence_number: record.sequence_number.clone(),
                reason: record.reason.clone(),
            });
        }
    }

    /// Adds the records of pieces that the deadline left no time for.
    pub(super) fn add_not_begun(&mut self, piece: &Batch) {
        let reason = "the deadline passed before the record was decoded";
        for position in piece.positions().start..self.records {
            self.add_unprocessed(piece, position, None, reason, (None, None));
        }
        self.sort();
    }

    fn sort(&mut self) {
        self.unprocessed.sort_unstable();
        self.unprocessed.dedup();
    }

    fn add_unprocessed(
        &mut self,
        piece: &Batch,
        position: usize,
        sink: Option<&str>,
        reason: &str,
        (event_id, sequence_number): (Option<&str>, Option<&str>),
    ) {
        if self.first_unprocessed.as_ref().is_none_or(|first| position < first.position) {
            self.first_unprocessed = Some(Unprocessed {
                position,
                identifier: piece.identifier(position).map(str::to_owned),
                sink: sink.map(str::to_owned),
                reason: reason.to_owned(),
            });
        }
        self.unprocessed.push(position);
        self.add_note(Note {
            position,
            quarantined: false,
            sink: sink.map(str::to_owned),
            event_id: event_id.map(str::to_owned),
            sequence_number: sequence_number.map(str::to_owned),
            reason: reason.to_owned(),
        });
    }

    fn add_note(&mut self, note: Note) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        }
    }
}

impl SinkOutcome {
    fn add(&mut self, events: &[&ChangeEvent], delivery: &Delivery) {
        let Delivery { outcome, elapsed } = delivery;
        self.already_delivered += outcome.already_delivered();
        self.skipped += outcome.skipped();
        self.quarantined += outcome.quarantined();
        self.failed += outcome.failures().len();
        self.retried += outcome.retried();
        self.elapsed += *elapsed;
        for event in events.iter().filter(|event| outcome.status(event) == Status::Delivered) {
            self.delivered += 1;
            self.bytes += event.record_size();
        }
        let mut failed = events.iter().filter(|event| outcome.status(event) == Status::Failed);
        if let (Some(first), None) = (failed.next(), &self.failure) {
            let number = |event: &ChangeEvent| event.sequence_number().map(str::to_owned);
            let last = failed.next_back().unwrap_or(first);
            self.failure =
                outcome.failure(first).map(|it| (it.clone(), number(first), number(last)));
        }
    }
}
