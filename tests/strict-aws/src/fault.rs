//! What can go wrong with a call, and when.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::call::{CallInfo, Service};

/// The fate of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is carried out and answered.
    None,
    /// It is refused with this status and the error code that the service uses with it; nothing is stored.
    Status(u16),
    /// It is refused with this status and error code; nothing is stored.
    Error(u16, &'static str),
    /// Firehose stores all records but those at these indexes. The other services know no such failure and go on.
    RejectRecords(Vec<usize>),
    /// Firehose stores all records but those that contain this text, however they are batched.
    RejectContaining(&'static str),
    /// It is never answered; nothing is stored.
    Hang,
    /// It is carried out at once and answered this much later, so that a caller that timed out has stored its data.
    Delay(Duration),
    /// It is carried out, and never answered.
    AcceptThenHang,
    /// It is carried out; then the connection is closed without an answer.
    AcceptThenDrop,
    /// It is carried out; then the answer is this error.
    AcceptThenStatus(u16),
    /// The connection is reset; nothing is stored.
    ConnectionReset,
    /// It is carried out; then the connection is closed in the middle of the answer's body.
    TruncatedAnswer,
}

impl Fault {
    /// Whether the call is carried out at all.
    pub fn lets_through(&self) -> bool {
        !matches!(self, Self::Status(_) | Self::Error(..) | Self::Hang | Self::ConnectionReset)
    }

    /// Whether a single record of the call is to be refused.
    pub fn rejects(&self, index: usize, data: &[u8]) -> bool {
        match self {
            Self::RejectRecords(indexes) => indexes.contains(&index),
            Self::RejectContaining(text) => {
                data.windows(text.len().max(1)).any(|window| window == text.as_bytes())
            }
            _ => false,
        }
    }
}

/// A schedule that hands out these faults, one a call, and then none.
pub fn in_turn(faults: impl IntoIterator<Item = Fault>) -> impl FnMut(&CallInfo) -> Fault + Send {
    let mut faults = faults.into_iter().collect::<Vec<_>>().into_iter();
    move |_| faults.next().unwrap_or(Fault::None)
}

/// A schedule under which `percent` of the calls meet a fault that a client can recover from.
///
/// A call's fate follows from the seed, its resource and its attempt alone, so that calls which overtake one another do
/// not change it.
pub fn seeded(seed: u64, percent: u64) -> impl FnMut(&CallInfo) -> Fault + Send {
    move |call| {
        let mut hasher = DefaultHasher::new();
        (seed, call.service, &call.operation, &call.resource, call.attempt).hash(&mut hasher);
        let dice = hasher.finish();
        if dice % 100 < percent { recoverable(call, dice / 100) } else { Fault::None }
    }
}

/// One of the faults after which the same call can succeed.
fn recoverable(call: &CallInfo, dice: u64) -> Fault {
    match dice % 8 {
        0 => Fault::Status(500),
        1 => Fault::Status(503),
        2 if call.service == Service::S3 => Fault::Status(409),
        2 => Fault::Status(400),
        3 => Fault::ConnectionReset,
        4 => Fault::AcceptThenDrop,
        5 => Fault::AcceptThenStatus(500),
        6 => Fault::TruncatedAnswer,
        _ => Fault::RejectRecords((0..call.records).step_by(2).collect()),
    }
}
