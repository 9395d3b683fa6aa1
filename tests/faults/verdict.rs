//! Whether the promise holds: every change is at every sink, or is kept with its payload and the
//! reason, and a duplicate is the same line with the same id as the original.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::order::Order;
use super::record::Record;
use super::services::{Holding, Services};
use super::source::Source;

/// What became of the records of a source that was processed to its end.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// The ids that each sink does not hold and that are not kept elsewhere.
    pub lost: BTreeMap<&'static str, Vec<String>>,
    /// The number of repeated lines per sink.
    pub duplicates: BTreeMap<&'static str, usize>,
    /// Other violations of the promise.
    pub problems: Vec<String>,
    /// The number of rejections in the quarantine, each counted once.
    pub quarantined: usize,
    /// The number of records that the on-failure destination still keeps.
    pub given_up: usize,
}

impl Verdict {
    /// Compares what the services hold with what the source delivered.
    pub(super) fn of(source: &Source, services: &Services) -> Self {
        let evidence = Evidence::collect(source, services);
        let mut verdict = Self {
            given_up: evidence.kept.iter().filter(|kept| **kept).count(),
            ..Self::default()
        };
        verdict.quarantined = evidence.quarantined.len();
        verdict.problems.extend(evidence.wrongly_quarantined());
        for holding in services.holdings() {
            let arrived = evidence.arrivals(&holding, &mut verdict.problems);
            verdict.duplicates.insert(holding.sink, arrived.duplicates);
            verdict.lost.insert(holding.sink, evidence.lost(holding.sink, &arrived.firsts));
            verdict.problems.extend(evidence.disorder(&holding, &arrived));
        }
        verdict
    }

    /// Everything that is lost anywhere.
    pub(super) fn lost(&self) -> usize {
        self.lost.values().map(Vec::len).sum()
    }

    /// The promise holds.
    pub(super) fn assert_kept(&self) {
        assert_eq!((self.lost(), self.problems.len()), (0, 0), "{self:#?}");
    }
}

/// What is known of the records, by their index among those of all shards.
struct Evidence {
    records: Vec<Record>,
    starts: Vec<usize>,
    reach: Vec<usize>,
    /// Which of them the source gave up, and which of these the on-failure destination still keeps.
    given_up: Vec<bool>,
    kept: Vec<bool>,
    by_id: HashMap<String, usize>,
    /// The records that are kept, each with the sink that rejected it.
    quarantined: BTreeSet<(usize, Option<String>)>,
    unexplained: Vec<String>,
}

/// What arrived at a sink.
struct Arrivals {
    /// The records in the order in which they arrived first.
    firsts: Vec<usize>,
    /// The records of each run.
    runs: Vec<Vec<usize>>,
    duplicates: usize,
}

impl Evidence {
    fn collect(source: &Source, services: &Services) -> Self {
        let records: Vec<_> = source.records().cloned().collect();
        let shards = records.last().map_or(0, |record| record.shard + 1);
        let starts: Vec<_> =
            (0..shards).map(|shard| records.partition_point(|it| it.shard < shard)).collect();
        let mut given_up = vec![false; records.len()];
        let mut kept = given_up.clone();
        for batch in &source.given_up {
            let payload = std::str::from_utf8(&batch.payload).expect("a payload is JSON");
            for index in batch.records.clone().map(|index| starts[batch.shard] + index) {
                given_up[index] = payload.contains(&records[index].text);
                kept[index] |= given_up[index] && batch.is_kept;
            }
        }
        let by_id =
            records.iter().enumerate().map(|(index, record)| (record.id.clone(), index)).collect();
        let (quarantined, unexplained) = quarantined(&records, services);
        Self {
            records,
            starts,
            reach: source.reach(),
            given_up,
            kept,
            by_id,
            quarantined,
            unexplained,
        }
    }

