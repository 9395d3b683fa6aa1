//! Redelivers lines of the quarantine and keeps those that remain.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use changefan_events::select_sub_records;
use changefan_sinks::{QuarantineLine, QuarantinedRecord, describe, quarantine_key};
use serde_json::value::RawValue;

use super::objects::{Fate, Redriver, first_reason};
use super::survey::Found;
use crate::cli::replay::TIME_PER_BATCH;
use crate::cli::store::StoreError;

const NOT_JSON: &str = "the record is not JSON";

/// What is done with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Treatment<'a> {
    /// The filter does not select it.
    Excluded,
    /// It belongs to a sink that is not configured.
    NotConfigured(&'a str),
    /// It goes to the sink that lacks it, or to all sinks.
    Deliver(Option<&'a str>),
}

/// What became of lines.
#[derive(Default)]
struct Remaining {
    lines: Vec<QuarantineLine>,
    rejected: Vec<QuarantinedRecord>,
    failed: Vec<QuarantinedRecord>,
    not_configured: Option<String>,
}

impl Redriver<'_> {
    /// Delivers each line to the sink that it names, or to all sinks if it names none. What remains
    /// is written first, and then the object is removed: whenever the process ends, a line is in
    /// one of both.
    pub(super) async fn redrive_lines(
        &mut self,
        object: &Found,
        lines: &[QuarantineLine],
    ) -> Result<Fate, StoreError> {
        if self.summary.is_dry_run {
            return Ok(self.plan(object, lines));
        }
        let mut remaining = Remaining::default();
        for run in self.runs(lines) {
            self.redrive_run(run, &mut remaining).await;
        }
        if remaining.lines != lines {
            self.rewrite(object, &remaining.lines).await?;
        }
        Ok(remaining.fate())
    }

    /// Adjacent lines that are treated alike.
    fn runs<'a>(&self, lines: &'a [QuarantineLine]) -> Vec<&'a [QuarantineLine]> {
        lines.chunk_by(|a, b| self.treatment(a) == self.treatment(b)).collect()
    }

    fn treatment<'a>(&self, line: &'a QuarantineLine) -> Treatment<'a> {
        match line.record.sink.as_deref() {
            _ if !self.filter.selects_line(line) => Treatment::Excluded,
            Some(sink) if self.handler.sink(sink).is_none() => Treatment::NotConfigured(sink),
            sink => Treatment::Deliver(sink),
        }
    }

    async fn redrive_run(&mut self, run: &[QuarantineLine], remaining: &mut Remaining) {
        match self.treatment(&run[0]) {
            Treatment::Excluded => remaining.lines.extend_from_slice(run),
            Treatment::NotConfigured(sink) => {
                remaining.not_configured.get_or_insert_with(|| not_configured(sink));
                remaining.lines.extend_from_slice(run);
            }
            Treatment::Deliver(sink) => self.deliver(run, sink, remaining).await,
        }
    }

    async fn deliver(
        &mut self,
        run: &[QuarantineLine],
        sink: Option<&str>,
        remaining: &mut Remaining,
    ) {
        let (payload, indexes) = payload(run);
        let is_sent = |index: &usize| indexes.binary_search(index).is_ok();
        let not_sent = (0..run.len()).filter(|index| !is_sent(index));
        let mut rejected: Vec<_> = not_sent.map(|index| refused(run, index, NOT_JSON)).collect();
        let mut failed = Vec::new();
        match self.handler.redeliver(payload, sink, TIME_PER_BATCH).await {
            Ok(redelivery) => {
                self.summary.add(&redelivery);
                let indexed = |record: QuarantinedRecord| {
                    let position = indexes[record.position];
                    QuarantinedRecord { position, ..record }
                };
                rejected.extend(redelivery.rejected.into_iter().map(indexed));
                failed.extend(redelivery.failed.into_iter().map(indexed));
            }
            Err(error) => {
                let reason = describe(&error);
                failed.extend(indexes.iter().map(|&index| refused(run, index, &reason)));
            }
        }
        let mut still: Vec<_> = rejected.iter().chain(&failed).collect();
        still.sort_by_key(|record| record.position);
        remaining.lines.extend(still.into_iter().map(|record| kept(&run[record.position], record)));
        remaining.rejected.extend(rejected);
        remaining.failed.extend(failed);
    }

    /// Writes what remains of an object, and removes it.
    async fn rewrite(&self, object: &Found, lines: &[QuarantineLine]) -> Result<(), StoreError> {
        let mut bodies: BTreeMap<_, String> = BTreeMap::new();
        for line in lines {
            let date = line.quarantined_at.get(..10).unwrap_or("unknown");
            let body = bodies.entry((date, line.record.sink.as_deref())).or_default();
            let text = line.to_json().expect("texts and numbers can be serialized");
            // Writing to a String cannot fail.
            let _ = writeln!(body, "{text}");
        }
        for ((date, sink), body) in bodies {
            let key = quarantine_key(root(&object.key), date, sink, &body);
            if key == object.key {
                return Ok(());
            }
            self.store.create(&key, body).await?;
        }
        self.remove(object).await
    }

    /// Prints what would be delivered.
    fn plan(&mut self, object: &Found, lines: &[QuarantineLine]) -> Fate {
        let mut fate = Fate::Delivered;
        let name = self.store.name(&object.key);
        for run in self.runs(lines) {
            let reason = &run[0].record.reason;
            match self.treatment(&run[0]) {
                Treatment::Excluded => {}
                Treatment::NotConfigured(sink) => fate = Fate::Rejected(not_configured(sink)),
                Treatment::Deliver(sink) => {
                    let sink = sink.unwrap_or("all sinks");
                    let what = format!("to {sink}: {reason}");
                    self.summary.add_planned(&name, run.len(), &what);
                }
            }
        }
        fate
    }
}

