//! Lines that share a record, so that a service which rounds records up does not charge for the rounding.

use std::ops::Range;

use changefan_events::{ChangeEvent, Format};

use crate::Cause;
use crate::error::Failures;
use crate::firehose::BYTES_PER_RECORD;
use crate::limits::Item;
use crate::lines::TYPICAL_LINE;

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
    format: Format,
    /// Events share a record up to this many bytes.
    pack: usize,
    next: usize,
    begun: Option<Packed>,
    /// Lines that are too long for any record.
    failures: &'a mut Failures,
}

impl<'a> Records<'a> {
    /// `pack` is in bytes; without it each event has a record of its own.
    pub fn new(events: &'a [ChangeEvent], format: Format, pack: Option<usize>, failures: &'a mut Failures) -> Self {
        Records { events, format, pack: pack.unwrap_or_default(), next: 0, begun: None, failures }
    }

    /// Writes the next event behind what was begun. What is full is returned.
    fn add(&mut self, event: &ChangeEvent) -> Option<Packed> {
        let index = self.next;
        let room = self.pack + TYPICAL_LINE;
        let new = || Packed { events: index..index, data: String::with_capacity(room) };
        let mut record = self.begun.take().unwrap_or_else(new);
        let before = record.data.len();
        self.format.write(event, &mut record.data);
        record.data.push('\n');
        self.next += 1;
        let size = record.data.len() - before;
        if size > BYTES_PER_RECORD {
            record.data.truncate(before);
            let text = format!("the event has {size} bytes and Firehose takes at most {BYTES_PER_RECORD} a record");
            self.failures.add([index], Cause::TooLarge, text);
        } else if before > 0 && record.data.len() > self.pack {
            let mut data = String::with_capacity(room);
            data.push_str(&record.data[before..]);
            record.data.truncate(before);
            self.begun = Some(Packed { events: index..index + 1, data });
        } else {
            record.events.end = index + 1;
            if record.data.len() < self.pack {
                self.begun = Some(record);
                return None;
            }
        }
        Some(record).filter(|record| !record.data.is_empty())
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
