//! The path of a batch: decode, fan out, quarantine what nobody will take, and find what is left to be reported.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use changefan_events::{Batch, PayloadError, Trigger};
use changefan_sinks::{Class, Deadline, Failure, Rejected, describe};

use crate::fan_out::fan_out;
use crate::memory::{Memory, Tail};
use crate::{Config, Delivery, logging};

/// The time that is kept back for the quarantine, at most a quarter of what is left.
const QUARANTINE_TIME: Duration = Duration::from_secs(3);

/// Processes batches, one after the other or several at once.
pub struct Handler {
    config: Config,
    memory: Memory,
}

/// What became of a batch.
#[derive(Debug)]
pub struct Report {
    /// The batch itself.
    pub batch: Batch,
    /// What became of it at each sink.
    pub deliveries: Vec<Delivery>,
    /// The records that are kept in the quarantine.
    pub quarantined: Vec<Rejected>,
    /// The records that are not handled, by their position: the caller must send them again.
    pub unhandled: BTreeMap<usize, Unhandled>,
}

/// Why a record is not handled: the first reason that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Unhandled {
    /// The sink that did not take it; `None` when it could not be decoded.
    pub sink: Option<Arc<str>>,
    /// In a sentence. Records that failed together share it.
    pub reason: Arc<str>,
}

impl Handler {
    /// A handler for the sinks of a configuration.
    pub fn new(config: Config) -> Self {
        Handler { config, memory: Memory::default() }
    }

    /// What it was configured with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Takes the payload of an invocation through all sinks. It is done by the deadline.
    ///
    /// # Errors
    ///
    /// The payload is no batch. Whatever else goes wrong is in the report.
    pub async fn handle(&self, payload: Bytes, deadline: Deadline) -> Result<Report, PayloadError> {
        let batch = Batch::decode(payload)?;
        let kept_back = match self.config.quarantine {
            Some(_) => QUARANTINE_TIME.min(deadline.remaining() / 4),
            None => Duration::ZERO,
        };
        let tail = self.memory.recall(&batch.events);
        let deliveries =
            fan_out(&self.config.sinks, &batch.events, &tail, deadline.earlier(kept_back)).await;
        let rejected = rejected(&batch, &deliveries);
        let mut unhandled = undelivered(&batch, &deliveries);
        let quarantined = match self.quarantine(&rejected, deadline).await {
            Ok(()) => rejected,
            Err(problem) => {
                for Rejected { position, sink, reason, .. } in rejected {
                    let (sink, reason) =
                        (sink.map(Arc::from), format!("{reason}; {problem}").into());
                    unhandled.entry(position).or_insert(Unhandled { sink, reason });
                }
                Vec::new()
            }
        };
        let report = Report { batch, deliveries, quarantined, unhandled };
        self.remember(&report, tail);
        logging::report(&report);
        Ok(report)
    }

    /// Keeps in mind what the sinks have of the records that will come again.
    fn remember(&self, report: &Report, tail: Tail) {
        let events = &report.batch.events;
        let first =
            match (report.first_unhandled(), report.checkpoint(self.config.partial_batch_response))
            {
                (None, _) => events.len(),
                (Some((position, _)), Some(_)) => {
                    events.partition_point(|event| event.position() < position)
                }
                (Some(_), None) => 0,
            };
        // What a sink rejected is taken care of once the quarantine has it.
        let kept = |failure: &Failure| {
            failure.cause.class() == Class::Rejected && !report.quarantined.is_empty()
        };
        let taken =
            |event| report.deliveries.iter().map(|it| it.failure(event).is_none_or(kept)).collect();
        self.memory.remember(tail.after(events, first, taken));
    }

    async fn quarantine(&self, rejected: &[Rejected], deadline: Deadline) -> Result<(), String> {
        match &self.config.quarantine {
            _ if rejected.is_empty() => Ok(()),
            Some(quarantine) => {
                let kept = quarantine.keep(rejected, deadline).await;
                kept.map_err(|error| {
                    format!("and the quarantine failed: {}", describe(error.as_ref()))
                })
            }
            None => Err("set QUARANTINE to keep such records and go on".into()),
        }
    }
}

/// The records that could not be decoded, and those that a sink will never take.
fn rejected(batch: &Batch, deliveries: &[Delivery]) -> Vec<Rejected> {
    let undecodable = batch.undecodable.iter().map(|error| Rejected {
        record: error.record().to_owned(),
        reason: describe(&error.reason),
        sink: None,
        event_id: error.event_id().map(String::from),
        sequence_number: error.sequence_number().map(String::from),
        timestamp: None,
        position: error.position,
    });
    let refused =
        failures(deliveries).filter(|(_, failure)| failure.cause.class() == Class::Rejected);
    let refused = refused.map(|(sink, failure)| {
        let event = &batch.events[failure.index];
        Rejected {
            record: batch.record(event.position()).to_owned(),
            reason: failure.reason(),
            sink: Some(sink.to_owned()),
            event_id: Some(event.event_id().to_owned()),
            sequence_number: event.sequence_number().map(String::from),
            timestamp: event.timestamp().map(|timestamp| timestamp.to_string()),
            position: event.position(),
        }
    });
    undecodable.chain(refused).collect()
}

/// The records that a sink may still take.
fn undelivered(batch: &Batch, deliveries: &[Delivery]) -> BTreeMap<usize, Unhandled> {
    let mut unhandled = BTreeMap::new();
    for delivery in deliveries {
        let sink: Arc<str> = delivery.sink.as_str().into();
        // Whole batches fail together, close to the deadline: the reason is put into words once.
        let mut told: Option<(&Failure, Arc<str>)> = None;
        for failure in
            delivery.failures.iter().filter(|failure| failure.cause.class() != Class::Rejected)
        {
            let reason = match told.take() {
                Some((same, reason)) if Arc::ptr_eq(&same.source, &failure.source) => reason,
                _ => failure.reason().into(),
            };
            told = Some((failure, Arc::clone(&reason)));
            let position = batch.events[failure.index].position();
            unhandled
                .entry(position)
                .or_insert_with(|| Unhandled { sink: Some(Arc::clone(&sink)), reason });
        }
    }
    unhandled
}

fn failures(deliveries: &[Delivery]) -> impl Iterator<Item = (&str, &Failure)> {
    deliveries.iter().flat_map(|delivery| {
        delivery.failures.iter().map(|failure| (delivery.sink.as_str(), failure))
    })
}

impl Report {
    /// The first record that is not handled: its position, and why.
    pub fn first_unhandled(&self) -> Option<(usize, &Unhandled)> {
        self.unhandled.first_key_value().map(|(position, unhandled)| (*position, unhandled))
    }

    /// What the caller calls the first record that is not handled, if it reads such a reply: it sends the batch again from
    /// there on. Without it the invocation must fail, and the whole batch comes again.
    pub fn checkpoint(&self, partial_batch_response: bool) -> Option<&str> {
        let (position, _) = self.first_unhandled()?;
        let reads = partial_batch_response && self.batch.trigger != Trigger::Direct;
        self.batch.identifier(position).filter(|identifier| reads && !identifier.is_empty())
    }
}
