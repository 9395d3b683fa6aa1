//! `stdout`: a line an event on standard output, which Lambda sends to the function's log group.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use changefan_events::{ChangeEvent, Encoder, Format};

use crate::error::Failures;
use crate::{Aws, Cause, Deadline, DeliveryError, Options, Sink};

/// Writes a line an event.
pub struct Stdout<W> {
    format: Encoder,
    out: Mutex<W>,
}

impl<W: Write + Send> Stdout<W> {
    /// Writes to `out` instead of standard output.
    pub fn new(format: Encoder, out: W) -> Self {
        Stdout { format, out: Mutex::new(out) }
    }
}

pub(crate) fn build(options: &mut Options, _: &Aws) -> Box<dyn Sink> {
    Box::new(Stdout::new(options.encoder(Format::Log), io::stdout()))
}

/// A reader that has gone, as `head` does, does not come back.
fn cause(error: &io::Error) -> Cause {
    if error.kind() == io::ErrorKind::BrokenPipe { Cause::Denied } else { Cause::Unavailable }
}

/// How much is written at once, in bytes: what a pipe holds. The lines of a whole batch would take memory for nothing.
const PIECE: usize = 64 * 1024;

#[async_trait]
impl<W: Write + Send> Sink for Stdout<W> {
    async fn deliver(&self, events: &[ChangeEvent], _: Deadline) -> Result<(), DeliveryError> {
        // A panic while writing leaves at worst a broken line behind; the next one starts anew.
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut written, mut failures) = (0, Failures::default());
        if let Err(error) = self.write(events, &mut *out, &mut written) {
            failures.add(written..events.len(), cause(&error), error);
        }
        failures.into_result()
    }
}

impl<W: Write> Stdout<W> {
    /// Writes lines and counts the events whose lines were written.
    fn write(&self, events: &[ChangeEvent], out: &mut W, written: &mut usize) -> io::Result<()> {
        let mut piece = String::with_capacity(2 * PIECE);
        for (index, event) in events.iter().enumerate() {
            self.format.write(event, &mut piece);
            piece.push('\n');
            if piece.len() >= PIECE || index + 1 == events.len() {
                out.write_all(piece.as_bytes())?;
                out.flush()?;
                piece.clear();
                *written = index + 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use changefan_events::Batch;

    use super::*;

    /// Takes so many bytes and no more.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = self.0.min(bytes.len());
            self.0 -= taken;
            if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_was_written_before_a_failure_is_not_written_again() {
        let record = r#"{"eventID":"1","eventName":"REMOVE","eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"1"}}"#;
        let batch = Batch::decode(format!("[{}]", vec![record; 2000].join(",")).into()).unwrap();
        let mut line = String::new();
        Encoder::from(Format::Json).write(&batch.events[0], &mut line);
        let in_a_piece = PIECE.div_ceil(line.len() + 1);
        let sink = Stdout::new(Encoder::from(Format::Json), Full(PIECE + 1000));
        let error = sink
            .deliver(&batch.events, Deadline::after(std::time::Duration::from_secs(9)))
            .await
            .unwrap_err();
        let failed: Vec<_> = error.failures().iter().map(|failure| failure.index).collect();
        assert_eq!(failed, (in_a_piece..2000).collect::<Vec<_>>());
    }
}
