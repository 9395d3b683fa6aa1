//! `cargo fuzz run rows`

#![cfg_attr(fuzzing, no_main)]

use changefan_events::Format;
use changefan_fuzz::check_format;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| check_format(data, Format::Rows));

/// Without the fuzzer: checks standard input.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    let mut data = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin(), &mut data)?;
    let data = &data[..];
    check_format(data, Format::Rows);
    Ok(())
}
