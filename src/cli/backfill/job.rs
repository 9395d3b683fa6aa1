//! The files of an export, read by several workers.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use changefan_events::{ChangeEvent, Export, ExportItems, NotText};
use changefan_sinks::BoxError;
use indicatif::ProgressBar;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::Run;
use super::data_file::{Lines, line_feeds};
use super::manifest::Manifest;
use super::plan::{Held, Plan};
use super::source::Source;
use super::target::{Receiver, Target};
use super::undelivered::{Chunk, Undelivered};
use super::writer::{Lake, WriteError, Writer, Written, deliver};
use crate::cli::interrupt::Interrupt;
use crate::cli::progress::progress_bar;
use crate::cli::store::StoreError;

/// An export that is being read.
pub(super) struct Job {
    pub source: Source,
    pub export: Export,
    pub manifest: Manifest,
    pub plan: Plan,
    pub targets: Vec<Target>,
    pub interrupt: Interrupt,
    undelivered: Undelivered,
    /// The index among the pending files of the next one to read.
    next: AtomicUsize,
}

/// Why reading ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum JobError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{name} is not text")]
    Text { name: String, source: NotText },
    #[error(
        "{name} has MD5 {found}, expected {expected}: copy it again, or export the table again"
    )]
    Checksum { name: String, found: String, expected: String },
    #[error("{name} has {found} items, expected {expected} according to the manifest")]
    ItemCount { name: String, found: u64, expected: u64 },
    #[error(
        "an item was not delivered: {item}; set QUARANTINE and --accept-missing to keep such items \
         and close the export without them"
    )]
    Item { item: String },
    #[error("{missing} items are not delivered, and --accept-missing is {accepted}")]
    Missing { missing: u64, accepted: u64 },
    #[error("items cannot be written to the quarantine at {location}")]
    Quarantine { location: String, source: BoxError },
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("a worker failed")]
    Worker(#[from] tokio::task::JoinError),
}

/// What all workers wrote, by target.
#[derive(Debug)]
pub(super) struct Delivered(pub Vec<Written>);

impl Delivered {
    /// Rows that the target holds.
    pub(super) fn rows(&self, target: usize) -> u64 {
        self.0[target].rows
    }
}

impl Job {
    pub(super) fn new(
        source: Source,
        export: Export,
        manifest: Manifest,
        plan: Plan,
        run: &Run<'_>,
    ) -> Self {
        let missing = missing(&manifest, &plan);
        let (quarantine, accepted) = (run.config.quarantine.clone(), run.arguments.accept_missing);
        Self {
            source,
            export,
            manifest,
            plan,
            targets: run.targets.to_vec(),
            interrupt: run.interrupt.clone(),
            undelivered: Undelivered::new(quarantine, accepted, missing),
            next: AtomicUsize::new(0),
        }
    }

    /// Reads all pending files. Returns what each target holds and what was written for that.
    pub(super) async fn run(self: &Arc<Self>, workers: usize) -> Result<Delivered, JobError> {
        let bar = progress_bar(self.plan.size());
        let runtime = Handle::current();
        let workers: Vec<_> = (0..workers.min(self.plan.pending.len()))
            .map(|_| {
                let (job, runtime, bar) = (Arc::clone(self), runtime.clone(), bar.clone());
                spawn_blocking(move || job.work(&runtime, &bar))
            })
            .collect();
        let mut delivered = Ok(self.held());
        for worker in workers {
            let written = worker.await.map_err(JobError::from).and_then(|written| written);
            delivered = first_error(delivered, written);
        }
        bar.finish_and_clear();
        delivered.map(Delivered)
    }

    /// Rows of the files that are not read again.
    fn held(&self) -> Vec<Written> {
        let pending: HashSet<_> = self.plan.pending.iter().map(|&(index, _)| index).collect();
        let files: Vec<_> =
            (0..self.manifest.files.len()).filter(|index| !pending.contains(index)).collect();
        let rows = |held: &Held| files.iter().filter_map(|&file| held.complete_rows(file)).sum();
        let held = self.plan.held.iter();
        held.map(|held| Written { rows: rows(held), ..Written::default() }).collect()
    }

    /// Reads files until none is left. The first error stops all workers.
    fn work(&self, runtime: &Handle, bar: &ProgressBar) -> Result<Vec<Written>, JobError> {
        let mut written = vec![Written::default(); self.targets.len()];
        while let Some(&(index, _)) =
            self.plan.pending.get(self.next.fetch_add(1, Ordering::Relaxed))
        {
            let file = self.file(index, runtime, bar);
            let file = file.inspect_err(|_| self.interrupt.request())?;
            written.iter_mut().zip(file).for_each(|(sum, file)| sum.add(file));
        }
        Ok(written)
    }

