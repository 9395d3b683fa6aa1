//! One run: a stream, a function, services that fail, and the verdict at the end.

use std::time::Duration;

use changefan::BatchOutcome;
use serde_json::Value;

use super::function::{Function, GENTLE, Rough, own};
use super::random::Random;
use super::record::{Kind, Record, Shape};
use super::redrive::redrive;
use super::schedules::Schedule;
use super::services::Services;
use super::source::{Mapping, Source, Trigger};
use super::verdict::Verdict;
use changefan_strict_aws::Fault;

/// What is run. The default is a mapping that reads failures, without faults.
pub(super) struct Trial {
    pub mapping: Mapping,
    pub shape: Shape,
    /// The records of each shard.
    pub shards: Vec<Vec<Kind>>,
    /// Environment variables in addition to those that name the destinations.
    pub options: Vec<(&'static str, &'static str)>,
    pub rough: Rough,
    pub answer: fn(&BatchOutcome) -> Option<Value>,
    pub faults: Schedule,
    /// Whether an operator redrives what the source gave up.
    pub redrives: bool,
    /// Decides everything random except the faults.
    pub seed: u64,
}

/// The result.
#[derive(Debug)]
pub(super) struct Outcome {
    pub verdict: Verdict,
    pub records: usize,
    /// The number of rejections that the quarantine must keep.
    pub refusals: usize,
    /// How many batches the source gave up, those included that were redriven.
    pub given_up: usize,
    pub invocations: usize,
    pub kills: usize,
    pub calls: usize,
    /// The number of calls with a fault.
    pub faults: usize,
}

pub(super) const QUARANTINE: (&str, &str) = ("QUARANTINE", "s3://kept/refused");

impl Default for Trial {
    fn default() -> Self {
        let mapping = Mapping {
            trigger: Trigger::Mapping,
            batch_size: 10,
            bisect: false,
            max_retries: None,
            max_age: None,
            reads_failures: true,
            refills: false,
        };
        Self {
            mapping,
            shape: Shape::DynamoDb,
            shards: Vec::new(),
            options: vec![QUARANTINE, ("PARTIAL_BATCH_RESPONSE", "true")],
            rough: GENTLE,
            answer: own,
            faults: Box::new(|_| Fault::None),
            redrives: false,
            seed: 0,
        }
    }
}

impl Trial {
    /// Runs it, on a separate runtime.
    pub(super) fn run(self) -> Outcome {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let outcome = runtime.block_on(self.run_here());
        // A name is resolved on another thread, and the invocation that needs it may have been
        // killed.
        runtime.shutdown_timeout(Duration::from_secs(1));
        outcome
    }

    async fn run_here(self) -> Outcome {
        let services = Services::start(&self.options);
        services.aws.set_faults(self.faults);
        let records = |(shard, kinds): (usize, &Vec<Kind>)| {
            kinds
                .iter()
                .enumerate()
                .map(|(index, &kind)| Record::new(self.shape, kind, shard, index))
                .collect()
        };
        let mut source =
            Source::new(self.mapping, self.shards.iter().enumerate().map(records).collect());
        let mut function = Function::new(&services, self.rough, self.answer);
        function.drain(&mut source, &mut Random::new(self.seed)).await;
        let given_up = source.given_up.len();
        if self.redrives {
            redrive(&mut source, &services, self.seed);
        }
        let (calls, faults) = services.calls();
        Outcome {
            verdict: Verdict::of(&source, &services),
            records: source.records().count(),
            refusals: source.records().map(Record::refusals).sum(),
            given_up,
            invocations: function.invocations,
            kills: function.kills,
            calls,
            faults,
        }
    }
}
