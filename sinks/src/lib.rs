//! Sinks: the destinations of change events.
//!
//! [`Sink`] is the contract that every sink keeps. A [`SinkType`] declares a type of sink; a
//! [`Registry`] knows the types and builds sinks from their options. It wraps each of them in the
//! [layers](Retry), so that no sink retries by itself.

// Code that only AWS sinks share is unused without them.
#![cfg_attr(
    not(all(
        feature = "cloudwatch-logs",
        feature = "eventbridge",
        feature = "firehose",
        feature = "s3"
    )),
    allow(dead_code)
)]

mod aws;
pub mod batch;
#[cfg(feature = "cloudwatch-logs")]
mod cloudwatch_logs;
mod config_issue;
#[cfg(feature = "testing")]
pub mod conformance;
mod deadline;
mod embedded_metrics;
mod error;
#[cfg(feature = "eventbridge")]
mod eventbridge;
#[cfg(feature = "firehose")]
mod firehose;
#[cfg(test)]
mod fixtures;
mod layers;
mod objects;
mod options;
mod outcome;
mod quarantine;
mod registry;
mod service_error;
mod sink;
mod spec;
mod stdout;
mod writer;

pub use async_trait::async_trait;

pub use aws::{Aws, AwsSettings, client_settings, native_http_client};
pub use config_issue::ConfigIssue;
pub use deadline::Deadline;
pub use error::{BoxError, Cause, Class, describe};
pub use layers::{Redelivery, Retry, wait as retry_wait};
#[cfg(feature = "exports")]
pub use objects::{ExportError, ExportObject, ExportPart, ExportStore, FinishedObject};
pub use options::Options;
pub use outcome::{Failure, Outcome, Status};
pub use quarantine::{
    Quarantine, QuarantineLine, QuarantinedRecord, RejectedSubRecord, quarantine_key,
};
pub use registry::{NamedSink, Registry, SinkSpec};
pub use service_error::ServiceError;
pub use sink::{Redelivered, Sink};
pub use spec::{Build, OptionKind, OptionSpec, Ordering, Permission, SinkType};
pub use stdout::Stdout;