impl Remaining {
    fn fate(self) -> Fate {
        match self.not_configured {
            _ if !self.failed.is_empty() => Fate::Failed(first_reason(&self.failed)),
            _ if !self.rejected.is_empty() => Fate::Rejected(first_reason(&self.rejected)),
            Some(reason) => Fate::Rejected(reason),
            None => Fate::Delivered,
        }
    }
}

fn not_configured(sink: &str) -> String {
    format!("the sink {sink} is not configured")
}

/// The records of lines as a batch, and the index of each record's line. What is not JSON is left
/// out.
fn payload(run: &[QuarantineLine]) -> (String, Vec<usize>) {
    let (mut records, mut positions) = (Vec::new(), Vec::new());
    for (index, line) in run.iter().enumerate() {
        let record = &line.record.record;
        if serde_json::from_str::<&RawValue>(record).is_err() {
            continue;
        }
        positions.push(index);
        records.push(match &line.record.sub_records {
            Some(rejected) => {
                let indexes: Vec<_> = rejected.iter().map(|it| it.index).collect();
                select_sub_records(record, &indexes)
            }
            None => record.clone(),
        });
    }
    (format!("{{\"Records\":[{}]}}", records.join(",")), positions)
}

/// A line with the new reason. Everything else stays as it was when the record was quarantined.
fn kept(line: &QuarantineLine, record: &QuarantinedRecord) -> QuarantineLine {
    let mut kept = line.clone();
    kept.record.reason = record.reason.clone();
    kept.record.sink = record.sink.clone();
    kept.record.sub_records =
        record.sub_records.clone().or_else(|| line.record.sub_records.clone());
    kept
}

/// The record of a line that no sink received.
fn refused(run: &[QuarantineLine], index: usize, reason: &str) -> QuarantinedRecord {
    let reason = reason.to_owned();
    QuarantinedRecord { reason, position: index, ..run[index].record.clone() }
}

/// The prefix of the quarantine that a key is in, which `date=…/sink=…/name` follows; or else the
/// object's own folder.
fn root(key: &str) -> &str {
    let mut parts = key.rsplitn(4, '/');
    let (name, sink, date) = (parts.next(), parts.next(), parts.next());
    let is_quarantine = sink.is_some_and(|part| part.starts_with("sink="))
        && date.is_some_and(|part| part.starts_with("date="));
    let rest = match (is_quarantine, name, sink, date) {
        (true, Some(name), Some(sink), Some(date)) => name.len() + sink.len() + date.len() + 2,
        (_, Some(name), ..) => name.len(),
        _ => 0,
    };
    &key[..key.len() - rest]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_precedes_date_and_sink() {
        assert_eq!(root("kept/date=2026-01-01/sink=s3/0.jsonl"), "kept/");
        assert_eq!(root("date=2026-01-01/sink=s3/0.jsonl"), "");
        assert_eq!(root("failed/0.jsonl"), "failed/");
        assert_eq!(root("0.jsonl"), "");
    }
}