    /// Matches lines with records. A line must be that of its record, and the same in each repeat.
    fn arrivals(&self, holding: &Holding, problems: &mut Vec<String>) -> Arrivals {
        let mut first_lines: Vec<Option<&str>> = vec![None; self.records.len()];
        let mut arrived = Arrivals { firsts: Vec::new(), runs: Vec::new(), duplicates: 0 };
        for run in &holding.runs {
            let mut indexes = Vec::with_capacity(run.len());
            for line in run {
                let Some(&index) = id(line).and_then(|id| self.by_id.get(id)) else {
                    problems.push(format!(
                        "{}: the source did not send {}",
                        holding.sink,
                        shortened(line)
                    ));
                    continue;
                };
                let first = *first_lines[index].get_or_insert(line);
                if !std::ptr::eq(first, line.as_str()) {
                    arrived.duplicates += 1;
                } else {
                    arrived.firsts.push(index);
                }
                if first != line
                    || !self.records[index].marks.iter().any(|mark| line.contains(mark))
                {
                    problems.push(format!(
                        "{}: not what {} was: {}",
                        holding.sink,
                        self.records[index].id,
                        shortened(line)
                    ));
                }
                indexes.push(index);
            }
            arrived.runs.push(indexes);
        }
        arrived
    }

    fn lost(&self, sink: &str, firsts: &[usize]) -> Vec<String> {
        let mut safe = self.kept.clone();
        firsts.iter().for_each(|&index| safe[index] = true);
        let kept =
            self.quarantined.iter().filter(|(_, by)| by.as_deref().is_none_or(|by| by == sink));
        kept.for_each(|(index, _)| safe[*index] = true);
        let lost = self.records.iter().zip(safe).filter(|(_, safe)| !safe);
        lost.map(|(record, _)| record.id.clone()).collect()
    }

    fn disorder(&self, holding: &Holding, arrived: &Arrivals) -> Option<String> {
        let order = Order {
            records: &self.records,
            starts: &self.starts,
            reach: &self.reach,
            given_up: &self.given_up,
        };
        let inside = match holding.sink {
            "cloudwatch_logs" => order.broken(&arrived.firsts),
            _ => arrived.runs.iter().find_map(|run| order.broken(run)),
        };
        let found = order.broken_between_batches(&arrived.firsts).or(inside)?;
        Some(format!("{}: {} is out of order", holding.sink, self.records[found].id))
    }

    /// Records in the quarantine that are valid, that this sink accepts, or that have no reason.
    fn wrongly_quarantined(&self) -> Vec<String> {
        let is_wrong = |(index, sink): &&(usize, Option<String>)| {
            !self.records[*index].is_refused_by(sink.as_deref())
        };
        let wrong = self.quarantined.iter().filter(is_wrong);
        let wrong = wrong.map(|(index, sink)| {
            format!("{} is in the quarantine for {sink:?}", self.records[*index].id)
        });
        wrong.chain(self.unexplained.iter().cloned()).collect()
    }
}

/// The records that the quarantine keeps byte for byte, and what else is wrong with it.
fn quarantined(
    records: &[Record],
    services: &Services,
) -> (BTreeSet<(usize, Option<String>)>, Vec<String>) {
    let by_text: HashMap<_, _> =
        records.iter().enumerate().map(|(index, it)| (it.text.as_str(), index)).collect();
    let (mut found, mut unexplained) = (BTreeSet::new(), Vec::new());
    for kept in services.quarantine() {
        match by_text.get(kept.record.as_str()) {
            Some(&index) if !kept.reason.is_empty() => drop(found.insert((index, kept.sink))),
            _ => unexplained.push(format!(
                "in the quarantine: {} for {:?}",
                shortened(&kept.record),
                kept.reason
            )),
        }
    }
    (found, unexplained)
}

/// The id in a line of the formats `json` and `log`.
fn id(line: &str) -> Option<&str> {
    let member = |name| line.split_once(name).and_then(|(_, rest)| rest.split_once('"'));
    member(r#""event_id":""#).or_else(|| member(r#""eventID":""#)).map(|(id, _)| id)
}

fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}
