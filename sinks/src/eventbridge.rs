//! `eventbridge`: events of an event bus.

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use changefan_events::Operation;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::batch::{BatchApi, BatchSink, CallError, Entry, Limits};
use crate::service_error::{Service, call_error, cause_of};
use crate::{Aws, BoxError, ConfigIssue, OptionSpec, Options, Outcome, Permission, Sink, SinkType};

/// EventBridge, PutEvents: entries per call.
const ENTRIES_PER_CALL: usize = 10;

/// EventBridge, PutEvents: bytes per entry since January 2026.
const BYTES_PER_ENTRY: usize = 1_048_576;

/// Bytes per call, unless one entry is larger: the limit of a call before January 2026, which every
/// region accepts.
const BYTES_PER_CALL: usize = 262_144;

/// EventBridge, "Calculating Amazon EventBridge PutEvents event entry size": bytes for the time.
const BYTES_OF_TIME: usize = 14;

/// EventBridge, PutEventsRequestEntry: `DetailType` and `Source`. Longer ones and sources of AWS
/// are accepted in the request, and the event is discarded.
fn is_name(text: &str) -> bool {
    text.len() <= 128 && !text.starts_with("aws.")
}

const NAMES: &str = "at most 128 bytes, not beginning with aws.";

/// How long a bus that was found is taken to exist. It may be deleted while the process lives.
const FOUND_FOR: Duration = Duration::from_secs(60);

/// Calls in flight. EventBridge guarantees no order between events, so none is lost.
const CONCURRENCY: usize = 8;

struct EventBridge {
    bus: String,
    source: String,
    /// The operation by default.
    detail_type: Option<String>,
    aws: Aws,
    client: OnceLock<Client>,
    /// When the bus was found last.
    found: Mutex<Option<Instant>>,
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::required("BUS", "changes", "name of the event bus"),
    OptionSpec::with_default("SOURCE", "changefan", "source of the events").checked(NAMES, is_name),
    OptionSpec::optional(
        "DETAIL_TYPE",
        "Order changed",
        "detail type of the events (default: the operation)",
    )
    .checked(NAMES, is_name),
    OptionSpec::format("json"),
    OptionSpec::NUMBERS,
];

const PERMISSIONS: &[Permission] = &[Permission::new(
    &["events:DescribeEventBus", "events:PutEvents"],
    "arn:{partition}:events:{region}:{account}:event-bus/{bus}",
)];

pub(crate) fn sink_type() -> SinkType {
    SinkType::new("eventbridge", build)
        .with_help("one event per change")
        .with_options(OPTIONS)
        .with_recommended_batch_size(500)
        .with_destination("event bus {bus}, source {source}, detail type {detail_type}")
        .with_permissions(PERMISSIONS)
}

fn build(options: &Options, aws: &Aws) -> Result<Box<dyn Sink>, ConfigIssue> {
    let api = EventBridge {
        bus: options.text("BUS").to_owned(),
        source: options.text("SOURCE").to_owned(),
        detail_type: options.optional("DETAIL_TYPE").map(str::to_owned),
        aws: aws.clone(),
        client: OnceLock::new(),
        found: Mutex::default(),
    };
    Ok(Box::new(BatchSink::new(api, options.encoder())))
}

#[async_trait]
impl BatchApi for EventBridge {
    fn limits(&self) -> Limits {
        let names = self.entry_size(0);
        Limits {
            entries: ENTRIES_PER_CALL,
            bytes: BYTES_PER_CALL,
            entry_bytes: BYTES_PER_ENTRY - names,
            span: None,
            concurrency: CONCURRENCY,
        }
    }

    fn entry_size(&self, body: usize) -> usize {
        let operation = Operation::Snapshot.as_str().len();
        let detail_type = self.detail_type.as_ref().map_or(operation, String::len);
        body + self.source.len() + detail_type + BYTES_OF_TIME
    }

    async fn send(
        &self,
        entries: &mut [Entry<'_>],
        outcome: &mut Outcome,
    ) -> Result<(), CallError> {
        // A missing bus is not reported by PutEvents in every case: entries can be discarded with a
        // status of 200.
        self.require_bus().await?;
        let put = self.client().put_events().set_entries(Some(self.request(entries)));
        let response = put.send().await.map_err(|error| {
            call_error(Service::EventBridge, "PutEvents", self.resource(), error)
        })?;
        read(response.entries(), entries, outcome);
        Ok(())
    }

    /// EventBridge, DescribeEventBus.
    async fn check(&self) -> Result<(), BoxError> {
        Ok(self.find().await?)
    }
}

impl EventBridge {
    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk_config()))
    }

    fn resource(&self) -> String {
        format!("event bus {}", self.bus)
    }

    /// Looks for the bus, unless it was found within [`FOUND_FOR`].
    async fn require_bus(&self) -> Result<(), CallError> {
        let mut found = self.found.lock().await;
        if found.is_none_or(|at| at.elapsed() >= FOUND_FOR) {
            self.find().await?;
            *found = Some(Instant::now());
        }
        Ok(())
    }

    async fn find(&self) -> Result<(), CallError> {
        match self.client().describe_event_bus().name(&self.bus).send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let operation = "DescribeEventBus";
                Err(call_error(Service::EventBridge, operation, self.resource(), error))
            }
        }
    }

    fn detail_type(&self, entry: &Entry<'_>) -> &str {
        let operation = || entry.events.first().map_or("", |event| event.operation().as_str());
        self.detail_type.as_deref().unwrap_or_else(operation)
    }

    fn request(&self, entries: &[Entry<'_>]) -> Vec<PutEventsRequestEntry> {
        entries.iter().map(|entry| self.request_entry(entry)).collect()
    }

    fn request_entry(&self, entry: &Entry<'_>) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(&self.source)
            .detail_type(self.detail_type(entry))
            .time(DateTime::from_millis(entry.time))
            .detail(&entry.body)
            .build()
    }
}

fn is_accepted(response: &PutEventsResultEntry) -> bool {
    response.error_code().is_none() && response.event_id().is_some()
}

/// EventBridge responds with status 200 even if it rejected entries: each has one in the response.
fn read(responses: &[PutEventsResultEntry], entries: &[Entry<'_>], outcome: &mut Outcome) {
    for (index, entry) in entries.iter().enumerate() {
        match responses.get(index) {
            Some(response) if is_accepted(response) => {}
            response => {
                let code = response.and_then(PutEventsResultEntry::error_code);
                let message = response.and_then(PutEventsResultEntry::error_message);
                let code = code.unwrap_or("no event id in the response of PutEvents");
                let reason = format!("{code}: {}", message.unwrap_or_default());
                outcome.fail_all(entry.events, cause_of(Service::EventBridge, 200, code), reason);
            }
        }
    }
}
