//! Schedules: which call meets which fault.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::call::CallInfo;
use crate::fault::Fault;
use crate::service::Service;

/// A schedule that assigns these faults, one per call, and then none.
pub fn in_turn(faults: impl IntoIterator<Item = Fault>) -> impl FnMut(&CallInfo) -> Fault + Send {
    let mut faults = faults.into_iter().collect::<Vec<_>>().into_iter();
    move |_| faults.next().unwrap_or(Fault::None)
}

/// A schedule that applies to the calls of one service. The other services do not fail, and their
/// calls do not count.
pub fn only(
    service: Service,
    mut schedule: impl FnMut(&CallInfo) -> Fault + Send,
) -> impl FnMut(&CallInfo) -> Fault + Send {
    move |call| if call.service == service { schedule(call) } else { Fault::None }
}

/// A schedule under which the calls of one operation at these positions are never answered.
/// Positions are counted from 0 over all resources: see [`CallInfo::nth`].
pub fn hang_calls(
    operation: &'static str,
    positions: impl IntoIterator<Item = usize>,
) -> impl FnMut(&CallInfo) -> Fault + Send {
    let positions: Vec<usize> = positions.into_iter().collect();
    move |call| match call.operation == operation && positions.contains(&call.nth) {
        true => Fault::Hang,
        false => Fault::None,
    }
}

/// A schedule that refuses every call as a whole that has a record with this text, as a service
/// does that cannot accept one of the records. See [`Fault::RefuseContaining`].
pub fn refuse_calls_containing(
    marker: &'static str,
    status: u16,
    code: &'static str,
) -> impl FnMut(&CallInfo) -> Fault + Send {
    move |_| Fault::RefuseContaining(marker, status, code)
}

/// A schedule under which `percent` of the calls meet a fault that a client can recover from.
///
/// The fate of a call follows from the seed, its resource and its attempt alone, so that the order
/// of concurrent calls does not change it.
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
