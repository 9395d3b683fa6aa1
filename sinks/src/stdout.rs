//! `stdout`: a line an event on standard output, which Lambda sends to the function's log group.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use changefan_events::{ChangeEvent, Format, Layout};

use crate::lines::Lines;
use crate::{Aws, Cause, Deadline, DeliveryError, Options, Sink};

/// Writes a line an event.
pub struct Stdout<W> {
    format: Format,
    out: Mutex<W>,
}

impl<W: Write + Send> Stdout<W> {
    /// Writes to `out` instead of standard output.
    pub fn new(format: Format, out: W) -> Self {
        Stdout { format, out: Mutex::new(out) }
    }
}

pub(crate) fn build(options: &mut Options, _: &Aws) -> Box<dyn Sink> {
    Box::new(Stdout::new(options.format(Layout::Log), io::stdout()))
}

/// A reader that has gone, as `head` does, does not come back.
fn cause(error: &io::Error) -> Cause {
    if error.kind() == io::ErrorKind::BrokenPipe { Cause::Denied } else { Cause::Unavailable }
}

#[async_trait]
impl<W: Write + Send> Sink for Stdout<W> {
    async fn deliver(&self, events: &[ChangeEvent], _: Deadline) -> Result<(), DeliveryError> {
        let lines = Lines::write(events.iter(), self.format);
        // A panic while writing leaves at worst a broken line behind; the next one starts anew.
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(lines.text().as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| DeliveryError::all(events.len(), cause(&error), error))
    }
}
