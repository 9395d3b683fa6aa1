//! What operators see: log lines and metrics on standard error. Neither can stop a delivery.

mod format;
pub(crate) mod lines;
pub(crate) mod log;
pub(crate) mod metrics;
