//! Links the function so that the loader has nothing to move.
//!
//! A position-independent executable has some 19,000 addresses that the loader corrects before `main`: 0.25 M of the
//! 1.24 M instructions until the first answer, and 0.46 MB of the executable. The price is that the function's own code
//! lies at a known address; libraries, heap and stack still do not. What is written in Rust here is safe, and the C and
//! assembly inside (zstd, ring) read nothing but what the function itself has written or what TLS has sent.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if ["OS", "ENV", "ARCH"].map(target) == ["linux", "gnu", "x86_64"] {
        println!("cargo::rustc-link-arg-bin=bootstrap=-no-pie");
    }
}
