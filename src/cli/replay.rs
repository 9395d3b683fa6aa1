//! `changefan replay`: files through the same path as the function.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::Duration;

use changefan_events::PayloadError;
use changefan_sinks::{Aws, Deadline, describe};
use indicatif::ProgressBar;

use super::input::{InputError, Payloads, open};
use super::progress::progress_bar;
use super::store::{Bucket, Location, Store, StoreError};
use super::terminal::printable;
use crate::{BatchOutcome, Handler};

/// The time for one batch, retries included.
pub(super) const TIME_PER_BATCH: Duration = Duration::from_secs(60);

/// Input of at least this many bytes gets a progress bar on a terminal.
const WORTH_A_BAR: u64 = 4 * 1024 * 1024;

/// The most reasons that are printed; further ones are counted.
pub(super) const MAX_REASONS: usize = 5;

/// Why a replay ends early.
#[derive(Debug, thiserror::Error)]
enum ReplayError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot store {name} in the folder for temporary files")]
    Temporary { name: String, source: io::Error },
    #[error("there is no object at {0}")]
    Nothing(String),
    #[error("{} cannot be replayed", path.display())]
    Payload { path: PathBuf, source: PayloadError },
}

/// What became of all records.
#[derive(Default)]
struct Summary {
    records: usize,
    delivered: BTreeMap<String, usize>,
    quarantined: usize,
    unprocessed: usize,
    reasons: Vec<String>,
}

/// Replays files and objects and prints a summary. True when every record was delivered to every
/// sink.
pub(super) async fn replay(handler: &Handler, aws: &Aws, files: &[PathBuf]) -> bool {
    let bar = progress_of(files);
    let mut summary = Summary::default();
    for sink in &handler.config().sinks {
        summary.delivered.insert(sink.spec.name.clone(), 0);
    }
    let mut result = Ok(());
    for path in files {
        result = match s3(path) {
            Some((bucket, key)) => {
                replay_objects(handler, &Bucket::new(&bucket, aws), &key, &bar, &mut summary).await
            }
            None => match open(path) {
                Ok(file) => replay_file(handler, path, file, &bar, &mut summary).await,
                Err(error) => Err(error.into()),
            },
        };
        if result.is_err() {
            break;
        }
    }
    bar.finish_and_clear();
    summary.print();
    if let Err(error) = &result {
        eprintln!("error: {}", printable(&describe(error)));
    }
    result.is_ok() && summary.unprocessed + summary.quarantined == 0
}

/// Bucket and key of an S3 URI.
fn s3(path: &Path) -> Option<(String, String)> {
    match Location::parse(path.to_str()?) {
        Ok(Location::S3 { bucket, key }) => Some((bucket, key)),
        _ => None,
    }
}

/// Replays one object, or with a key that is empty or ends with `/` those below it, in the order of
/// their keys.
async fn replay_objects(
    handler: &Handler,
    bucket: &Bucket,
    key: &str,
    bar: &ProgressBar,
    summary: &mut Summary,
) -> Result<(), ReplayError> {
    let is_prefix = key.is_empty() || key.ends_with('/');
    let keys: Vec<_> = match is_prefix {
        true => bucket.list(key).await?.into_iter().map(|object| object.key).collect(),
        false => vec![key.to_owned()],
    };
    if keys.is_empty() {
        return Err(ReplayError::Nothing(bucket.name(key)));
    }
    for key in &keys {
        let file = download(bucket, key).await?;
        bar.inc_length(file.metadata().map(|metadata| metadata.len()).unwrap_or_default());
        replay_file(handler, Path::new(&bucket.name(key)), file, bar, summary).await?;
    }
    Ok(())
}

/// An object as a temporary file without a name: memory is bounded at any size, and nothing
/// of an object is delivered that changes or ends early while it is read.
async fn download(bucket: &Bucket, key: &str) -> Result<File, ReplayError> {
    let error = |source| ReplayError::Temporary { name: bucket.name(key), source };
    let mut file = tempfile::tempfile().map_err(error)?;
    bucket.read(key, None, &mut file).await?;
    file.rewind().map_err(error)?;
    Ok(file)
}

async fn replay_file(
    handler: &Handler,
    path: &Path,
    file: impl Read,
    bar: &ProgressBar,
    summary: &mut Summary,
) -> Result<(), ReplayError> {
    for payload in Payloads::new(path, bar.wrap_read(file))? {
        let handled = handler.handle(payload?, Deadline::after(TIME_PER_BATCH)).await;
        let outcome =
            handled.map_err(|source| ReplayError::Payload { path: path.into(), source })?;
        summary.add(path, &outcome);
    }
    Ok(())
}

/// A bar for the local files, if they are worth it.
fn progress_of(files: &[PathBuf]) -> ProgressBar {
    let size =
        |path: &PathBuf| std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default();
    match files.iter().map(size).sum() {
        0..WORTH_A_BAR => ProgressBar::hidden(),
        bytes => progress_bar(bytes),
    }
}

impl Summary {
    fn add(&mut self, path: &Path, outcome: &BatchOutcome) {
        for sink in &outcome.sinks {
            *self.delivered.entry(sink.name.clone()).or_default() += sink.delivered;
        }
        for note in &outcome.notes {
            let sink = note.sink.iter().map(|sink| format!("sink {sink}: "));
            let fate = note.quarantined.then(|| "quarantined: ".to_owned());
            let reason: String =
                fate.into_iter().chain(sink).chain([note.reason.clone()]).collect();
            self.add_reason(path, self.records + note.position, &reason);
        }
        self.records += outcome.records;
        self.quarantined += outcome.quarantined;
        self.unprocessed += outcome.unprocessed.len();
    }

    fn add_reason(&mut self, path: &Path, record: usize, reason: &str) {
        if self.reasons.len() < MAX_REASONS {
            self.reasons.push(format!("record {} ({}): {reason}", record + 1, path.display()));
        }
    }

    fn print(&self) {
        let delivered: Vec<_> = self
            .delivered
            .iter()
            .map(|(sink, events)| format!("{} to {sink}", count(*events, "change")))
            .collect();
        eprintln!("{} replayed: {}", count(self.records, "record"), delivered.join(", "));
        if self.unprocessed + self.quarantined > 0 {
            let fates = [(self.unprocessed, "not delivered"), (self.quarantined, "quarantined")];
            let fates = fates.iter().filter(|(records, _)| *records > 0);
            let fates: Vec<_> = fates
                .map(|(records, fate)| format!("{} {fate}", count(*records, "record")))
                .collect();
            eprintln!("{}:", fates.join(", "));
            self.reasons.iter().for_each(|reason| eprintln!("- {}", printable(reason)));
            let further = (self.unprocessed + self.quarantined).saturating_sub(self.reasons.len());
            if further > 0 {
                eprintln!("- and {further} more");
            }
        }
    }
}

pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
