//! `counted read FILE` only reads the file; `counted FORMAT FILE` also decodes it and encodes the
//! events of each piece as sinks do.
//!
//! The difference of their instructions is what decoding and encoding cost.

use std::error::Error;
use std::hint::black_box;

use changefan_events::Format;
use micro::{encode, pieces};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [what, file] = arguments.as_slice() else {
        return Err("usage: counted read|decode|FORMAT FILE".into());
    };
    let payload = std::fs::read(file)?;
    match what.as_str() {
        "read" => drop(black_box(payload)),
        "decode" => pieces(payload)?.for_each(|piece| drop(black_box(piece))),
        format => {
            let format = format.parse::<Format>()?.into();
            pieces(payload)?.for_each(|piece| {
                encode(&piece, format, |lines| _ = black_box(lines));
            });
        }
    }
    Ok(())
}
