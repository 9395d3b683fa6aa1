//! Lines that share a record, so that a service which rounds records up does not charge for the rounding.

use std::ops::Range;

use changefan_events::{ChangeEvent, Encoder};

use crate::Cause;
use crate::error::Failures;
use crate::firehose::BYTES_PER_RECORD;
use crate::limits::Item;

/// The lines of consecutive events, each followed by a line feed.
pub(crate) struct Packed {
    /// The events' indexes.
    pub events: Range<usize>,
    pub data: String,
}

impl Item for Packed {
    /// Firehose counts the base64 text.
    fn size(&self) -> usize {
        self.data.len().div_ceil(3) * 4
    }
}

/// Makes records of events, one after the other when it is asked.
pub(crate) struct Records<'a> {
    events: &'a [ChangeEvent],
    format: Encoder,
    /// Events share a record up to this many bytes.
    pack: usize,
    next: usize,
    line: String,
    begun: Option<Packed>,
    /// Lines that are too long for any record.
    failures: &'a mut Failures,
}

impl<'a> Records<'a> {
    /// `pack` is in bytes; without it each event has a record of its own.
    pub fn new(
        events: &'a [ChangeEvent],
        format: Encoder,
        pack: Option<usize>,
        failures: &'a mut Failures,
    ) -> Self {
        let pack = pack.unwrap_or_default();
        Records { events, format, pack, next: 0, line: String::new(), begun: None, failures }
    }

    /// Puts the next event's line into a record. What is full is returned.
    fn add(&mut self, event: &ChangeEvent) -> Option<Packed> {
        let index = self.next;
        self.next += 1;
        self.line.clear();
        self.format.write(event, &mut self.line);
        self.line.push('\n');
        let size = self.line.len();
        if size > BYTES_PER_RECORD {
            let text = format!(
                "the event has {size} bytes and Firehose takes at most {BYTES_PER_RECORD} a record"
            );
            self.failures.add([index], Cause::TooLarge, text);
            return self.begun.take();
        }
        match &mut self.begun {
            Some(record) if record.data.len() + size <= self.pack => {
                record.data.push_str(&self.line);
                record.events.end = index + 1;
                None
            }
            _ => {
                let mut data = String::with_capacity(self.pack.max(size));
                data.push_str(&self.line);
                self.begun.replace(Packed { events: index..index + 1, data })
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Packed;

    fn next(&mut self) -> Option<Packed> {
        while let Some(event) = self.events.get(self.next) {
            let full = self.add(event);
            if full.is_some() {
                return full;
            }
        }
        self.begun.take()
    }
}
