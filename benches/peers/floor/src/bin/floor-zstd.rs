//! Compresses the lines of a file at every invocation, and does nothing else.
//!
//! In one call, with a context and a buffer that are kept: the least that zstd takes.

use std::error::Error;

use floor::Api;

/// The level of changefan's sinks.
const LEVEL: i32 = 1;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let lines = std::fs::read(std::env::var("FLOOR_LINES")?)?;
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    let mut out = Vec::with_capacity(zstd::zstd_safe::compress_bound(lines.len()));
    let mut api = Api::connect()?;
    loop {
        api.receive()?;
        out.clear();
        compressor.compress_to_buffer(&lines, &mut out)?;
        api.answer()?;
    }
}
