//! What became of everything that was redriven.

use std::collections::BTreeMap;

use crate::Handler;
use crate::cli::interrupt::Interrupt;
use crate::cli::replay::{MAX_REASONS, count};
use crate::cli::terminal::printable;
use crate::pipeline::Redelivery;

/// Counts, and the first reasons.
pub(super) struct Summary {
    pub is_dry_run: bool,
    /// What is counted: objects or messages.
    noun: &'static str,
    records: usize,
    delivered: BTreeMap<String, usize>,
    quarantined: usize,
    done: usize,
    kept: usize,
    reasons: Vec<String>,
}

impl Summary {
    pub(super) fn new(handler: &Handler, noun: &'static str, is_dry_run: bool) -> Self {
        let sinks = handler.config().sinks.iter();
        let delivered = sinks.map(|sink| (sink.spec.name.clone(), 0)).collect();
        let (records, quarantined, done, kept, reasons) = Default::default();
        Self { is_dry_run, noun, records, delivered, quarantined, done, kept, reasons }
    }

    /// Adds what the sinks accepted.
    pub(super) fn add(&mut self, redelivery: &Redelivery) {
        self.records += redelivery.records;
        for (sink, events) in &redelivery.delivered {
            *self.delivered.entry(sink.clone()).or_default() += events;
        }
    }

    /// Adds records that went from an on-failure object or a stream to the quarantine.
    pub(super) fn add_quarantined(&mut self, records: usize) {
        self.quarantined += records;
    }

    /// Adds an object or a message that is done, or would be.
    pub(super) fn add_done(&mut self) {
        self.done += 1;
    }

    /// Adds an object or a message that is kept, at least in part.
    pub(super) fn add_kept(&mut self, name: &str, reason: &str) {
        self.kept += 1;
        if self.reasons.len() < MAX_REASONS {
            self.reasons.push(format!("{name}: {reason}"));
        }
    }

    /// Adds what a dry run would deliver, and prints it.
    pub(super) fn add_planned(&mut self, name: &str, records: usize, what: &str) {
        self.records += records;
        println!("{}", printable(&format!("{name}: {}, {what}", count(records, "record"))));
    }

    /// Whether nothing is kept.
    pub(super) fn is_complete(&self) -> bool {
        self.kept + self.quarantined == 0
    }

    pub(super) fn print(&self, interrupt: &Interrupt) {
        let records = count(self.records, "record");
        if self.is_dry_run {
            let objects = count(self.done, self.noun);
            eprintln!("{records} of {objects} would be redriven");
        } else {
            let delivered = self.delivered.iter();
            let delivered =
                delivered.map(|(sink, events)| format!("{} to {sink}", count(*events, "change")));
            eprintln!("{records} redriven: {}", delivered.collect::<Vec<_>>().join(", "));
            eprintln!("{} done", count(self.done, self.noun));
        }
        if self.quarantined > 0 {
            eprintln!("{} quarantined", count(self.quarantined, "record"));
        }
        if self.kept > 0 {
            eprintln!("{} kept:", count(self.kept, self.noun));
            self.reasons.iter().for_each(|reason| eprintln!("- {}", printable(reason)));
            let further = self.kept.saturating_sub(self.reasons.len());
            if further > 0 {
                eprintln!("- and {further} more");
            }
        }
        if interrupt.is_requested() {
            eprintln!("interrupted: run the command again to continue");
        }
    }
}
