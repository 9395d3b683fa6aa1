//! `stdout`: one line per event on standard output, which Lambda sends to the function's log group.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Acquire;

use async_trait::async_trait;
use changefan_events::{ChangeEvent, Encoder, Format};
use tokio::sync::Mutex;

use crate::batch::NO_RESPONSE;
use crate::writer::{Lines, Writer};
use crate::{
    Aws, Cause, ConfigIssue, Deadline, OptionSpec, Options, Ordering, Outcome, Sink, SinkType,
    embedded_metrics,
};

/// Writes one line per event.
///
/// A pipe whose reader has stopped reading blocks its writer indefinitely, so a dedicated thread
/// encodes and writes: other sinks and the deadline are not affected.
pub struct Stdout {
    encoder: Encoder,
    writer: Mutex<Writer>,
}

const OPTIONS: &[OptionSpec] = &[OptionSpec::format("log"), OptionSpec::NUMBERS];

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
        let accepted = accepted(events, self.encoder.format, &mut outcome);
        let written = Arc::new(AtomicUsize::new(0));
        let lines = Lines {
            events: accepted.iter().copied().cloned().collect(),
            encoder: self.encoder,
            written: Arc::downgrade(&written),
        };
        let result = deadline.timeout(writer.write(lines)).await;
        if let Some((cause, error)) = failure(result) {
            outcome.fail_all(&accepted[written.load(Acquire)..], cause, error);
        }
        outcome
    }
}

/// The events that may be written; the others fail.
fn accepted<'a>(
    events: &[&'a ChangeEvent],
    format: Format,
    outcome: &mut Outcome,
) -> Vec<&'a ChangeEvent> {
    let mut accepted = Vec::with_capacity(events.len());
    for event in events {
        match embedded_metrics::refusal(event, format) {
            Some((cause, reason)) => outcome.fail(event, cause, reason),
            None => accepted.push(*event),
        }
    }
    accepted
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
    use std::panic::AssertUnwindSafe;
    use std::sync::atomic::Ordering::AcqRel;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::*;
    use crate::fixtures::{refs, removals};
    use crate::writer::PIECE;

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

    /// Counts writes. The second one panics, or blocks until its sender is dropped.
    struct Second(Option<Receiver<()>>, Arc<AtomicUsize>);

    impl Write for Second {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match &self.0 {
                _ if self.1.fetch_add(1, AcqRel) != 1 => {}
                Some(blocked) => drop(blocked.recv()),
                None => panic!("planted"),
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// How many of the events are in the first piece.
    fn first_piece(events: &[ChangeEvent]) -> usize {
        let mut text = String::new();
        let last = events.iter().position(|event| {
            Encoder::from(Format::Json).write(event, &mut text);
            text.push('\n');
            text.len() >= PIECE
        });
        last.unwrap() + 1
    }

    fn failed(outcome: &Outcome) -> Vec<usize> {
        outcome.failures().iter().map(|it| it.ordinal).collect()
    }

    #[tokio::test]
    async fn lines_written_before_a_failure_are_delivered() {
        let events = removals(2000);
        let sink = Stdout::new(Encoder::from(Format::Json), Full(PIECE + 1000));
        let deadline = Deadline::after(Duration::from_secs(9));
        let outcome = sink.deliver(&refs(&events), deadline).await;
        assert_eq!(failed(&outcome), (first_piece(&events)..2000).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn lines_written_before_the_deadline_are_delivered() {
        let events = removals(2000);
        let refs = refs(&events);
        let ((release, blocked), writes) = (channel(), Arc::new(AtomicUsize::new(0)));
        let out = Second(Some(blocked), Arc::clone(&writes));
        let sink = Stdout::new(Encoder::from(Format::Json), out);
        let outcome = sink.deliver(&refs, Deadline::after(Duration::from_millis(500))).await;
        let first = first_piece(&events);
        assert_eq!(failed(&outcome), (first..2000).collect::<Vec<_>>());
        drop(release);
        // Of what was not delivered, nothing is written but the piece that was blocked.
        assert!(2 * first < 2000, "there is a third piece");
        let deadline = Deadline::after(Duration::from_secs(9));
        assert!(sink.deliver(&refs[..1], deadline).await.is_success());
        assert_eq!(writes.load(Acquire), 3);
    }

    #[tokio::test]
    async fn panic_of_the_thread_is_one_of_its_delivery_only() {
        let events = removals(2000);
        let sink = Stdout::new(Encoder::from(Format::Json), Second(None, Arc::default()));
        let deadline = Deadline::after(Duration::from_secs(9));
        let refs = refs(&events);
        let delivery = AssertUnwindSafe(sink.deliver(&refs, deadline)).catch_unwind();
        let panic = delivery.await.expect_err("a panic");
        assert_eq!(panic.downcast_ref(), Some(&"planted"));
        assert!(sink.deliver(&refs, deadline).await.is_success());
    }
}
