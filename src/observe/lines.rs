//! Lines on standard error, written by a dedicated thread: a reader that has stopped reading
//! blocks its writer indefinitely, and a log line must not stop a delivery.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tracing_subscriber::fmt::MakeWriter;

/// Lines in the queue. A line that does not fit is dropped, and the number of dropped lines is
/// logged.
const CAPACITY: usize = 1024;

/// The time that a reply waits for its log lines at most.
const FLUSH_TIME: Duration = Duration::from_millis(100);

/// Writes lines without blocking. Clones share the queue.
#[derive(Clone, Default)]
pub(crate) struct Lines {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The thread starts with the first line, because it costs at start.
    queue: OnceLock<Option<SyncSender<Message>>>,
    dropped: AtomicUsize,
}

enum Message {
    Line(Vec<u8>),
    Flush(oneshot::Sender<()>),
}

impl Lines {
    /// Queues a line, which ends with a line feed.
    pub(crate) fn push(&self, line: Vec<u8>) {
        let Some(queue) = self.queue() else { return };
        let dropped = self.shared.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 && queue.try_send(Message::Line(notice(dropped))).is_err() {
            self.shared.dropped.fetch_add(dropped, Ordering::Relaxed);
        }
        if queue.try_send(Message::Line(line)).is_err() {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until the queued lines are written, for a limited time: Lambda freezes the process
    /// after the reply.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        match self
            .shared
            .queue
            .get()
            .and_then(Option::as_ref)
            .map(|it| it.try_send(Message::Flush(done)))
        {
            Some(Ok(())) => drop(tokio::time::timeout(FLUSH_TIME, flushed).await),
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => {}
        }
    }

    fn queue(&self) -> Option<&SyncSender<Message>> {
        let start = || {
            let (sender, messages) = sync_channel(CAPACITY);
            let thread = thread::Builder::new().name("log".into());
            thread.spawn(move || write(&messages)).ok().map(|_| sender)
        };
        self.shared.queue.get_or_init(start).as_ref()
    }
}

fn write(messages: &Receiver<Message>) {
    while let Ok(message) = messages.recv() {
        // Log lines are best-effort. A line is one write: lines of other writers are not mixed with
        // it.
        match message {
            Message::Line(line) => drop(io::stderr().write_all(&line)),
            Message::Flush(done) => drop(done.send(())),
        }
    }
}

fn notice(dropped: usize) -> Vec<u8> {
    let message = "log lines were dropped because standard error was not read";
    format!("{{\"level\":\"WARN\",\"message\":\"{message}\",\"dropped\":{dropped}}}\n").into_bytes()
}

/// One event's line.
pub(crate) struct Line {
    lines: Lines,
    bytes: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            self.lines.push(std::mem::take(&mut self.bytes));
        }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { lines: self.clone(), bytes: Vec::new() }
    }
}
