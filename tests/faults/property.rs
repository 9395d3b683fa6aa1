//! The promise holds for any batches and any schedule of faults.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::function::{GENTLE, Rough, own};
use super::random::mix;
use super::record::{Kind, Shape};
use super::schedules::{self, Schedule};
use super::source::{Mapping, Trigger};
use super::trial::{QUARANTINE, Trial};
use changefan_strict_aws::seeded;

/// Cases of a usual run; `PROPTEST_CASES` sets another number.
const CASES: u32 = 24;

/// A case: everything that determines a trial, small and readable when it fails.
#[derive(Clone, Debug)]
struct Case {
    mapping: Mapping,
    kinesis: bool,
    shards: Vec<Vec<Kind>>,
    /// `PARTIAL_BATCH_RESPONSE`. True only where the mapping reads failures, as the module deploys
    /// it.
    partial: bool,
    quarantine: bool,
    packed: bool,
    compression: &'static str,
    rough: Rough,
    weather: Weather,
    seed: u64,
}

/// The faults of the services.
#[derive(Clone, Debug)]
enum Weather {
    /// The chance of a temporary fault per call, in percent.
    Mixed(u64),
    /// Mixed ones, and calls without a response.
    Silent,
    /// One of the campaign's schedules.
    Named(usize),
}

impl Weather {
    fn faults(&self, seed: u64) -> Schedule {
        match self {
            Self::Mixed(percent) => Box::new(seeded(seed, *percent)),
            Self::Silent => schedules::everything_at_once(seed),
            Self::Named(index) => (schedules::all()[*index].faults)(seed),
        }
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        300 => Just(Kind::Good),
        5 => Just(Kind::Undecodable),
        2 => Just(Kind::Nameless),
        5 => Just(Kind::Old),
        1 => Just(Kind::Large),
    ]
}

fn mapping() -> impl Strategy<Value = Mapping> {
    let trigger = prop_oneof![2 => Just(Trigger::Mapping), 1 => Just(Trigger::Pipe)];
    let retries = prop_oneof![2 => Just(None), 1 => (0..4_u32).prop_map(Some)];
    let age = prop_oneof![3 => Just(None), 1 => (1..12_u64).prop_map(Some)];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (trigger, 1..25_usize, retries, age, flags).prop_map(
        |(trigger, batch_size, max_retries, max_age, flags)| {
            let (bisect, reads_failures, refills) = flags;
            Mapping { trigger, batch_size, bisect, max_retries, max_age, reads_failures, refills }
        },
    )
}

/// Near timeouts and kills, each in half of the cases.
fn rough() -> impl Strategy<Value = Rough> {
    let percent = || prop_oneof![Just(0), 5..40_u64];
    (percent(), percent(), 1..40_usize, 5..120_u64, any::<bool>()).prop_map(
        |(short_percent, kill_percent, kill_polls, short, at_once)| Rough {
            time: Duration::from_millis(1500),
            short_percent,
            short: Duration::from_millis(short),
            kill_percent,
            kill_polls,
            at_once,
            ..GENTLE
        },
    )
}

fn weather() -> impl Strategy<Value = Weather> {
    let named = schedules::all().len();
    prop_oneof![
        3 => (0..60_u64).prop_map(Weather::Mixed),
        1 => Just(Weather::Silent),
        2 => (0..named).prop_map(Weather::Named),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let shards = prop::collection::vec(prop::collection::vec(kind(), 0..60), 1..4);
    let compression = prop::sample::select(vec!["gzip", "zstd", "none"]);
    let flags = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.8), any::<bool>());
    (mapping(), shards, flags, compression, rough(), weather(), any::<u64>()).prop_map(
        |(
            mapping,
            shards,
            (kinesis, partial, quarantine, packed),
            compression,
            rough,
            weather,
            seed,
        )| {
            // Without a quarantine a rejected record is sent again until the source gives it up.
            let max_retries =
                if quarantine { mapping.max_retries } else { mapping.max_retries.or(Some(2)) };
            let partial = partial && mapping.reads_failures;
            let mapping = Mapping { max_retries, ..mapping };
            Case {
                mapping,
                kinesis,
                shards,
                partial,
                quarantine,
                packed,
                compression,
                rough,
                weather,
                seed,
            }
        },
    )
}

impl Case {
    fn trial(&self) -> Trial {
        let mut options = vec![("S3_COMPRESSION", self.compression)];
        options.extend(self.quarantine.then_some(QUARANTINE));
        options.extend(self.packed.then_some(("FIREHOSE_PACK", "4000")));
        options.extend(self.partial.then_some(("PARTIAL_BATCH_RESPONSE", "true")));
        let shape = match (self.kinesis, self.mapping.trigger) {
            (false, _) => Shape::DynamoDb,
            (true, Trigger::Mapping) => Shape::Kinesis,
            (true, Trigger::Pipe) => Shape::KinesisOfPipe,
        };
        Trial {
            mapping: self.mapping.clone(),
            shape,
            shards: self.shards.clone(),
            options,
            rough: self.rough.clone(),
            answer: own,
            faults: self.weather.faults(mix(self.seed)),
            redrives: false,
            seed: self.seed,
        }
    }
}

fn config() -> Config {
    let cases =
        std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    Config { cases, failure_persistence: None, max_shrink_time: 60_000, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    /// Every record of every shard is at every sink or kept with its payload and the reason; order
    /// is kept except for repeats; and a duplicate is the same line with the same id.
    #[test]
    fn any_schedule_keeps_the_guarantees(case in case()) {
        let outcome = case.trial().run();
        let verdict = &outcome.verdict;
        prop_assert!(verdict.lost() == 0 && verdict.problems.is_empty(), "{outcome:#?}");
        let endless = case.mapping.max_retries.is_none() && case.mapping.max_age.is_none();
        if endless {
            prop_assert_eq!((verdict.given_up, verdict.quarantined), (0, outcome.refusals));
        }
    }
}
