//! Invocations in turn, A B B A A B …: other load on the machine affects all contestants alike, and
//! no contestant always runs after the same one, which leaves its memory in the caches.

use std::path::Path;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::contestant::{Contestant, Running};
use crate::usage::Usage;

/// The time after the last answer in which a function may still work.
const SETTLE: Duration = Duration::from_millis(20);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    /// Invocations that are not measured.
    warmups: usize,
    rounds: usize,
    contestants: Vec<Contestant>,
}

#[derive(Serialize)]
struct Outcome {
    name: String,
    milliseconds: Vec<f64>,
    cpu_milliseconds: Vec<f64>,
    minor_faults: Vec<u64>,
    peak_kilobytes: u64,
    answer: String,
}

pub fn run(plan: impl AsRef<Path>) -> Result<(), Error> {
    let plan: Plan = serde_json::from_slice(&std::fs::read(plan)?)?;
    let mut running = Vec::new();
    let mut outcomes = Vec::new();
    for contestant in plan.contestants {
        outcomes.push(Outcome {
            name: contestant.name.clone(),
            milliseconds: Vec::new(),
            cpu_milliseconds: Vec::new(),
            minor_faults: Vec::new(),
            peak_kilobytes: 0,
            answer: String::new(),
        });
        running.push(contestant.start()?);
    }
    let raced = race(&mut running, &mut outcomes, plan.warmups, plan.rounds);
    running.into_iter().try_for_each(Running::end)?;
    raced?;
    println!("{}", serde_json::to_string(&outcomes)?);
    Ok(())
}

fn race(
    running: &mut [Running],
    outcomes: &mut [Outcome],
    warmups: usize,
    rounds: usize,
) -> Result<(), Error> {
    let mut before = vec![Usage::default(); running.len()];
    for round in 0..warmups + rounds {
        let mut order: Vec<_> = running.iter_mut().enumerate().collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for (index, contestant) in order {
            let usage = contestant.usage()?;
            if round > warmups {
                outcomes[index].add(&before[index], &usage);
            }
            before[index] = usage;
            let (elapsed, answer) = contestant.invoke()?;
            outcomes[index].answer = answer;
            if round >= warmups {
                outcomes[index].milliseconds.push(elapsed.as_secs_f64() * 1000.0);
            }
        }
    }
    thread::sleep(SETTLE);
    for (index, contestant) in running.iter().enumerate() {
        outcomes[index].add(&before[index], &contestant.usage()?);
    }
    Ok(())
}

impl Outcome {
    /// Adds what an invocation used: until the next one, as a function also works after its answer.
    fn add(&mut self, before: &Usage, after: &Usage) {
        self.cpu_milliseconds.push(after.cpu_milliseconds - before.cpu_milliseconds);
        self.minor_faults.push(after.minor_faults - before.minor_faults);
        self.peak_kilobytes = after.peak_kilobytes;
    }
}
