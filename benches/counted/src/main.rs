//! `counted read FILE` only reads the file; `counted FORMAT FILE` also decodes it and encodes all events into one text.
//!
//! The difference of their instructions is what decoding and encoding cost.

use std::error::Error;
use std::hint::black_box;

use changefan_events::{Batch, Format};
use micro::encode;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [what, file] = arguments.as_slice() else {
        return Err("usage: counted read|decode|FORMAT FILE".into());
    };
    let payload = std::fs::read(file)?;
    match what.as_str() {
        "read" => drop(black_box(payload)),
        "decode" => drop(black_box(Batch::decode(payload.into())?)),
        format => drop(black_box(encode(
            &Batch::decode(payload.into())?,
            format.parse::<Format>()?.into(),
        ))),
    }
    Ok(())
}
