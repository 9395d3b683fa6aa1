//! The records that go to the quarantine: one entry per record and sink, however many of an
//! aggregate's sub-records are rejected.

use changefan_events::{Batch, ChangeEvent, DecodeError};
use changefan_sinks::{Class, NamedSink, QuarantinedRecord, RejectedSubRecord, describe};

use super::Delivery;

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
