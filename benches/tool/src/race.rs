//! Invocations in turn, A B A B …, so that other load on the machine affects all contestants alike.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::contestant::{Contestant, Running};

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
    /// The CPU time of a measured invocation, on average.
    cpu_milliseconds: Option<f64>,
    peak_kilobytes: Option<u64>,
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
            cpu_milliseconds: None,
            peak_kilobytes: None,
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
    let mut before = Vec::new();
    for round in 0..warmups + rounds {
        if round == warmups {
            before = running.iter().map(Running::cpu).collect();
        }
        for (contestant, outcome) in running.iter_mut().zip(outcomes.iter_mut()) {
            let (elapsed, answer) = contestant.invoke()?;
            outcome.answer = answer;
            if round >= warmups {
                outcome.milliseconds.push(elapsed.as_secs_f64() * 1000.0);
            }
        }
    }
    for ((contestant, outcome), before) in running.iter().zip(outcomes).zip(before) {
        let used = contestant.cpu().zip(before).map(|(after, before)| after - before);
        outcome.cpu_milliseconds = used.map(|used| used / rounds as f64);
        outcome.peak_kilobytes = contestant.peak();
    }
    Ok(())
}
