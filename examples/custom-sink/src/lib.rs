//! A sink that appends changes to a file, for example on an EFS volume.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use changefan::{
    Cause, ChangeEvent, Deadline, Encoder, OptionSpec, Ordering, Outcome, Registry, Sink, SinkType,
    async_trait,
};

/// Appends one line per change to a file.
pub struct Journal {
    path: PathBuf,
    encoder: Encoder,
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::required("PATH", "/mnt/journal/changes.jsonl", "file to append to"),
    OptionSpec::format("json"),
    OptionSpec::NUMBERS,
];

/// changefan's sinks and this one.
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.register(sink_type());
    registry
}

/// The declaration: `SINKS=journal JOURNAL_PATH=/mnt/journal/changes.jsonl`.
pub fn sink_type() -> SinkType {
    let build = |options: &changefan::Options, _: &changefan::Aws| {
        let journal = Journal { path: options.text("PATH").into(), encoder: options.encoder() };
        Ok(Box::new(journal) as Box<dyn Sink>)
    };
    SinkType::new("journal", build)
        .with_help("one line per change in a file")
        .with_options(OPTIONS)
        .with_ordering(Ordering::Total)
        .with_destination("{path}")
}

#[async_trait]
impl Sink for Journal {
    async fn deliver(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        if events.is_empty() {
            return Outcome::delivered();
        }
        let mut lines = String::new();
        for event in events {
            self.encoder.write(event, &mut lines);
            lines.push('\n');
        }
        let path = self.path.clone();
        // A volume may block, and a blocked thread would stop the other sinks.
        let written = tokio::task::spawn_blocking(move || append(path, &lines));
        match deadline.timeout(written).await {
            Some(Ok(Ok(()))) => Outcome::delivered(),
            Some(Ok(Err(error))) => Outcome::failed(events, cause(&error), error),
            Some(Err(error)) => Outcome::failed(events, Cause::Unknown, error),
            None => Outcome::failed(events, Cause::TimedOut, "the volume did not respond"),
        }
    }
}

/// The lines are durable when this returns.
fn append(path: PathBuf, lines: &str) -> io::Result<()> {
    let mut file = File::options().create(true).append(true).open(path)?;
    file.write_all(lines.as_bytes())?;
    file.sync_all()
}

/// A retry cannot create a missing folder or a permission: an operator is needed.
fn cause(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Cause::Denied,
        _ => Cause::Unavailable,
    }
}
