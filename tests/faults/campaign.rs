//! The fault campaign: many records under each schedule, and a table of the results.
//!
//! `CAMPAIGN_RECORDS` is the number of records of all schedules; a short form runs with the other
//! tests.

use std::collections::BTreeMap;

use super::record::Kind;
use super::schedules::{self, Named};
use super::services::SINKS;
use super::source::Mapping;
use super::trial::{Outcome, Trial};

const SHORT_FORM: usize = 20_000;

/// A schedule runs in two slices or more, each with separate services, so that memory is bounded.
const SLICE: usize = 40_000;

const SHARDS: usize = 4;

/// A row of the table.
#[derive(Default)]
struct Row {
    records: usize,
    lost: usize,
    duplicates: BTreeMap<&'static str, usize>,
    quarantined: usize,
    calls: usize,
    faults: usize,
    kills: usize,
    /// How many batches were given up before they were redriven.
    given_up: usize,
}

#[test]
fn nothing_is_lost_under_any_schedule() {
    let records = std::env::var("CAMPAIGN_RECORDS")
        .map_or(SHORT_FORM, |text| text.parse().expect("a number"));
    let schedules = schedules::all();
    let each = records.div_ceil(schedules.len());
    println!("{}", heading());
    for named in &schedules {
        let row = row(named, each);
        println!("{}", row.line(named.name));
        assert_eq!(row.lost, 0, "{}", named.name);
        assert!(
            named.name == "none" || row.faults + row.kills > 0,
            "{} did not happen",
            named.name
        );
        assert_eq!(row.given_up > 0, named.gives_up, "{}", named.name);
    }
}

fn row(named: &Named, records: usize) -> Row {
    let mut row = Row::default();
    for number in 0.. {
        let left = records.saturating_sub(row.records).min(records.div_ceil(2)).min(SLICE);
        if left == 0 {
            break;
        }
        row.add(slice(named, number, left).run());
    }
    row
}

/// Every second slice bisects. Some records are rejected, and must be in the quarantine at the end.
fn slice(named: &Named, number: u64, records: usize) -> Trial {
    let kind = |index: usize| match index {
        100 => Kind::Large,
        _ if index % 997 == 500 => Kind::Undecodable,
        _ if index % 991 == 400 => Kind::Old,
        _ => Kind::Good,
    };
    let each = records.div_ceil(SHARDS);
    let shard = |shard: usize| {
        (0..each).map(|index| if shard == 0 { kind(index) } else { kind(index + 101) }).collect()
    };
    let usual = Trial::default();
    Trial {
        mapping: Mapping {
            batch_size: (each / 5).clamp(1, 1000),
            bisect: number % 2 == 1,
            max_retries: named.gives_up.then_some(1),
            ..usual.mapping
        },
        shards: (0..SHARDS).map(shard).collect(),
        rough: named.rough.clone(),
        faults: (named.faults)(number),
        redrives: named.gives_up,
        seed: number,
        ..usual
    }
}

impl Row {
    /// Retries are unlimited here, or what is given up is redriven, and every rejected record is in
    /// the quarantine.
    fn add(&mut self, outcome: Outcome) {
        let Outcome { verdict, records, refusals, given_up, kills, calls, faults, .. } = outcome;
        assert_eq!(verdict.problems, [""; 0]);
        assert_eq!((verdict.given_up, verdict.quarantined), (0, refusals));
        self.records += records;
        self.lost += verdict.lost();
        self.quarantined += verdict.quarantined;
        self.calls += calls;
        self.faults += faults;
        self.kills += kills;
        self.given_up += given_up;
        for (sink, duplicates) in verdict.duplicates {
            *self.duplicates.entry(sink).or_default() += duplicates;
        }
    }

    fn line(&self, name: &str) -> String {
        let Self { records, lost, quarantined, calls, faults, kills, .. } = self;
        let duplicates: Vec<_> =
            SINKS.iter().map(|sink| self.duplicates[sink].to_string()).collect();
        let duplicates = duplicates.join(" | ");
        format!(
            "| {name} | {records} | {lost} | {duplicates} | {quarantined} | {calls} | {faults} | \
             {kills} |"
        )
    }
}

fn heading() -> String {
    let duplicates = SINKS.map(|sink| format!("duplicates in {sink}")).join(" | ");
    let titles = format!(
        "| schedule | records | lost | {duplicates} | quarantined | calls | faults | kills |"
    );
    format!("{titles}\n|---|{}", "--:|".repeat(9))
}
