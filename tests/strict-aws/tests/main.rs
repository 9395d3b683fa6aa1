//! The stand-in checked with the real SDKs and with plain HTTP, in one binary.

mod clients;
mod faults;
mod storing;
mod wire;
