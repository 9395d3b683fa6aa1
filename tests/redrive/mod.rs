//! `changefan redrive`, and `replay` of objects, over the strict stand-in for AWS.

mod account;
mod failures;
mod faults;
mod filters;
mod interrupt;
mod on_failure;
mod quarantine;
mod queue;
mod replay;
