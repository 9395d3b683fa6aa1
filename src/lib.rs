//! changefan captures the changes of a DynamoDB table and fans them out.
//!
//! [`run`] is the Lambda function. It takes a [`Registry`], so that a function with sinks of its own is a short `main`:
//!
//! ```no_run
//! use changefan::{Cause, ChangeEvent, Deadline, DeliveryError, Registry, Sink};
//!
//! /// Appends each change to a log of its own.
//! struct Journal(std::path::PathBuf);
//!
//! #[async_trait::async_trait]
//! impl Sink for Journal {
//!     async fn deliver(&self, events: &[ChangeEvent], _: Deadline) -> Result<(), DeliveryError> {
//!         let ids: String = events.iter().map(|event| format!("{}\n", event.event_id())).collect();
//!         std::fs::write(&self.0, ids).map_err(|error| DeliveryError::all(events.len(), Cause::Unavailable, error))
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), changefan::Error> {
//!     let mut registry = Registry::default();
//!     registry.register("journal", |options, _| Box::new(Journal(options.required("PATH", "/mnt/journal").into())));
//!     changefan::run(registry).await // and SINKS=stdout,journal
//! }
//! ```

#[cfg(feature = "cli")]
pub mod command_line;
mod config;
mod fan_out;
mod handler;
mod logging;
mod reply;
mod runtime;

pub use changefan_events::{Actor, Batch, ChangeEvent, DecodeError, Format, Layout, Operation, Source, Timestamp};
pub use changefan_sinks::{Aws, Cause, Class, Deadline, DeliveryError, Failure, Options, Registry, Sink};

pub use config::{Config, ConfigError, environment};
pub use fan_out::Delivery;
pub use handler::{Handler, Report, Unhandled};
pub use reply::{InvocationError, reply};
pub use runtime::{Error, run};
