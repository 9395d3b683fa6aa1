//! changefan captures the changes of a DynamoDB table and fans them out.
//!
//! [`run`] is the Lambda function. It takes a [`Registry`], so that a function with custom sinks is
//! a short `main`: the README shows one. [`cli::run`] is the command line around the same path.

/// The examples of the README are compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod ack;
#[cfg(feature = "cli")]
pub mod cli;
mod config;
mod connect;
mod freed_memory;
mod lambda;
mod observe;
mod pipeline;

pub use changefan_events::{
    Actor, Batch, ChangeEvent, DecodeError, Encoder, Format, Numbers, Operation, Output, Source,
    Timestamp, Trigger,
};
pub use changefan_sinks::{
    Aws, Cause, Class, ConfigIssue, Deadline, Failure, OptionKind, OptionSpec, Options, Ordering,
    Outcome, Permission, Redelivered, Registry, Sink, SinkType, Status, async_trait,
};

#[cfg(feature = "testing")]
pub use changefan_sinks::conformance;

pub use ack::{Ack, InvocationError, Reply, reply};
pub use config::{Config, ConfigError, environment};
pub use lambda::{Error, run};
pub use observe::metrics::Metrics;
pub use pipeline::{
    AllowedSources, BatchOutcome, Handler, InvalidSource, Note, SinkOutcome, Unprocessed,
};
