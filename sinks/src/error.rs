//! Why events are not delivered, and what can be done about it.

use std::error::Error;
use std::fmt;

/// Any error that can cross threads.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why an event was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The service limits the request rate.
    Throttled,
    /// The service or the network is temporarily unavailable.
    Unavailable,
    /// No response arrived in time. The event may have been accepted.
    TimedOut,
    /// The destination is missing, is misconfigured, or access is denied.
    Denied,
    /// The event alone exceeds a limit of the service.
    TooLarge,
    /// The service does not accept events of that age, or that far in the future.
    TimestampOutOfRange,
    /// The service refuses the event's content.
    Invalid,
    /// None of these.
    Unknown,
}

/// What can be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Delivering the same event again may succeed soon.
    Retryable,
    /// No retry can succeed until an operator fixes the destination or its permissions. The source
    /// keeps the record.
    NeedsOperator,
    /// This sink will never accept this event. The record goes to the quarantine.
    Rejected,
}

impl Cause {
    /// What can be done about it.
    pub fn class(self) -> Class {
        match self {
            Self::Throttled | Self::Unavailable | Self::TimedOut | Self::Unknown => {
                Class::Retryable
            }
            Self::Denied => Class::NeedsOperator,
            Self::TooLarge | Self::TimestampOutOfRange | Self::Invalid => Class::Rejected,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::TimedOut => "timed out",
            Self::Denied => "denied",
            Self::TooLarge => "too large",
            Self::TimestampOutOfRange => "timestamp out of range",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        })
    }
}

/// An error and its sources, in one line.
pub fn describe(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        // Some libraries repeat their source in their own message.
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        source = error.source();
    }
    text
}
