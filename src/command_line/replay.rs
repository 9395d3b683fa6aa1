//! `changefan replay`: files through the same path as the function.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use changefan_events::PayloadError;
use changefan_sinks::{Deadline, describe};
use indicatif::{ProgressBar, ProgressStyle};

use super::input::{InputError, Payloads};
use crate::{Handler, Report};

/// The time for one batch, retries included: somebody may be waiting.
const TIME_PER_BATCH: Duration = Duration::from_secs(60);

/// Input of at least this many bytes gets a progress bar, if somebody is looking.
const WORTH_A_BAR: u64 = 4 * 1024 * 1024;

/// How many reasons are told before the rest is only counted.
const REASONS_TOLD: usize = 5;

/// What ends a replay before its end.
#[derive(Debug, thiserror::Error)]
enum ReplayError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("{} cannot be replayed", path.display())]
    Payload { path: PathBuf, source: PayloadError },
}

/// What became of all records.
#[derive(Default)]
struct Summary {
    records: usize,
    delivered: BTreeMap<String, usize>,
    quarantined: usize,
    unhandled: usize,
    reasons: Vec<String>,
}

/// Replays files and prints a summary. True when every record was delivered to every sink.
pub(super) async fn replay(handler: &Handler, files: &[PathBuf]) -> bool {
    let bar = progress_bar(files);
    let mut summary = Summary::default();
    for sink in &handler.config().sinks {
        summary.delivered.insert(sink.entry.name.clone(), 0);
    }
    let mut result = Ok(());
    for path in files {
        result = replay_file(handler, path, &bar, &mut summary).await;
        if result.is_err() {
            break;
        }
    }
    bar.finish_and_clear();
    summary.print();
    if let Err(error) = &result {
        eprintln!("error: {}", describe(error));
    }
    result.is_ok() && summary.unhandled + summary.quarantined == 0
}

async fn replay_file(
    handler: &Handler,
    path: &Path,
    bar: &ProgressBar,
    summary: &mut Summary,
) -> Result<(), ReplayError> {
    let watch = |file: Box<dyn Read>| -> Box<dyn Read> { Box::new(bar.wrap_read(file)) };
    for payload in Payloads::open(path, watch)? {
        let report = handle(handler, payload?).await;
        summary.add(
            path,
            &report.map_err(|source| ReplayError::Payload { path: path.into(), source })?,
        );
    }
    Ok(())
}

async fn handle(handler: &Handler, payload: Bytes) -> Result<Report, PayloadError> {
    handler.handle(payload, Deadline::after(TIME_PER_BATCH)).await
}

fn progress_bar(files: &[PathBuf]) -> ProgressBar {
    let size =
        |path: &PathBuf| std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default();
    let bytes = files.iter().map(size).sum();
    if bytes < WORTH_A_BAR || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Summary {
    fn add(&mut self, path: &Path, report: &Report) {
        for delivery in &report.deliveries {
            *self.delivered.entry(delivery.sink.clone()).or_default() += delivery.delivered;
        }
        for (position, unhandled) in &report.unhandled {
            let sink =
                unhandled.sink.as_deref().map(|sink| format!("sink {sink}: ")).unwrap_or_default();
            self.tell(path, self.records + position, &format!("{sink}{}", unhandled.reason));
        }
        for rejected in &report.quarantined {
            self.tell(
                path,
                self.records + rejected.position,
                &format!("quarantined: {}", rejected.reason),
            );
        }
        self.records += report.batch.record_count();
        self.quarantined += report.quarantined.len();
        self.unhandled += report.unhandled.len();
    }

    fn tell(&mut self, path: &Path, record: usize, reason: &str) {
        if self.reasons.len() < REASONS_TOLD {
            self.reasons.push(format!("record {} ({}): {reason}", record + 1, path.display()));
        }
    }

    fn print(&self) {
        let delivered: Vec<_> = self
            .delivered
            .iter()
            .map(|(sink, events)| format!("{sink} took {}", count(*events, "change")))
            .collect();
        eprintln!("{} replayed: {}", count(self.records, "record"), delivered.join(", "));
        if self.unhandled + self.quarantined > 0 {
            let fates = [(self.unhandled, "not delivered"), (self.quarantined, "quarantined")];
            let fates = fates.iter().filter(|(records, _)| *records > 0);
            let fates: Vec<_> = fates
                .map(|(records, fate)| format!("{} {fate}", count(*records, "record")))
                .collect();
            eprintln!("{}:", fates.join(", "));
            self.reasons.iter().for_each(|reason| eprintln!("- {reason}"));
            let untold = (self.unhandled + self.quarantined).saturating_sub(self.reasons.len());
            if untold > 0 {
                eprintln!("- and {untold} more");
            }
        }
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