    /// Reads one file into every target.
    fn file(
        &self,
        index: usize,
        runtime: &Handle,
        bar: &ProgressBar,
    ) -> Result<Vec<Written>, JobError> {
        let file = &self.manifest.files[index];
        let name = self.source.name(&file.name);
        let read = |error| StoreError::of_read(&name, error);
        let mut lines = Lines::new(bar.wrap_read(self.source.open(&file.name)?)).map_err(read)?;
        let mut writers = self.writers(index)?;
        let (mut items, mut first_line) = (0, 0);
        while let Some(chunk) = lines.next().map_err(read)? {
            if self.interrupt.is_requested() {
                return Err(StoreError::Interrupted.into());
            }
            let count = line_feeds(&chunk);
            let decoded = self.decode(chunk, &name, first_line)?;
            items += (decoded.events.len() + decoded.undecodable.len()) as u64;
            let chunk = Chunk { name: &name, first_line, decoded: &decoded };
            self.write(&mut writers, &chunk, runtime)?;
            first_line += count;
        }
        let (found, expected) = (lines.md5(), file.md5.clone());
        if found != expected {
            return Err(JobError::Checksum { name, found, expected });
        }
        if items != file.item_count {
            let expected = file.item_count;
            return Err(JobError::ItemCount { name, found: items, expected });
        }
        let finished = writers.into_iter().map(|writer| writer.finish(runtime));
        Ok(finished.collect::<Result<_, _>>()?)
    }

    fn writers(&self, file: usize) -> Result<Vec<Writer<'_>>, WriteError> {
        let targets = self.targets.iter().enumerate();
        targets.map(|(index, target)| Writer::new(target, index, file, &self.plan)).collect()
    }

    fn decode(&self, lines: Bytes, name: &str, first: usize) -> Result<ExportItems, JobError> {
        self.export.decode(lines).map_err(|NotText { line }| JobError::Text {
            name: name.to_owned(),
            source: NotText { line: first + line },
        })
    }

    fn write(
        &self,
        writers: &mut [Writer<'_>],
        chunk: &Chunk<'_>,
        runtime: &Handle,
    ) -> Result<(), JobError> {
        let mut rejected: Vec<_> = chunk.undecodable().collect();
        for (writer, target) in writers.iter_mut().zip(&self.targets) {
            let refused = writer.write(&chunk.decoded.events, runtime)?;
            rejected.extend(refused.iter().map(|failure| chunk.refused(failure, &target.name)));
        }
        if rejected.is_empty() {
            return Ok(());
        }
        self.undelivered.keep(&rejected, chunk, runtime)
    }

    /// Delivers the event that closes the export.
    pub(super) async fn close(
        &self,
        index: usize,
        target: &Target,
        snapshot: &ChangeEvent,
    ) -> Result<Written, JobError> {
        match &target.receiver {
            Receiver::Lake(store) => {
                let (name, held) = (target.name.as_str(), &self.plan.held[index]);
                let lake = Lake { name, store, held, folder: &self.plan.folder };
                Ok(lake.close(snapshot).await?)
            }
            Receiver::Stream(sink) => {
                match deliver(&target.name, &**sink, &[snapshot]).await?.first() {
                    None => Ok(Written { objects: 1, ..Written::default() }),
                    Some(failure) => {
                        let (sink, reason) = (target.name.clone(), failure.reason());
                        Err(WriteError::Stream { sink, count: 1, reason }.into())
                    }
                }
            }
        }
    }
}

/// Items that an earlier run did not deliver: files that every target holds are not read again.
fn missing(manifest: &Manifest, plan: &Plan) -> u64 {
    let files = manifest.files.iter().enumerate();
    let missing = files.filter_map(|(index, file)| {
        let rows = plan.held.iter().map(|held| held.complete_rows(index));
        let fewest = rows.collect::<Option<Vec<_>>>()?.into_iter().min()?;
        file.item_count.checked_sub(fewest)
    });
    missing.sum()
}

/// Adds what a worker wrote. An interruption is often the consequence of another worker's
/// error, which counts.
fn first_error(
    delivered: Result<Vec<Written>, JobError>,
    written: Result<Vec<Written>, JobError>,
) -> Result<Vec<Written>, JobError> {
    match (delivered, written) {
        (Ok(mut delivered), Ok(written)) => {
            delivered.iter_mut().zip(written).for_each(|(sum, written)| sum.add(written));
            Ok(delivered)
        }
        (Err(JobError::Store(StoreError::Interrupted)), Err(error)) | (Ok(_), Err(error)) => {
            Err(error)
        }
        (Err(error), _) => Err(error),
    }
}
