//! Behaviour through public interfaces, in one binary.

mod sinks;
mod strict_aws;
