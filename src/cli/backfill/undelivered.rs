//! Items that were not delivered. The quarantine keeps them, if as many are accepted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use changefan_events::{DecodeError, ExportItems};
use changefan_sinks::{Deadline, Failure, Quarantine, QuarantinedRecord, describe};
use tokio::runtime::Handle;

use super::job::JobError;

/// The time for writing to the quarantine, retries included.
const TIME_TO_QUARANTINE: Duration = Duration::from_secs(60);

/// The items of an export that were not delivered.
pub(super) struct Undelivered {
    quarantine: Option<Quarantine>,
    accepted: u64,
    count: AtomicU64,
}

/// Lines that were decoded together.
pub(super) struct Chunk<'a> {
    /// The file, for messages.
    pub name: &'a str,
    /// The index of the first line in the file.
    pub first_line: usize,
    pub decoded: &'a ExportItems,
}

impl Undelivered {
    /// With what earlier runs did not deliver.
    pub(super) fn new(quarantine: Option<Quarantine>, accepted: u64, earlier: u64) -> Self {
        Self { quarantine, accepted, count: AtomicU64::new(earlier) }
    }

    /// Keeps items of a chunk, each as often as a target lacks it.
    ///
    /// # Errors
    ///
    /// There is no quarantine, or more items than are accepted.
    pub(super) fn keep(
        &self,
        rejected: &[QuarantinedRecord],
        chunk: &Chunk<'_>,
        runtime: &Handle,
    ) -> Result<(), JobError> {
        let items = count_items(rejected);
        let count = self.count.fetch_add(items, Ordering::Relaxed) + items;
        let Some(quarantine) = self.quarantine.as_ref().filter(|_| count <= self.accepted) else {
            let QuarantinedRecord { position, reason, .. } = &rejected[0];
            let item = format!("line {} of {}: {reason}", position + 1, chunk.name);
            return Err(JobError::Item { item });
        };
        let kept = quarantine.keep(rejected, None, Deadline::after(TIME_TO_QUARANTINE));
        runtime.block_on(kept).map_err(|source| {
            let location = quarantine.location().to_owned();
            JobError::Quarantine { location, source }
        })
    }
}

fn count_items(rejected: &[QuarantinedRecord]) -> u64 {
    let mut lines: Vec<_> = rejected.iter().map(|record| record.position).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.len() as u64
}

impl Chunk<'_> {
    /// The lines that are no items.
    pub(super) fn undecodable(&self) -> impl Iterator<Item = QuarantinedRecord> {
        self.decoded.undecodable.iter().map(|error: &DecodeError| QuarantinedRecord {
            reason: describe(&error.reason),
            sink: None,
            event_id: None,
            sequence_number: None,
            timestamp: None,
            position: self.first_line + error.position,
            sub_records: None,
            record: error.record().to_owned(),
        })
    }

    /// An item that a sink will never accept.
    pub(super) fn refused(&self, failure: &Failure, sink: &str) -> QuarantinedRecord {
        let event = &self.decoded.events[failure.ordinal];
        QuarantinedRecord {
            reason: failure.reason(),
            sink: Some(sink.to_owned()),
            event_id: Some(event.event_id().to_owned()),
            sequence_number: None,
            timestamp: event.timestamp().map(|timestamp| timestamp.to_string()),
            position: self.first_line + event.position(),
            sub_records: None,
            record: event.record().into_owned(),
        }
    }
}
