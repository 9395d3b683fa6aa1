//! Sinks that wrap a sink and add one behavior to it.
//!
//! A layer implements every method of [`Sink`](crate::Sink), so that none is lost on the way. The
//! [`Registry`](crate::Registry) stacks them: redelivery, then retry, then the sink itself.

mod redelivery;
mod retry;

pub use redelivery::Redelivery;
pub use retry::Retry;
pub use retry::wait;
