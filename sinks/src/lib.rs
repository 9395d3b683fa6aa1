//! Sinks: where change events go.
//!
//! [`Sink`] is the contract that every sink keeps. A [`Registry`] knows the types of sinks and makes them from their
//! options. Sinks are wrapped in [`Retry`], so none of them retries by itself.

// What only AWS sinks share is idle without them.
#![cfg_attr(
    not(all(feature = "cloudwatch-logs", feature = "firehose", feature = "s3")),
    allow(dead_code)
)]

mod aws;
#[cfg(feature = "cloudwatch-logs")]
mod cloudwatch_logs;
mod deadline;
mod error;
mod file;
#[cfg(feature = "firehose")]
mod firehose;
mod lake;
mod limits;
mod lines;
mod options;
#[cfg(feature = "firehose")]
mod packing;
mod quarantine;
mod registry;
mod retry;
#[cfg(feature = "s3")]
mod s3;
mod sink;
mod stdout;
mod store;

pub use aws::{Aws, AwsSettings, client_settings, native_http_client};
pub use deadline::Deadline;
pub use error::{BoxError, Cause, Class, DeliveryError, Failure, describe};
pub use options::{Mistake, Options};
pub use quarantine::{Quarantine, Rejected};
pub use registry::{Entry, NamedSink, Registry};
pub use retry::Retry;
pub use sink::Sink;
pub use stdout::Stdout;
