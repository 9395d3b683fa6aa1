//! Events as the entries of a call.

use std::time::{SystemTime, UNIX_EPOCH};

use changefan_events::ChangeEvent;

use super::{BatchApi, BatchSink, Weighted};
use crate::{Cause, Outcome};

/// A rough estimate of a line's length in bytes, so that most bodies grow once.
const TYPICAL_LINE: usize = 512;

/// One entry of a call: what the service counts as one record.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The events that it holds.
    pub events: &'a [&'a ChangeEvent],
    /// Their lines.
    pub body: String,
    /// The time of its first event, or the current time if the event has none, in milliseconds
    /// since 1970.
    pub time: i64,
    size: usize,
    span: Option<i64>,
}

impl Weighted for Entry<'_> {
    fn size(&self) -> usize {
        self.size
    }

    fn fits_with(&self, first: &Self) -> bool {
        self.span.is_none_or(|span| self.time - first.time < span)
    }
}

/// Encodes events as entries, each when it is asked for.
pub(super) struct Entries<'a, A> {
    sink: &'a BatchSink<A>,
    events: &'a [&'a ChangeEvent],
    /// Where the next entry begins.
    next: usize,
    /// The line of the event at `next`, if it is encoded already.
    line: Option<String>,
    now: i64,
    span: Option<i64>,
    entry_bytes: usize,
}

impl<'a, A: BatchApi> Entries<'a, A> {
    /// The events must have been [admitted](BatchSink::admitted).
    pub(super) fn new(sink: &'a BatchSink<A>, events: &'a [&'a ChangeEvent]) -> Self {
        let limits = sink.api.limits();
        let (span, entry_bytes) = (limits.span, limits.entry_bytes);
        Self { sink, events, next: 0, line: None, now: now(), span, entry_bytes }
    }

    fn entry(&self, events: &'a [&'a ChangeEvent], body: String) -> Entry<'a> {
        let size = self.sink.api.entry_size(body.len());
        let time = events.first().map_or(self.now, |event| time_of(event, self.now));
        Entry { events, body, time, size, span: self.span }
    }
}

impl<'a, A: BatchApi> Iterator for Entries<'a, A> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let start = self.next;
        let first = self.events.get(start)?;
        let mut body = self.line.take().unwrap_or_else(|| self.sink.line(first));
        self.next += 1;
        if let Some(pack) = self.sink.pack.map(|pack| pack.min(self.entry_bytes)) {
            while let Some(event) = self.events.get(self.next) {
                let before = body.len();
                self.sink.write(event, &mut body);
                if body.len() > pack {
                    self.line = Some(body.split_off(before));
                    break;
                }
                self.next += 1;
            }
        }
        Some(self.entry(&self.events[start..self.next], body))
    }
}

impl<A: BatchApi> BatchSink<A> {
    /// The events that the service may receive, and the outcome of the others.
    pub(super) fn admitted<'e>(
        &self,
        events: &[&'e ChangeEvent],
    ) -> (Vec<&'e ChangeEvent>, Outcome) {
        let mut outcome = Outcome::delivered();
        let limit = self.api.limits().entry_bytes;
        let mut line = String::with_capacity(TYPICAL_LINE);
        let admitted = events.iter().copied().filter(|event| {
            if let Some((cause, source)) = self.api.refusal(event) {
                outcome.fail(event, cause, source);
                return false;
            }
            // Encoding never makes an event this much longer.
            if size(event) < limit / MAX_EXPANSION {
                return true;
            }
            line.clear();
            self.write(event, &mut line);
            let fits = line.len() <= limit;
            if !fits {
                outcome.fail(event, Cause::TooLarge, too_large(line.len(), limit));
            }
            fits
        });
        (admitted.collect(), outcome)
    }

    fn line(&self, event: &ChangeEvent) -> String {
        let mut line = String::with_capacity(TYPICAL_LINE);
        self.write(event, &mut line);
        line
    }

    fn write(&self, event: &ChangeEvent, out: &mut String) {
        self.encoder.write(event, out);
        out.push_str(self.delimiter);
    }
}

/// The most bytes of a line per byte of the record: a control character of data in base64 becomes
/// `\\u0001` in JSON text inside of JSON text, and every format adds its own members.
const MAX_EXPANSION: usize = 16;

/// A record of the source, or a built event's images, in bytes.
fn size(event: &ChangeEvent) -> usize {
    let images = [event.keys(), event.old_image(), event.new_image()];
    images.into_iter().flatten().map(str::len).sum::<usize>().max(event.record_size())
}

fn too_large(size: usize, limit: usize) -> String {
    format!("the event has {size} bytes and the service accepts at most {limit}")
}

/// The time of an event in milliseconds since 1970.
pub(super) fn time_of(event: &ChangeEvent, now: i64) -> i64 {
    event.timestamp().map_or(now, |timestamp| timestamp.milliseconds())
}

pub(super) fn now() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}
