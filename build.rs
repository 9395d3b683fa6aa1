//! Tells the linker to give the function an address of its own.

use std::env;

/// An executable that may lie anywhere has some 20,000 addresses to fill in whenever it starts: a third of all
/// instructions until its first answer. The price is that its own code is not at a random address; its libraries, heap
/// and stack still are.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if ["OS", "ENV", "ARCH"].map(target) == ["linux", "gnu", "x86_64"] {
        println!("cargo::rustc-link-arg-bin=bootstrap=-no-pie");
    }
}
