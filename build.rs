//! Links the function so that the loader has nothing to move.
//!
//! A position-independent executable has some 19,000 addresses that the loader corrects before
//! `main`: 0.25 M of the 1.24 M instructions until the first answer, and 0.47 MB of the executable.
//! The loader of Lambda's C library, 2.34, does not know the packed form of them.
//!
//! The price is that the function's own code and constants are at known addresses, which helps an
//! attacker who has already corrupted its memory. Libraries, heap and stack are still moved, and
//! what the linker fills in is still read-only. changefan forbids unsafe code; its dependencies
//! have some, and zstd and ring are partly C and assembly.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if ["OS", "ENV", "ARCH"].map(target) == ["linux", "gnu", "x86_64"] {
        println!("cargo::rustc-link-arg-bin=bootstrap=-no-pie");
    }
}
