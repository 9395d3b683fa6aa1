//! Delivers a payload again, on behalf of a caller that keeps the records itself.

use std::collections::BTreeMap;
use std::slice;
use std::time::Duration;

use bytes::Bytes;
use changefan_events::{Batch, PayloadError};
use changefan_sinks::{Deadline, NamedSink, QuarantinedRecord, Status};
use futures_util::future::join_all;

use super::rejected::Rejected;
use super::{Handler, deliver};

/// What became of the records of a payload.
#[derive(Debug, Default)]
pub(crate) struct Redelivery {
    /// The number of records.
    pub records: usize,
    /// The number of events that each sink accepted.
    pub delivered: BTreeMap<String, usize>,
    /// The records that can never be delivered, one entry per record and sink.
    pub rejected: Vec<QuarantinedRecord>,
    /// The records that can be delivered later, one entry per record and sink.
    pub failed: Vec<QuarantinedRecord>,
}

impl Handler {
    /// Delivers a payload to all sinks, or to one of them, and reports every record that is not
    /// delivered. Nothing is written to the quarantine. Each piece of the payload has this much
    /// time.
    ///
    /// # Errors
    ///
    /// The payload is not a batch.
    ///
    /// # Panics
    ///
    /// There is no sink of that name.
    pub(crate) async fn redeliver(
        &self,
        payload: impl Into<Bytes>,
        sink: Option<&str>,
        time: Duration,
    ) -> Result<Redelivery, PayloadError> {
        let sinks = match sink {
            Some(name) => slice::from_ref(self.sink(name).expect("a configured sink")),
            None => self.config.sinks.as_slice(),
        };
        let mut piece = Batch::decode(payload.into())?;
        let mut redelivered = Redelivery { records: piece.record_count(), ..Redelivery::default() };
        loop {
            self.redeliver_piece(&piece, sinks, &mut redelivered, Deadline::after(time)).await;
            let Some(next) = piece.next_piece() else { return Ok(redelivered) };
            piece = next;
        }
    }

    /// The sink of a name.
    pub(crate) fn sink(&self, name: &str) -> Option<&NamedSink> {
        self.config.sinks.iter().find(|sink| sink.spec.name == name)
    }

    async fn redeliver_piece(
        &self,
        piece: &Batch,
        sinks: &[NamedSink],
        redelivered: &mut Redelivery,
        deadline: Deadline,
    ) {
        let (events, excluded) = self.config.allowed_sources.partition(&piece.events);
        let deliveries = sinks.iter().map(|sink| deliver(sink, &events, deadline));
        let deliveries = join_all(deliveries).await;
        for (sink, delivery) in sinks.iter().zip(&deliveries) {
            let accepted = |event: &&&_| delivery.outcome.status(event) == Status::Delivered;
            let count = events.iter().filter(accepted).count();
            *redelivered.delivered.entry(sink.spec.name.clone()).or_default() += count;
        }
        redelivered.rejected.extend(Rejected::collect(piece, &excluded, sinks, &deliveries).new);
        redelivered.failed.extend(Rejected::undelivered(piece, sinks, &deliveries));
    }
}
