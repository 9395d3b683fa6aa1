//! What the floors share.

mod api;

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

pub use api::Api;

/// What an invocation is answered with: every record is delivered.
pub const ANSWER: &str = r#"{"batchItemFailures":[]}"#;

/// Bytes per write, as changefan's `stdout` sink has them.
const PIECE: usize = 128 * 1024;

/// Standard output, which receives the same number of bytes at every invocation.
pub struct Output {
    stdout: File,
    bytes: usize,
}

impl Output {
    /// Reads the number of bytes from `FLOOR_BYTES`.
    pub fn from_environment() -> Result<Self, Box<dyn Error + Send + Sync>> {
        // Without the buffer of `io::stdout`, which searches for line ends.
        let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { stdout, bytes: env::var("FLOOR_BYTES")?.parse()? })
    }

    /// Writes bytes of the payload, again from its start where it has too few.
    pub fn write(&self, payload: &[u8]) -> io::Result<()> {
        let mut left = self.bytes;
        for piece in payload.chunks(PIECE).cycle() {
            if left == 0 {
                break;
            }
            let piece = &piece[..left.min(piece.len())];
            (&self.stdout).write_all(piece)?;
            left -= piece.len();
        }
        Ok(())
    }
}
