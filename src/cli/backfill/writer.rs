//! The rows of one data file on their way into one target.

use std::sync::Arc;
use std::time::Duration;

use changefan_events::ChangeEvent;
use changefan_sinks::{
    Class, Deadline, ExportError, ExportObject, ExportPart, ExportStore, Failure, FinishedObject,
    Outcome, Sink,
};
use tokio::runtime::Handle;

use super::plan::{Held, Plan};
use super::target::{Receiver, Target};

/// The time for the events of one chunk, retries included.
const TIME_PER_CHUNK: Duration = Duration::from_secs(60);

/// Events that are delivered together to a sink without objects.
const EVENTS_PER_DELIVERY: usize = 1000;

/// Writes the rows of one data file to one target.
pub(super) enum Writer<'a> {
    Lake(Box<LakeWriter<'a>>),
    Stream { name: &'a str, sink: &'a Arc<dyn Sink>, written: Written },
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    /// Rows that the target holds.
    pub rows: u64,
    /// Objects, or deliveries to a sink without objects.
    pub objects: u64,
    /// Bytes of those objects.
    pub bytes: u64,
    /// Objects that were there already.
    pub present: u64,
}

impl Written {
    pub(super) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.present += other.present;
    }
}

/// Rows that cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error("sink {sink}")]
    Lake { sink: String, source: ExportError },
    #[error(
        "sink {sink} holds {found}, but the same rows make {made} now: another version or other \
         options made it; remove the objects below {folder} and start again"
    )]
    Conflict { sink: String, folder: String, found: String, made: String },
    #[error("sink {sink} did not accept {count} rows: {reason}")]
    Stream { sink: String, count: usize, reason: String },
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        target: &'a Target,
        index: usize,
        file: usize,
        plan: &'a Plan,
    ) -> Result<Self, WriteError> {
        let name = target.name.as_str();
        match &target.receiver {
            Receiver::Stream(sink) => Ok(Self::Stream { name, sink, written: Written::default() }),
            Receiver::Lake(store) => {
                let lake = Lake { name, store, held: &plan.held[index], folder: &plan.folder };
                let object = lake.object()?;
                let written = Written::default();
                Ok(Self::Lake(Box::new(LakeWriter { lake, file, part: 0, object, written })))
            }
        }
    }

    /// Writes rows. Returns those that the target will never accept.
    pub(super) fn write(
        &mut self,
        events: &[ChangeEvent],
        runtime: &Handle,
    ) -> Result<Vec<Failure>, WriteError> {
        match self {
            Self::Lake(lake) => {
                events.iter().try_for_each(|event| lake.write(event, runtime))?;
                Ok(Vec::new())
            }
            Self::Stream { name, sink, written } => {
                let mut rejected = Vec::new();
                for events in events.chunks(EVENTS_PER_DELIVERY) {
                    let events: Vec<_> = events.iter().collect();
                    let refused = runtime.block_on(deliver(name, &***sink, &events))?;
                    written.objects += 1;
                    written.rows += (events.len() - refused.len()) as u64;
                    rejected.extend(refused);
                }
                Ok(rejected)
            }
        }
    }

    /// Completes the file, which was read to its end and verified.
    pub(super) fn finish(self, runtime: &Handle) -> Result<Written, WriteError> {
        match self {
            Self::Stream { written, .. } => Ok(written),
            Self::Lake(mut lake) => {
                if lake.object.rows() > 0 {
                    lake.put(true, runtime)?;
                }
                Ok(lake.written)
            }
        }
    }
}

/// Delivers rows to a sink without objects. Returns those that it will never accept.
pub(super) async fn deliver(
    name: &str,
    sink: &dyn Sink,
    events: &[&ChangeEvent],
) -> Result<Vec<Failure>, WriteError> {
    let outcome: Outcome = sink.deliver(events, Deadline::after(TIME_PER_CHUNK)).await;
    let (rejected, failed): (Vec<_>, Vec<_>) = outcome
        .failures()
        .iter()
        .cloned()
        .partition(|failure| failure.cause.class() == Class::Rejected);
    match failed.first() {
        None => Ok(rejected),
        Some(first) => {
            let (sink, reason) = (name.to_owned(), first.reason());
            Err(WriteError::Stream { sink, count: failed.len(), reason })
        }
    }
}

/// A lake, and what it holds of the export.
#[derive(Clone, Copy)]
pub(super) struct Lake<'a> {
    pub name: &'a str,
    pub store: &'a ExportStore,
    pub held: &'a Held,
    pub folder: &'a str,
}

impl Lake<'_> {
    fn object(&self) -> Result<ExportObject, WriteError> {
        self.store.object().map_err(|source| self.error(source))
    }

    fn error(&self, source: ExportError) -> WriteError {
        WriteError::Lake { sink: self.name.to_owned(), source }
    }

    fn end(&self, part: &ExportPart, object: ExportObject) -> Result<FinishedObject, WriteError> {
        self.store.finish(self.folder, part, object).map_err(|source| self.error(source))
    }

    async fn put(&self, finished: FinishedObject) -> Result<(), WriteError> {
        self.store.put(finished).await.map_err(|source| self.error(source))
    }

    /// Writes the object of the row that closes the export, unless it is there.
    pub(super) async fn close(&self, snapshot: &ChangeEvent) -> Result<Written, WriteError> {
        let mut object = self.object()?;
        object.write(snapshot).map_err(|source| self.error(source))?;
        let finished = self.end(&ExportPart::Snapshot, object)?;
        if self.held.keys.contains(finished.key()) {
            return Ok(Written { present: 1, ..Written::default() });
        }
        let bytes = finished.size() as u64;
        self.put(finished).await?;
        Ok(Written { objects: 1, bytes, ..Written::default() })
    }
}

/// Cuts the rows of a file into objects.
pub(super) struct LakeWriter<'a> {
    lake: Lake<'a>,
    file: usize,
    part: usize,
    object: ExportObject,
    written: Written,
}

impl LakeWriter<'_> {
    /// An object is written when a further row arrives: only then is it known not to be the last.
    fn write(&mut self, event: &ChangeEvent, runtime: &Handle) -> Result<(), WriteError> {
        if self.object.is_full() {
            self.put(false, runtime)?;
        }
        self.object.write(event).map_err(|source| self.lake.error(source))
    }

    fn put(&mut self, is_last: bool, runtime: &Handle) -> Result<(), WriteError> {
        let next = self.lake.object()?;
        let object = std::mem::replace(&mut self.object, next);
        let (file, part, rows) = (self.file, self.part, object.rows());
        let finished = self.lake.end(&ExportPart::Rows { file, part, rows, is_last }, object)?;
        self.part += 1;
        self.written.rows += rows;
        if self.lake.held.keys.contains(finished.key()) {
            self.written.present += 1;
            return Ok(());
        }
        if let Some(found) = self.lake.held.conflict(file, part, finished.key()) {
            return Err(WriteError::Conflict {
                sink: self.lake.name.to_owned(),
                folder: self.lake.folder.to_owned(),
                found: found.to_owned(),
                made: finished.key().to_owned(),
            });
        }
        self.written.objects += 1;
        self.written.bytes += finished.size() as u64;
        runtime.block_on(self.lake.put(finished))
    }
}
