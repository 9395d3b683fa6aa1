//! The path of a batch: decode, fan out, quarantine what nobody will take, and find what is left to be reported.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use changefan_events::{Batch, PayloadError};
use changefan_sinks::{Class, Deadline, Rejected, describe};

use crate::fan_out::fan_out;
use crate::{Config, Delivery};

/// The time that is kept back for the quarantine, at most a quarter of what is left.
const QUARANTINE_TIME: Duration = Duration::from_secs(3);

/// Processes batches, one after the other or several at once.
pub struct Handler {
    config: Config,
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
    pub sink: Option<String>,
    /// In a sentence.
    pub reason: String,
}

impl Handler {
    /// A handler for the sinks of a configuration.
    pub fn new(config: Config) -> Self {
        Handler { config }
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
        let deliveries = fan_out(&self.config.sinks, &batch.events, deadline.earlier(kept_back)).await;
        let rejected = rejected(&batch, &deliveries);
        let mut unhandled = undelivered(&batch, &deliveries);
        let quarantined = match self.quarantine(&rejected, deadline).await {
            Ok(()) => rejected,
            Err(problem) => {
                for Rejected { position, sink, reason, .. } in rejected {
                    unhandled.entry(position).or_insert(Unhandled { sink, reason: format!("{reason}; {problem}") });
                }
                Vec::new()
            }
        };
        let report = Report { batch, deliveries, quarantined, unhandled };
        report.log();
        Ok(report)
    }

    async fn quarantine(&self, rejected: &[Rejected], deadline: Deadline) -> Result<(), String> {
        match &self.config.quarantine {
            _ if rejected.is_empty() => Ok(()),
            Some(quarantine) => {
                let kept = quarantine.keep(rejected, deadline).await;
                kept.map_err(|error| format!("and the quarantine failed: {}", describe(error.as_ref())))
            }
            None => Err("set QUARANTINE to keep such records and go on".into()),
        }
    }
}

/// The records that could not be decoded, and those that a sink will never take.
fn rejected(batch: &Batch, deliveries: &[Delivery]) -> Vec<Rejected> {
    let undecodable = batch.undecodable.iter().map(|error| Rejected {
        record: error.record.to_string(),
        reason: describe(&error.reason),
        sink: None,
        event_id: error.event_id.clone(),
        sequence_number: error.sequence_number.clone(),
        timestamp: None,
        position: error.position,
    });
    let refused = failures(deliveries).filter(|(_, failure)| failure.cause.class() == Class::Rejected);
    let refused = refused.map(|(sink, failure)| {
        let event = &batch.events[failure.index];
        Rejected {
            record: batch.record(event.position()).to_owned(),
            reason: format!("{}: {}", failure.cause, describe(failure.source.as_ref())),
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
    for (sink, failure) in failures(deliveries).filter(|(_, failure)| failure.cause.class() != Class::Rejected) {
        unhandled.entry(batch.events[failure.index].position()).or_insert_with(|| Unhandled {
            sink: Some(sink.to_owned()),
            reason: format!("{}: {}", failure.cause, describe(failure.source.as_ref())),
        });
    }
    unhandled
}

fn failures(deliveries: &[Delivery]) -> impl Iterator<Item = (&str, &changefan_sinks::Failure)> {
    deliveries.iter().flat_map(|delivery| {
        let failures = delivery.result.as_ref().err().map(|error| error.failures()).unwrap_or_default();
        failures.iter().map(|failure| (delivery.sink.as_str(), failure))
    })
}

impl Report {
    /// The first record that is not handled: its position, and why.
    pub fn first_unhandled(&self) -> Option<(usize, &Unhandled)> {
        self.unhandled.first_key_value().map(|(position, unhandled)| (*position, unhandled))
    }

    /// Counts and identifiers, never contents.
    fn log(&self) {
        for Delivery { sink, result, elapsed } in &self.deliveries {
            let (milliseconds, events) = (elapsed.as_millis() as u64, self.batch.events.len());
            match result {
                Ok(()) => tracing::debug!(sink, delivered = events, milliseconds, "delivered"),
                Err(error) => {
                    let failed = error.failures().len();
                    let reason = describe(error);
                    tracing::warn!(
                        sink,
                        delivered = events - failed,
                        failed,
                        milliseconds,
                        reason,
                        "not all delivered"
                    );
                }
            }
        }
        for rejected in &self.quarantined {
            let Rejected { sink, reason, event_id, sequence_number, .. } = rejected;
            tracing::warn!(sink, reason, event_id, sequence_number, "record quarantined");
        }
        if let Some((position, Unhandled { sink, reason })) = self.first_unhandled() {
            let identifier = self.batch.identifier(position);
            tracing::error!(
                position,
                identifier,
                sink,
                reason,
                unhandled = self.unhandled.len(),
                "first unhandled record"
            );
        }
        let (records, events, undecodable) =
            (self.batch.record_count(), self.batch.events.len(), self.batch.undecodable.len());
        let (quarantined, unhandled) = (self.quarantined.len(), self.unhandled.len());
        tracing::info!(records, events, undecodable, quarantined, unhandled, "batch processed");
    }
}
