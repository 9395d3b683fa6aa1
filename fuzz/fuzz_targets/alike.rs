//! `cargo fuzz run alike`

#![cfg_attr(fuzzing, no_main)]

use changefan_fuzz::check_alike;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| check_alike(data));

/// Without the fuzzer: checks standard input.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    let mut data = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin(), &mut data)?;
    let data = &data[..];
    check_alike(data);
    Ok(())
}
