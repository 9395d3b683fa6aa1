//! Lines written by a dedicated thread.

use std::any::Any;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Weak;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use changefan_events::{ChangeEvent, Encoder, Output};
use tokio::sync::oneshot;

/// Bytes per write: twice the capacity of a pipe. Larger pieces take as long.
pub(crate) const PIECE: usize = 128 * 1024;

/// Writes lines to a stream that may block.
///
/// The thread also encodes: if it were woken for every piece, waking it would take longer than
/// writing. A job is in progress at most once: [`Writer::write`] waits for the one before it.
pub(crate) struct Writer {
    state: State,
    /// The job that is in progress.
    pending: Option<oneshot::Receiver<Done>>,
}

/// The thread starts with the first job, because it costs at start.
enum State {
    Idle(Option<Box<dyn Write + Send>>),
    Running(Sender<Job>),
}

/// Lines to write.
pub(crate) struct Lines {
    pub events: Vec<ChangeEvent>,
    pub encoder: Encoder,
    /// The number of events that have been written. The caller drops it when it stops waiting.
    pub written: Weak<AtomicUsize>,
}

struct Job {
    lines: Lines,
    done: oneshot::Sender<Done>,
}

/// The result of a job, or what it panicked with.
type Done = Result<io::Result<()>, Box<dyn Any + Send>>;

impl Writer {
    /// A writer to `out`.
    pub(crate) fn new(out: impl Write + Send + 'static) -> Self {
        Self { state: State::Idle(Some(Box::new(out))), pending: None }
    }

    /// Writes and flushes lines. If the caller stops waiting, for example at a deadline, the piece
    /// that is being written may still be written later, and no other.
    ///
    /// # Panics
    ///
    /// Encoding or writing panics. The next call writes again.
    pub(crate) async fn write(&mut self, lines: Lines) -> io::Result<()> {
        if let Some(pending) = &mut self.pending {
            // Its own caller has stopped waiting for the result.
            let _ = pending.await;
            self.pending = None;
        }
        if lines.events.is_empty() {
            return Ok(());
        }
        let (done, result) = oneshot::channel();
        self.thread()?.send(Job { lines, done }).map_err(|_| stopped())?;
        let result = self.pending.insert(result).await;
        self.pending = None;
        result.map_err(|_| stopped())?.unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn thread(&mut self) -> io::Result<&Sender<Job>> {
        if let State::Idle(out) = &mut self.state {
            let out = out.take().ok_or_else(stopped)?;
            let (sender, jobs) = channel();
            thread::Builder::new().name("writer".into()).spawn(move || run(out, &jobs))?;
            self.state = State::Running(sender);
        }
        match &self.state {
            State::Running(sender) => Ok(sender),
            State::Idle(_) => Err(stopped()),
        }
    }
}

fn run(mut out: Box<dyn Write + Send>, jobs: &Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        let done = catch_unwind(AssertUnwindSafe(|| job.write(&mut out)));
        let Job { lines, done: sender } = job;
        // Before the batch is answered: it is the last to hold the batch's memory.
        drop(lines);
        // The caller may have stopped waiting.
        let _ = sender.send(done);
    }
}

impl Job {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Lines { events, encoder, written } = &self.lines;
        let mut piece = Output::with_capacity(PIECE + PIECE / 4);
        for (index, event) in events.iter().enumerate() {
            encoder.append(event, &mut piece);
            piece.push(b'\n');
            let is_last = index + 1 == events.len();
            if piece.len() < PIECE && !is_last {
                continue;
            }
            let Some(written) = written.upgrade() else { break };
            out.write_all(piece.as_bytes())?;
            out.flush()?;
            written.store(index + 1, Ordering::Release);
            piece.clear();
        }
        Ok(())
    }
}

fn stopped() -> io::Error {
    io::Error::other("the thread that writes has stopped")
}
