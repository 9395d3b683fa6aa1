//! Schedules of faults by name, and what Lambda does meanwhile.

use std::time::Duration;

use super::function::{GENTLE, Rough};
use super::random::mix;
use changefan_strict_aws::{CallInfo, Fault, Service, seeded};

/// Decides the fate of calls.
pub(super) type Schedule = Box<dyn FnMut(&CallInfo) -> Fault + Send>;

/// A row of the campaign.
pub(super) struct Named {
    pub name: &'static str,
    /// The faults, by a seed.
    pub faults: fn(u64) -> Schedule,
    pub rough: Rough,
    /// Whether the source gives up soon, and an operator redrives what it gave up.
    pub gives_up: bool,
}

/// The schedules of the campaign.
pub(super) fn all() -> Vec<Named> {
    let in_time = Rough { time: Duration::from_millis(1500), ..GENTLE };
    let near = Rough { short_percent: 50, short: Duration::from_millis(80), ..GENTLE };
    let killed = Rough { kill_percent: 40, ..GENTLE };
    let everything = Rough { short_percent: 15, kill_percent: 15, ..in_time.clone() };
    vec![
        Named {
            name: "none",
            faults: |_| Box::new(|_| Fault::None),
            rough: GENTLE,
            gives_up: false,
        },
        Named { name: "partial throttling", faults: throttling, rough: GENTLE, gives_up: false },
        Named { name: "5xx storms", faults: storms, rough: GENTLE, gives_up: false },
        Named { name: "hangs", faults: hangs, rough: in_time, gives_up: false },
        Named { name: "accepted, then failed", faults: accepted, rough: GENTLE, gives_up: false },
        Named { name: "deadline near", faults: slow, rough: near, gives_up: false },
        Named {
            name: "killed and started again",
            faults: |_| Box::new(|_| Fault::None),
            rough: killed,
            gives_up: false,
        },
        Named {
            name: "all of these",
            faults: everything_at_once,
            rough: everything,
            gives_up: false,
        },
        Named { name: "given up, then redriven", faults: denials, rough: GENTLE, gives_up: true },
    ]
}

/// The dice of a call: different for each, the same in each run.
fn dice(seed: u64, call: &CallInfo) -> u64 {
    mix(mix(seed) ^ call.number as u64)
}

/// Three calls of ten are throttled: by Firehose some of the records, inside a 200 response.
fn throttling(seed: u64) -> Schedule {
    Box::new(move |call| {
        let dice = dice(seed, call);
        match call.service {
            _ if dice % 10 >= 3 => Fault::None,
            Service::Firehose => Fault::RejectRecords(
                (0..call.records).filter(|&it| mix(dice ^ it as u64) & 1 == 0).collect(),
            ),
            Service::S3 => Fault::Status(503),
            _ => Fault::Status(400),
        }
    })
}

/// Of each thirty calls the last ten fail.
fn storms(_: u64) -> Schedule {
    Box::new(|call| match call.number % 30 {
        0..20 => Fault::None,
        number if number % 2 == 0 => Fault::Status(500),
        _ => Fault::Status(503),
    })
}

/// One call of thirty has no response; half of those have stored their records nevertheless.
fn hangs(seed: u64) -> Schedule {
    Box::new(move |call| match dice(seed, call) % 60 {
        0 => Fault::Hang,
        1 => Fault::AcceptThenHang,
        _ if call.number == 5 => Fault::Hang,
        _ => Fault::None,
    })
}

/// Three calls of ten are executed, and then their response is lost.
fn accepted(seed: u64) -> Schedule {
    Box::new(move |call| match dice(seed, call) % 10 {
        0 => Fault::AcceptThenStatus(500),
        1 => Fault::AcceptThenDrop,
        2 => Fault::TruncatedAnswer,
        _ => Fault::None,
    })
}

/// The response of one call of three is late.
fn slow(seed: u64) -> Schedule {
    Box::new(move |call| match dice(seed, call) {
        dice if dice % 3 == 0 => Fault::Delay(Duration::from_millis(dice / 3 % 40)),
        _ => Fault::None,
    })
}

/// Of each seven calls to Firehose and S3 the last three are denied, which no retry within the
/// invocation can clear, and some of the others fail.
fn denials(seed: u64) -> Schedule {
    let mut mild = seeded(seed, 10);
    Box::new(move |call| match (call.service, call.nth % 7) {
        (Service::Firehose | Service::S3, 4..) => Fault::Error(403, "AccessDeniedException"),
        _ => mild(call),
    })
}

/// A third of the calls has some fault, and one of a hundred has no response.
pub(super) fn everything_at_once(seed: u64) -> Schedule {
    let mut mild = seeded(seed, 33);
    Box::new(move |call| match dice(seed, call) % 200 {
        0 => Fault::Hang,
        1 => Fault::AcceptThenHang,
        _ => mild(call),
    })
}
