//! Amazon EventBridge: `PutEvents` and `DescribeEventBus`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::StrictAws;
use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::fault::Fault;
use crate::json::{Input, unknown_operation};

/// `PutEvents`: the most `Entries` per call.
const MAX_ENTRIES: usize = 10;
/// `PutEvents`: the most bytes of an entry, and of all entries of a call, each counted as
/// [`BusEvent::size`].
const MAX_CALL_BYTES: usize = 1_048_576;
/// `PutEvents`: the bytes that `Time` counts.
const TIME_BYTES: usize = 14;
/// `PutEventsRequestEntry`: the longest `DetailType`, in characters.
const MAX_DETAIL_TYPE: usize = 128;
/// The bus of entries that name none.
const DEFAULT_BUS: &str = "default";

impl StrictAws {
    /// Creates an event bus. The bus `default` exists, as in every account.
    pub fn create_event_bus(&self, bus: &str) {
        self.state().eventbridge.buses.entry(bus.to_owned()).or_default();
    }

    /// Deletes an event bus, with what was put into it.
    pub fn delete_event_bus(&self, bus: &str) {
        self.state().eventbridge.buses.remove(bus);
    }

    /// Sets what happens to entries for a bus that does not exist.
    pub fn set_absent_buses(&self, absent: AbsentBus) {
        self.state().eventbridge.absent = absent;
    }

    /// Every event that the bus accepted, in order of acceptance, repeats included.
    pub fn bus_events(&self, bus: &str) -> Vec<BusEvent> {
        self.state().eventbridge.buses.get(bus).cloned().unwrap_or_default()
    }
}

/// What `PutEvents` does with entries for a bus that does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AbsentBus {
    /// The call is refused with `ResourceNotFoundException`.
    #[default]
    Refused,
    /// The entries get an event id and are lost. AWS was seen to do so in 2022 and in 2025
    /// (<https://github.com/aws/aws-cli/issues/9186>); only `DescribeEventBus` shows it.
    Discarded,
}

/// One event as a bus accepted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusEvent {
    /// The id that the response returned.
    pub id: String,
    /// The entry's `Source`.
    pub source: String,
    /// The entry's `DetailType`.
    pub detail_type: String,
    /// The entry's `Detail`: a JSON object, byte for byte.
    pub detail: String,
    /// The entry's `Resources`.
    pub resources: Vec<String>,
    /// The entry's `Time`, in milliseconds since 1970.
    pub time_ms: Option<i64>,
}

impl BusEvent {
    /// The bytes that the entry counts toward the limits.
    fn size(&self) -> usize {
        let resources: usize = self.resources.iter().map(String::len).sum();
        let time = self.time_ms.map_or(0, |_| TIME_BYTES);
        self.source.len() + self.detail_type.len() + self.detail.len() + resources + time
    }

    /// Why the service does not accept the entry.
    fn fault(&self) -> Option<(&'static str, String)> {
        let required =
            [("Source", &self.source), ("DetailType", &self.detail_type), ("Detail", &self.detail)];
        if let Some((name, _)) = required.iter().find(|(_, value)| value.is_empty()) {
            let message =
                format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
            return Some(("InvalidArgument", message));
        }
        if self.detail_type.chars().count() > MAX_DETAIL_TYPE {
            let message = "Parameter DetailType is not valid. Reason: it is too long.".to_owned();
            return Some(("InvalidArgument", message));
        }
        if self.source.starts_with("aws.") {
            let message = format!("Not authorized for the source: {}", self.source);
            return Some(("NotAuthorizedForSourceException", message));
        }
        let detail = serde_json::from_str::<Value>(&self.detail);
        let malformed = !detail.is_ok_and(|detail| detail.is_object());
        malformed.then(|| ("MalformedDetail", "Detail is malformed.".to_owned()))
    }
}

/// The buses and the events that each accepted.
pub(crate) struct EventBridge {
    buses: BTreeMap<String, Vec<BusEvent>>,
    absent: AbsentBus,
    accepted: usize,
}

impl Default for EventBridge {
    fn default() -> Self {
        let buses = BTreeMap::from([(DEFAULT_BUS.to_owned(), Vec::new())]);
        Self { buses, absent: AbsentBus::default(), accepted: 0 }
    }
}

impl EventBridge {
    /// Forgets all events, but no buses.
    pub(crate) fn forget(&mut self) {
        self.buses.values_mut().for_each(Vec::clear);
    }

