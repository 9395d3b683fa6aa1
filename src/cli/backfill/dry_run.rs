//! What a backfill would do, estimated from the beginning of one file.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use changefan_sinks::{ExportObject, ExportStore};
use indicatif::ProgressBar;
use tokio::task::spawn_blocking;

use super::data_file::Lines;
use super::job::{Job, JobError};
use super::summary::size;
use super::target::Receiver;
use crate::cli::store::StoreError;

/// What was learned from the beginning of a file.
struct Sample {
    /// Bytes read, compressed.
    bytes: u64,
    /// Bytes of text that its rows make.
    text: u64,
    time: Duration,
}

/// Prints what would be done. Writes nothing to any sink.
pub(super) async fn print(job: Arc<Job>, workers: Option<NonZeroUsize>) -> Result<(), JobError> {
    let (manifest, plan) = (&job.manifest, &job.plan);
    println!("export {} of table {}, {}", job.export.id(), job.export.table(), manifest.time);
    println!("- {} items in {} files", manifest.item_count, manifest.files.len());
    println!("- to read: {} files, {}", plan.pending.len(), size(plan.size()));
    let sample = match largest(&job) {
        Some(file) => Some(sample(&job, file).await?),
        None => None,
    };
    for (index, target) in job.targets.iter().enumerate() {
        let name = &target.name;
        match &target.receiver {
            Receiver::Lake(_) => {
                let held = &plan.held[index];
                let puts = puts(&job, sample.as_ref(), index);
                let snapshot = u64::from(!held.has_snapshot);
                println!(
                    "- {name}: {} objects present below {}, about {} PUT requests",
                    held.keys.len(),
                    plan.folder,
                    puts + snapshot
                );
            }
            Receiver::Stream(_) => {
                println!(
                    "- {name}: {} events, delivered again by every run",
                    manifest.item_count + 1
                );
            }
        }
    }
    if let Some(sample) = sample {
        println!("- about {}", time(&job, &sample, workers));
    }
    Ok(())
}

/// The index of the largest pending file.
fn largest(job: &Job) -> Option<usize> {
    job.plan.pending.iter().max_by_key(|(_, size)| size).map(|&(index, _)| index)
}

/// Reads a file until its rows fill one object.
async fn sample(job: &Arc<Job>, file: usize) -> Result<Sample, JobError> {
    let job = Arc::clone(job);
    spawn_blocking(move || job.sample(file)).await?
}

impl Job {
    fn sample(&self, file: usize) -> Result<Sample, JobError> {
        let start = Instant::now();
        let file = &self.manifest.files[file];
        let name = self.source.name(&file.name);
        let read = |error| StoreError::of_read(&name, error);
        let bar = ProgressBar::hidden();
        let reader = bar.wrap_read(self.source.open(&file.name)?);
        let mut lines = Lines::new(reader).map_err(read)?;
        let mut object = match self.targets.iter().find_map(|target| target.lake()) {
            Some(store) => store.object().ok(),
            None => None,
        };
        let mut text = 0;
        while let Some(chunk) = lines.next().map_err(read)? {
            text += chunk.len() as u64;
            let decoded = self.export.decode(chunk);
            let decoded =
                decoded.map_err(|source| JobError::Text { name: name.clone(), source })?;
            let Some(object) = &mut object else { continue };
            for event in &decoded.events {
                // An error of the compressor occurs again in the run itself.
                let _ = object.write(event);
            }
            if object.is_full() {
                break;
            }
        }
        let text = object.as_ref().map_or(text, |object| object.text_size() as u64);
        Ok(Sample { bytes: bar.position(), text, time: start.elapsed() })
    }
}

impl super::target::Target {
    fn lake(&self) -> Option<&ExportStore> {
        match &self.receiver {
            Receiver::Lake(store) => Some(store),
            Receiver::Stream(_) => None,
        }
    }
}

/// Objects that a lake lacks.
fn puts(job: &Job, sample: Option<&Sample>, target: usize) -> u64 {
    let Some(sample) = sample.filter(|sample| sample.bytes > 0) else { return 0 };
    let files = job.plan.pending.iter().filter(|&&(index, _)| {
        job.plan.held[target].complete_rows(index).is_none()
            && job.manifest.files[index].item_count > 0
    });
    let objects = files.map(|(_, size)| {
        let text = size * sample.text / sample.bytes;
        text.div_ceil(ExportObject::TEXT_SIZE as u64).max(1)
    });
    objects.sum()
}

fn time(job: &Job, sample: &Sample, workers: Option<NonZeroUsize>) -> String {
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    let workers = workers.map_or(cores, NonZeroUsize::get).min(job.plan.pending.len().max(1));
    let parallel = workers.min(cores) as f64;
    let bytes = sample.bytes.max(1) as f64;
    let seconds = job.plan.size() as f64 / bytes * sample.time.as_secs_f64() / parallel;
    let (minutes, seconds) = (seconds as u64 / 60, seconds.ceil() as u64 % 60);
    match minutes {
        0 => format!("{} s with {workers} workers, without the time for uploads", seconds.max(1)),
        _ => format!(
            "{minutes} min {seconds} s with {workers} workers, without the time for uploads"
        ),
    }
}
