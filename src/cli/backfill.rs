//! `changefan backfill`: the items of a table's exports, through the lakes among the sinks.

mod data_file;
mod dry_run;
mod job;
mod keys;
mod manifest;
mod plan;
mod source;
mod summary;
mod target;
mod undelivered;
mod writer;

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

use changefan_events::{Export, InvalidExport, SnapshotCounts};
use changefan_sinks::{Aws, ExportStore, describe};

use super::interrupt::{INTERRUPTED, Interrupt};
use super::store::{Location, StoreError};
use super::terminal::printable;
use crate::Config;
use job::{Job, JobError};
use keys::KeysError;
use manifest::{Manifest, ManifestError};
use plan::{Plan, PlanError};
use source::Source;
use summary::Summary;
use target::Target;

/// The arguments of `changefan backfill`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Exports to read, in this order: s3://bucket/prefix/AWSDynamoDB/ID or a local folder.
    #[arg(required = true, value_name = "EXPORT", value_parser = Location::parse)]
    exports: Vec<Location>,
    /// Sinks of SINKS to write to [default: every s3 and file sink]. A sink of another type keeps
    /// no record of what it received: an export that is read again is delivered again.
    #[arg(long = "sink", value_name = "NAME")]
    sinks: Vec<String>,
    /// Key attributes of the table, the partition key first [default: as DynamoDB's DescribeTable
    /// returns them].
    #[arg(long, value_name = "PK[,SK]", value_delimiter = ',')]
    keys: Vec<String>,
    /// Files to read at the same time [default: one per core].
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
    /// Write the SNAPSHOT although up to N items were not delivered and are kept in QUARANTINE.
    #[arg(long, value_name = "N", default_value_t = 0)]
    accept_missing: u64,
    /// First part of the keys of the exports' objects.
    #[arg(long, value_name = "PREFIX", default_value = "exports/", value_parser = inside)]
    exports_prefix: String,
    /// Print what would be done, how long it takes and how many requests it makes. Writes nothing.
    #[arg(long)]
    dry_run: bool,
}

/// A prefix of keys, which can also be those of files in a folder.
fn inside(prefix: &str) -> Result<String, &'static str> {
    if ExportStore::accepts_prefix(prefix) {
        Ok(prefix.to_owned())
    } else {
        Err("expected a path without `..` that does not begin with a slash")
    }
}

/// Why an export is not complete.
#[derive(Debug, thiserror::Error)]
enum BackfillError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Export(#[from] InvalidExport),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Job(#[from] JobError),
}

impl BackfillError {
    fn is_interruption(&self) -> bool {
        match self {
            Self::Store(error)
            | Self::Manifest(ManifestError::Store(error))
            | Self::Job(JobError::Store(error)) => matches!(error, StoreError::Interrupted),
            _ => false,
        }
    }
}

/// Reads exports through the selected sinks and prints a summary of each.
pub(super) async fn backfill(config: &Config, aws: &Aws, arguments: &Arguments) -> ExitCode {
    let targets = match target::select(&config.sinks, &arguments.sinks) {
        Ok(targets) => targets,
        Err(error) => {
            print_error(&error);
            return ExitCode::from(2);
        }
    };
    let interrupt = Interrupt::listen();
    for location in &arguments.exports {
        let run = Run { config, aws, arguments, targets: &targets, interrupt: &interrupt };
        if let Err(error) = run.export(location).await {
            print_error(&error);
            eprintln!(
                "{} is not complete: run the same command again to continue",
                printable(&location.to_string())
            );
            return if error.is_interruption() {
                ExitCode::from(INTERRUPTED)
            } else {
                ExitCode::FAILURE
            };
        }
    }
    ExitCode::SUCCESS
}

fn print_error(error: &(dyn std::error::Error + 'static)) {
    eprintln!("error: {}", printable(&describe(error)));
}

/// What all exports of a run share.
struct Run<'a> {
    config: &'a Config,
    aws: &'a Aws,
    arguments: &'a Arguments,
    targets: &'a [Target],
    interrupt: &'a Interrupt,
}

impl Run<'_> {
    /// Reads one export to its end and closes it.
    async fn export(&self, location: &Location) -> Result<(), BackfillError> {
        let source = Source::new(location, self.aws, self.interrupt);
        let manifest = Manifest::read(&source).await?;
        let keys = keys::keys(&self.arguments.keys, &manifest, self.aws).await?;
        let export = Export::new(&manifest.arn, manifest.time, keys)?;
        let sizes = source.data_sizes().await?;
        let prefix = &self.arguments.exports_prefix;
        let plan = Plan::new(prefix, &export, &manifest, &sizes, self.targets).await?;
        let job = Arc::new(Job::new(source, export, manifest, plan, self));
        if self.arguments.dry_run {
            return Ok(dry_run::print(job, self.arguments.workers).await?);
        }
        let workers = self.arguments.workers.or_else(|| available_parallelism().ok());
        let written = job.run(workers.map_or(1, NonZeroUsize::get)).await?;
        let mut summary = Summary::new(&job, &written);
        for (index, target) in self.targets.iter().enumerate() {
            let items = written.rows(index);
            let counts = self.counts(&job, items)?;
            let snapshot = job.export.snapshot(counts);
            summary.add(job.close(index, target, &snapshot).await?, target, counts);
        }
        summary.print();
        Ok(())
    }

    /// What the SNAPSHOT of a target says.
    fn counts(&self, job: &Job, items: u64) -> Result<SnapshotCounts, JobError> {
        let missing = job.manifest.item_count - items;
        let accepted = self.arguments.accept_missing;
        if missing > accepted {
            return Err(JobError::Missing { missing, accepted });
        }
        let files = job.manifest.files.len();
        // Without missing items, the same export makes the same row whatever was accepted.
        let accepted = (missing > 0).then_some(accepted);
        Ok(SnapshotCounts { files, items, missing, accepted })
    }
}