    fn check_bus(&self, bus: &str) -> Result<(), Refusal> {
        if self.buses.contains_key(bus) {
            return Ok(());
        }
        let message = format!("Event bus {bus} does not exist.");
        Err(Refusal::new(400, "ResourceNotFoundException", message))
    }

    fn put(&mut self, entries: Vec<Entry>, fault: &Fault) -> Result<Reply, Refusal> {
        if self.absent == AbsentBus::Refused {
            entries.iter().try_for_each(|entry| self.check_bus(&entry.bus))?;
        }
        fault.check_contents(entries.iter().map(|entry| entry.event.detail.as_bytes()))?;
        let mut stored = 0;
        let mut results = Vec::with_capacity(entries.len());
        for (index, entry) in entries.into_iter().enumerate() {
            let injected = fault
                .rejection(index, entry.event.detail.as_bytes(), "ThrottlingException")
                .map(|code| (code, "Rate exceeded".to_owned()));
            match entry.event.fault().or(injected) {
                Some((code, message)) => {
                    results.push(json!({"ErrorCode": code, "ErrorMessage": message}));
                }
                None => {
                    results.push(json!({"EventId": self.accept(entry)}));
                    stored += 1;
                }
            }
        }
        let answer = json!({"FailedEntryCount": results.len() - stored, "Entries": results});
        Ok(Reply::json(&answer).stored(stored))
    }

    /// Stores an event, unless its bus does not exist, and returns its id.
    fn accept(&mut self, entry: Entry) -> String {
        let id = format!("00000000-0000-4000-8000-{:012x}", self.accepted);
        self.accepted += 1;
        if let Some(events) = self.buses.get_mut(&entry.bus) {
            events.push(BusEvent { id: id.clone(), ..entry.event });
        }
        id
    }
}

/// An entry and the name of its bus.
struct Entry {
    bus: String,
    event: BusEvent,
}

/// Parses a request.
pub(crate) fn parse(name: &str, input: Input<'_>) -> Result<Operation, Refusal> {
    match name {
        "PutEvents" => Ok(put_events(input)),
        "DescribeEventBus" => Ok(describe_event_bus(input)),
        _ => Err(unknown_operation()),
    }
}

/// The operation's resource is the bus of the first entry.
fn put_events(input: Input<'_>) -> Operation {
    let count = input.count("Entries");
    let first = input.items("Entries").next().map(bus).unwrap_or_default();
    let entries = decode_entries(input);
    let operation = Operation::new("PutEvents", first, move |state, fault| {
        state.eventbridge.put(entries?, fault)
    });
    operation.storing(count)
}

fn decode_entries(input: Input<'_>) -> Result<Vec<Entry>, Refusal> {
    let entries: Vec<Entry> = input
        .list("Entries", MAX_ENTRIES)?
        .into_iter()
        .map(decode_entry)
        .collect::<Result<_, _>>()?;
    let size: usize = entries.iter().map(|entry| entry.event.size()).sum();
    if size > MAX_CALL_BYTES {
        let message = "Total size of the entries in the request is over the limit.";
        return Err(Refusal::new(400, "ValidationException", message));
    }
    Ok(entries)
}

fn decode_entry(entry: Input<'_>) -> Result<Entry, Refusal> {
    let text = |name| entry.optional_text(name).unwrap_or_default().to_owned();
    let event = BusEvent {
        id: String::new(),
        source: text("Source"),
        detail_type: text("DetailType"),
        detail: text("Detail"),
        resources: entry.texts("Resources"),
        time_ms: entry.optional_time("Time")?,
    };
    Ok(Entry { bus: bus(entry), event })
}

/// The name of an entry's bus, which is given by name or by ARN.
fn bus(entry: Input<'_>) -> String {
    name_of(entry.optional_text("EventBusName").unwrap_or(DEFAULT_BUS)).to_owned()
}

fn name_of(bus: &str) -> &str {
    bus.rsplit_once(":event-bus/").map_or(bus, |(_, name)| name)
}

fn describe_event_bus(input: Input<'_>) -> Operation {
    let bus = name_of(input.optional_text("Name").unwrap_or(DEFAULT_BUS)).to_owned();
    Operation::new("DescribeEventBus", bus.clone(), move |state, _| {
        state.eventbridge.check_bus(&bus)?;
        let arn = format!("arn:aws:events:us-east-1:000000000000:event-bus/{bus}");
        Ok(Reply::json(&json!({"Name": bus, "Arn": arn})))
    })
}
