//! Blocking writes on a dedicated thread.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use changefan_events::Output;
use tokio::sync::oneshot;

/// Writes to a stream that may block.
///
/// A write is in progress at most once: [`Writer::write`] waits for the one before it. A write
/// whose future is dropped, for example at a deadline, may still complete later.
pub(crate) struct Writer {
    state: State,
    /// The write that is in progress.
    pending: Option<oneshot::Receiver<Written>>,
}

/// The thread starts with the first write, because it costs at start.
enum State {
    Idle(Option<Box<dyn Write + Send>>),
    Running(Sender<Job>),
}

struct Job {
    text: Output,
    done: oneshot::Sender<Written>,
}

/// The text returns with the result, for its memory.
type Written = (Output, io::Result<()>);

impl Writer {
    /// A writer to `out`.
    pub(crate) fn new(out: impl Write + Send + 'static) -> Self {
        Self { state: State::Idle(Some(Box::new(out))), pending: None }
    }

    /// Writes and flushes a text, and clears it.
    pub(crate) async fn write(&mut self, text: &mut Output) -> io::Result<()> {
        if let Some(pending) = &mut self.pending {
            // Its own caller has stopped waiting for the result.
            let _ = pending.await;
            self.pending = None;
        }
        if text.is_empty() {
            return Ok(());
        }
        let (done, written) = oneshot::channel();
        let job = Job { text: std::mem::take(text), done };
        self.thread()?.send(job).map_err(|_| stopped())?;
        let (returned, result) = self.pending.insert(written).await.map_err(|_| stopped())?;
        self.pending = None;
        *text = returned;
        text.clear();
        result
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
    while let Ok(Job { text, done }) = jobs.recv() {
        let result = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        // The caller may have stopped waiting.
        let _ = done.send((text, result));
    }
}

fn stopped() -> io::Error {
    io::Error::other("the thread that writes has stopped")
}
