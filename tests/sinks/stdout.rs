//! `stdout` whose reader has stopped reading.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use changefan::{Cause, Deadline, Encoder, Format, Sink};
use changefan_sinks::Stdout;

use super::small_changes;

/// Blocks every write until its sender is dropped.
struct Blocked(Receiver<()>);

impl Write for Blocked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn blocked_write_ends_at_the_deadline_and_blocks_no_task() {
    let (release, blocked) = channel();
    let sink = Stdout::new(Encoder::from(Format::Json), Blocked(blocked));
    let events = small_changes(3);
    let refs: Vec<_> = events.iter().collect();
    for _ in 0..2 {
        let deadline = Deadline::after(Duration::from_millis(100));
        let other = tokio::time::sleep(Duration::from_millis(1));
        let (outcome, ()) = futures_util::join!(sink.deliver(&refs, deadline), other);
        let causes: Vec<_> = outcome.failures().iter().map(|it| it.cause).collect();
        assert_eq!(causes, [Cause::TimedOut; 3]);
    }
    drop(release);
    let deadline = Deadline::after(Duration::from_secs(60));
    assert!(sink.deliver(&refs, deadline).await.is_success());
}
