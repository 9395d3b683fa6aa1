//! Behaviour through public interfaces, in one binary.

mod backfill;
mod decoding;
mod executables;
mod faults;
mod redrive;
mod sinks;
