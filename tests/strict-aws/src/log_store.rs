//! CloudWatch Logs: what the service holds, and what it accepts.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::StrictAws;
use crate::answer::Refusal;
use crate::logs::invalid;

/// `PutLogEvents`: the most bytes per call, each event counted as [`LogEvent::size`]. An event
/// cannot be longer either.
const MAX_CALL_BYTES: usize = 1_048_576;
/// `PutLogEvents`: the bytes that an event counts besides its message.
const EVENT_OVERHEAD_BYTES: usize = 26;
/// `PutLogEvents`: the longest time between the first and the last event of a call.
const MAX_SPAN_MS: i64 = DAY_MS;
/// `PutLogEvents`: events older than this are rejected.
const MAX_AGE_MS: i64 = 14 * DAY_MS;
/// `PutLogEvents`: events further ahead of the service's clock than this are rejected.
const MAX_AHEAD_MS: i64 = 2 * 60 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl StrictAws {
    /// Creates a log group that never expires. `CreateLogStream` creates its streams.
    pub fn create_log_group(&self, group: &str) {
        self.state().logs.create_group(group);
    }

    /// Sets the retention of a log group.
    pub fn set_retention_days(&self, group: &str, days: u32) {
        self.state().logs.set_retention_days(group, days);
    }

    /// Every event that the log stream accepted, in order of acceptance, repeats included.
    pub fn log_events(&self, group: &str, stream: &str) -> Vec<LogEvent> {
        self.state().logs.events(group, stream)
    }
}

/// One event as the service holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
    /// The text.
    pub message: String,
}

impl LogEvent {
    /// The bytes that the event counts toward the size of a call.
    fn size(&self) -> usize {
        self.message.len() + EVENT_OVERHEAD_BYTES
    }
}

/// The rules whose violation refuses the whole call.
pub(crate) fn check(events: &[LogEvent]) -> Result<(), Refusal> {
    let size: usize = events.iter().map(LogEvent::size).sum();
    if size > MAX_CALL_BYTES {
        let message = format!("Upload too large: {size} bytes exceeds limit of {MAX_CALL_BYTES}");
        return Err(invalid(message));
    }
    if !events.is_sorted_by_key(|event| event.timestamp_ms) {
        return Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let time = |event: Option<&LogEvent>| event.map_or(0, |event| event.timestamp_ms);
    if time(events.last()) - time(events.first()) > MAX_SPAN_MS {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 \
             hours.",
        ));
    }
    Ok(())
}

/// The log groups.
#[derive(Default)]
pub(crate) struct Logs {
    groups: BTreeMap<String, Group>,
}

/// A log group: its streams and the events that each accepted.
#[derive(Default)]
struct Group {
    retention_days: Option<u32>,
    streams: BTreeMap<String, Vec<LogEvent>>,
}

impl Logs {
    /// Creates a group.
    pub(crate) fn create_group(&mut self, group: &str) {
        self.groups.entry(group.to_owned()).or_default();
    }

    /// Sets the retention of a group, which is created if it is missing.
    pub(crate) fn set_retention_days(&mut self, group: &str, days: u32) {
        self.groups.entry(group.to_owned()).or_default().retention_days = Some(days);
    }

    /// Creates a stream that does not exist.
    pub(crate) fn create_stream(&mut self, group: &str, stream: &str) -> Result<(), Refusal> {
        let streams = &mut self.group(group)?.streams;
        if streams.contains_key(stream) {
            let message = "The specified log stream already exists";
            return Err(Refusal::new(400, "ResourceAlreadyExistsException", message));
        }
        streams.insert(stream.to_owned(), Vec::new());
        Ok(())
    }

    /// Stores events that are neither too old nor too new. Returns their count, and which events
    /// were rejected.
    pub(crate) fn put(
        &mut self,
        group: &str,
        stream: &str,
        events: Vec<LogEvent>,
        now_ms: i64,
    ) -> Result<(usize, Option<Value>), Refusal> {
        let group = self.group(group)?;
        let window = Window::of(&events, group.retention_days, now_ms);
        let accepted = group.streams.get_mut(stream).ok_or_else(|| missing("stream"))?;
        let before = accepted.len();
        let accepted_range = window.start()..window.too_new;
        accepted.extend(events.iter().take(accepted_range.end).skip(accepted_range.start).cloned());
        Ok((accepted.len() - before, window.rejected(events.len())))
    }

    /// The events that a stream accepted.
    pub(crate) fn events(&self, group: &str, stream: &str) -> Vec<LogEvent> {
        let stream = self.groups.get(group).and_then(|group| group.streams.get(stream));
        stream.cloned().unwrap_or_default()
    }

    /// The groups whose names have the prefix, in the API's shape.
    pub(crate) fn describe_groups(&self, prefix: &str) -> Vec<Value> {
        let groups = self.groups.iter().filter(|(name, _)| name.starts_with(prefix));
        groups
            .map(|(name, group)| match group.retention_days {
                Some(days) => json!({"logGroupName": name, "retentionInDays": days}),
                None => json!({"logGroupName": name}),
            })
            .collect()
    }

    /// The streams of a group whose names have the prefix, in the API's shape.
    pub(crate) fn describe_streams(
        &mut self,
        group: &str,
        prefix: &str,
    ) -> Result<Vec<Value>, Refusal> {
        let names = self.group(group)?.streams.keys();
        let found = names.filter(|name| name.starts_with(prefix));
        Ok(found.map(|name| json!({"logStreamName": name})).collect())
    }

    /// Forgets all events, but no streams.
    pub(crate) fn forget(&mut self) {
        let streams = self.groups.values_mut().flat_map(|group| group.streams.values_mut());
        streams.for_each(Vec::clear);
    }

    fn group(&mut self, group: &str) -> Result<&mut Group, Refusal> {
        self.groups.get_mut(group).ok_or_else(|| missing("group"))
    }
}

fn missing(kind: &str) -> Refusal {
    let message = format!("The specified log {kind} does not exist.");
    Refusal::new(400, "ResourceNotFoundException", message)
}

/// The events of a sorted call that are within the service's time limits, as indexes.
struct Window {
    /// The first that is not too old.
    too_old_end: usize,
    /// The first that the group's retention keeps.
    expired_end: usize,
    /// The first that is too new.
    too_new: usize,
}

impl Window {
    fn of(events: &[LogEvent], retention_days: Option<u32>, now_ms: i64) -> Self {
        let first_from = |time: i64| events.partition_point(|event| event.timestamp_ms < time);
        let retained_ms = retention_days.map_or(i64::MAX, |days| i64::from(days) * DAY_MS);
        Self {
            too_old_end: first_from(now_ms.saturating_sub(MAX_AGE_MS)),
            expired_end: first_from(now_ms.saturating_sub(retained_ms)),
            too_new: first_from(now_ms.saturating_add(MAX_AHEAD_MS + 1)),
        }
    }

    fn start(&self) -> usize {
        self.too_old_end.max(self.expired_end)
    }

    /// `RejectedLogEventsInfo`: ends are exclusive, the start is inclusive, and members that do not
    /// apply are left out.
    fn rejected(&self, events: usize) -> Option<Value> {
        let mut info = Map::new();
        if self.too_old_end > 0 {
            info.insert("tooOldLogEventEndIndex".to_owned(), self.too_old_end.into());
        }
        if self.expired_end > 0 {
            info.insert("expiredLogEventEndIndex".to_owned(), self.expired_end.into());
        }
        if self.too_new < events {
            info.insert("tooNewLogEventStartIndex".to_owned(), self.too_new.into());
        }
        (!info.is_empty()).then_some(Value::Object(info))
    }
}
