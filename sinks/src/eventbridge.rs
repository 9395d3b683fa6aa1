//! `eventbridge`: events of an event bus.

use std::sync::OnceLock;

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use changefan_events::Operation;
use tokio::sync::OnceCell;

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

/// EventBridge, PutEventsRequestEntry: characters of `DetailType` and of `Source`.
const MAX_NAME: usize = 128;

/// Calls in flight. EventBridge guarantees no order between events, so none is lost.
const CONCURRENCY: usize = 8;

struct EventBridge {
    bus: String,
    source: String,
    /// The operation by default.
    detail_type: Option<String>,
    aws: Aws,
    client: OnceLock<Client>,
    /// Set when the bus was found.
    found: OnceCell<()>,
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::required("BUS", "changes", "name of the event bus"),
    OptionSpec::with_default("SOURCE", "changefan", "source of the events"),
    OptionSpec::optional(
        "DETAIL_TYPE",
        "Order changed",
        "detail type of the events (default: the operation)",
    ),
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
        source: name(options, "SOURCE")?.unwrap_or_default(),
        detail_type: name(options, "DETAIL_TYPE")?,
        aws: aws.clone(),
        client: OnceLock::new(),
        found: OnceCell::new(),
    };
    Ok(Box::new(BatchSink::new(api, options.encoder())))
}

/// EventBridge accepts longer names and sources of AWS in the request, and discards the event.
fn name(options: &Options, option: &str) -> Result<Option<String>, ConfigIssue> {
    let Some(found) = options.optional(option) else { return Ok(None) };
    if found.len() <= MAX_NAME && !found.starts_with("aws.") {
        return Ok(Some(found.to_owned()));
    }
    Err(ConfigIssue::Invalid {
        variable: options.variable(option),
        found: found.to_owned(),
        expected: format!("at most {MAX_NAME} bytes, not beginning with aws."),
        example: "changefan".to_owned(),
    })
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
        self.found.get_or_try_init(|| self.find()).await?;
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
