//! The steps of a batch, each by itself, on the generated full batches.
//!
//! `python3 benches/bench.py --inputs` generates them.

use std::io::Write;
use std::path::Path;

use bytes::Bytes;
use changefan_events::{Batch, Encoder, Format};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use flate2::GzBuilder;

// How sinks split events into calls, without the sinks' dependencies.
#[path = "../../../sinks/src/batch/chunk.rs"]
#[allow(dead_code)]
mod chunk;

const ITEMS: [&str; 2] = ["orders", "small"];
const FORMATS: [&str; 7] = [
    "json orders",
    "json small",
    "rows orders",
    "rows small",
    "log orders",
    "dynamodb-json orders",
    "debezium orders",
];

fn main() {
    divan::main();
}

/// Splitting the payload into records and decoding them is one pass.
#[divan::bench(args = ITEMS)]
fn split_and_decode(bencher: Bencher, items: &str) {
    let payload = payload(items);
    let size = BytesCount::new(payload.len());
    bencher.counter(size).with_inputs(|| payload.clone()).bench_values(Batch::decode);
}

#[divan::bench(args = FORMATS)]
fn encode(bencher: Bencher, what: &str) {
    let (format, items) = what.split_once(' ').expect("a format and a kind of item");
    let format = Encoder::from(format.parse::<Format>().expect("a format"));
    let batch = batch(items);
    let size = BytesCount::new(micro::lines(&batch, format).len());
    bencher.counter(size).bench(|| micro::encode(&batch, format, |piece| _ = black_box(piece)));
}

#[divan::bench(args = ITEMS)]
fn compress_gzip_1(bencher: Bencher, items: &str) {
    let text = micro::lines(&batch(items), Format::Json.into());
    bencher.counter(BytesCount::new(text.len())).bench(|| gzip(&text));
}

#[divan::bench(args = ITEMS)]
fn compress_zstd_1(bencher: Bencher, items: &str) {
    let text = micro::lines(&batch(items), Format::Json.into());
    bencher.counter(BytesCount::new(text.len())).bench(|| zstd::bulk::compress(&text, 1));
}

/// Ten thousand events into calls of at most 500 and 4 MiB.
#[divan::bench]
fn chunks(bencher: Bencher) {
    let sizes: Vec<_> = (0..10_000).map(|index| Size(300 + index % 700)).collect();
    let calls = || chunk::chunks(sizes.iter().copied(), 500, 4 * 1024 * 1024).count();
    bencher.counter(ItemsCount::new(sizes.len())).bench(calls);
}

#[derive(Clone, Copy)]
struct Size(usize);

impl chunk::Weighted for Size {
    fn size(&self) -> usize {
        self.0
    }
}

fn payload(items: &str) -> Bytes {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/benches/inputs").join(items);
    let file = file.with_extension("json");
    let missing = |_| panic!("no {}: run python3 benches/bench.py --inputs", file.display());
    std::fs::read(&file).unwrap_or_else(missing).into()
}

fn batch(items: &str) -> Batch {
    Batch::decode(payload(items)).expect("a generated batch")
}

fn gzip(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text)?;
    encoder.finish()
}
