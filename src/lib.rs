//! changefan captures the changes of a DynamoDB table and fans them out.
//!
//! [`run`] is the Lambda function. It takes a [`Registry`], so that a function with sinks of its own is a short `main`:
//! the README shows one. [`command_line::run`] is the command line around the same path.

/// The examples of the README are compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "cli")]
pub mod command_line;
mod config;
mod connect;
mod fan_out;
mod handler;
mod logging;
mod memory;
mod metrics;
mod reply;
mod runtime;

pub use changefan_events::{
    Actor, Batch, ChangeEvent, DecodeError, Encoder, Format, Operation, Source, Timestamp,
};
pub use changefan_sinks::{
    Aws, Cause, Class, Deadline, DeliveryError, Failure, Options, Registry, Sink,
};

pub use config::{Config, ConfigError, environment};
pub use fan_out::Delivery;
pub use handler::{Handler, Report, Unhandled};
pub use reply::{InvocationError, reply};
pub use runtime::{Error, run};
