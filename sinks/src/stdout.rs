//! `stdout`: one line per event on standard output, which Lambda sends to the function's log group.

use std::fmt;
use std::io::{self, Write};

use async_trait::async_trait;
use changefan_events::{ChangeEvent, Encoder, Output};
use tokio::sync::Mutex;

use crate::batch::NO_RESPONSE;
use crate::writer::Writer;
use crate::{
    Aws, Cause, ConfigIssue, Deadline, OptionSpec, Options, Ordering, Outcome, Sink, SinkType,
    embedded_metrics,
};

/// Writes one line per event.
///
/// A pipe whose reader has stopped reading blocks its writer indefinitely, so a dedicated thread
/// writes: other sinks and the deadline are not affected.
pub struct Stdout {
    encoder: Encoder,
    writer: Mutex<Writer>,
}

const OPTIONS: &[OptionSpec] = &[OptionSpec::format("log"), OptionSpec::NUMBERS];

/// Bytes per write: twice the capacity of a pipe. Each write wakes the thread that writes. Larger
/// pieces take as long.
const PIECE: usize = 128 * 1024;

pub(crate) fn sink_type() -> SinkType {
    SinkType::new("stdout", build)
        .with_help("one line per event; Lambda sends it to the function's log group")
        .with_options(OPTIONS)
        .with_ordering(Ordering::Total)
        .with_recommended_batch_size(10_000)
}

fn build(options: &Options, _: &Aws) -> Result<Box<dyn Sink>, ConfigIssue> {
    Ok(Box::new(Stdout::new(options.encoder(), io::stdout())))
}

impl Stdout {
    /// Writes to `out` instead of standard output.
    pub fn new(encoder: Encoder, out: impl Write + Send + 'static) -> Self {
        Self { encoder, writer: Mutex::new(Writer::new(out)) }
    }
}

impl fmt::Debug for Stdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdout").field("encoder", &self.encoder).finish_non_exhaustive()
    }
}

#[async_trait]
impl Sink for Stdout {
    async fn deliver(&self, events: &[&ChangeEvent], deadline: Deadline) -> Outcome {
        let mut outcome = Outcome::delivered();
        let Some(mut writer) = deadline.timeout(self.writer.lock()).await else {
            return Outcome::failed(events, Cause::TimedOut, NO_RESPONSE);
        };
        let mut piece = Output::with_capacity(PIECE + PIECE / 4);
        let mut first = 0;
        for (index, event) in events.iter().enumerate() {
            match embedded_metrics::refusal(event, self.encoder.format) {
                Some((cause, reason)) => outcome.fail(event, cause, reason),
                None => {
                    self.encoder.append(event, &mut piece);
                    piece.push(b'\n');
                }
            }
            if piece.len() < PIECE && index + 1 < events.len() {
                continue;
            }
            let written = deadline.timeout(writer.write(&mut piece)).await;
            if let Some((cause, error)) = failure(written) {
                outcome.fail_all(&events[first..], cause, error);
                break;
            }
            first = index + 1;
        }
        outcome
    }
}

fn failure(written: Option<io::Result<()>>) -> Option<(Cause, io::Error)> {
    match written {
        Some(Ok(())) => None,
        // A reader that has ended, as `head` does, does not return.
        Some(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Some((Cause::Denied, error))
        }
        Some(Err(error)) => Some((Cause::Unavailable, error)),
        None => Some((Cause::TimedOut, io::ErrorKind::TimedOut.into())),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use changefan_events::Format;

    use super::*;
    use crate::fixtures::{refs, removals};

    /// Accepts this many bytes and no more.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let accepted = self.0.min(bytes.len());
            self.0 -= accepted;
            if accepted == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(accepted) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn lines_written_before_a_failure_are_delivered() {
        let events = removals(2000);
        let mut text = String::new();
        let fits = events.iter().position(|event| {
            Encoder::from(Format::Json).write(event, &mut text);
            text.push('\n');
            text.len() >= PIECE
        });
        let sink = Stdout::new(Encoder::from(Format::Json), Full(PIECE + 1000));
        let deadline = Deadline::after(Duration::from_secs(9));
        let outcome = sink.deliver(&refs(&events), deadline).await;
        let failed: Vec<_> = outcome.failures().iter().map(|it| it.ordinal).collect();
        assert_eq!(failed, (fits.unwrap() + 1..2000).collect::<Vec<_>>());
    }
}
