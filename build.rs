//! Links the function so that it starts with little to read and nothing to move.
//!
//! Both need the linker's options, so they are here: they are Linux's, and shown on x86-64 only.

use std::env;

/// The functions that a start executes, in the order of their first execution.
const START: &str = "src/start.ld";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={START}");
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if ["OS", "ENV", "ARCH"].map(target) == ["linux", "gnu", "x86_64"] {
        fix_addresses();
        if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
            order_functions();
        }
    }
}

/// A position-independent executable has some 19,000 addresses that the loader corrects before
/// `main`: 0.25 M instructions before the first answer, and 0.47 MB of the executable.
/// The loader of Lambda's C library, 2.34, does not know the packed form of them.
///
/// The price is that the function's own code and constants are at known addresses, which helps an
/// attacker who has already corrupted its memory. Libraries, heap and stack are still moved, and
/// what the linker fills in is still read-only. changefan forbids unsafe code; its dependencies
/// have some, and zstd and ring are partly C and assembly.
fn fix_addresses() {
    println!("cargo::rustc-link-arg-bin=bootstrap=-no-pie");
}

/// A start executes 0.6 of 6.3 MB of code. The kernel reads an executable in pieces of 128 KB
/// around what is executed, so the code of a start is placed side by side. The linker's `-T` adds
/// to its own script here, which ends in `INSERT`; zig, the linker of Lambda's builds, has no other
/// option for an order. The names are patterns: one that matches nothing has no effect.
fn order_functions() {
    let root = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo::rustc-link-arg-bin=bootstrap=-Wl,-T,{root}/{START}");
}
