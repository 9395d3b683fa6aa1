//! `cloudwatch_logs`: log events in a stream of a log group.

use std::sync::OnceLock;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::BuildError;
use aws_sdk_cloudwatchlogs::types::{InputLogEvent, RejectedLogEventsInfo};
use changefan_events::{ChangeEvent, Format};

use crate::batch::{BatchApi, BatchSink, CallError, Entry, Limits};
use crate::embedded_metrics;
use crate::service_error::{Service, call_error};
use crate::spec::is_ascii_name;
use crate::{
    Aws, BoxError, Cause, ConfigIssue, OptionSpec, Options, Ordering, Outcome, Permission, Sink,
    SinkType,
};

/// CloudWatch Logs, PutLogEvents: events per call.
const EVENTS_PER_CALL: usize = 10_000;

/// CloudWatch Logs, PutLogEvents: bytes per call, and per event.
const BYTES_PER_CALL: usize = 1_048_576;

/// CloudWatch Logs, PutLogEvents: bytes that each event counts in addition to its message.
const BYTES_PER_EVENT: usize = 26;

/// CloudWatch Logs, PutLogEvents: the events of one call lie within 24 hours. In milliseconds.
const SPAN_OF_CALL: i64 = 24 * 60 * 60 * 1000;

struct CloudWatchLogs {
    group: String,
    stream: String,
    format: Format,
    aws: Aws,
    client: OnceLock<Client>,
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::required("GROUP", "/changes/orders", "log group")
        .checked("up to 512 letters, digits and characters of -_./#", is_group),
    OptionSpec::with_default("STREAM", "changefan", "log stream, created if it is missing")
        .checked("up to 512 characters without : and *", is_stream),
    OptionSpec::format("log"),
    OptionSpec::NUMBERS,
];

/// CloudWatch Logs, PutLogEvents: `logGroupName`.
fn is_group(text: &str) -> bool {
    is_ascii_name(text, MAX_NAME, b"-_./#")
}

/// CloudWatch Logs, PutLogEvents: `logStreamName`.
fn is_stream(text: &str) -> bool {
    text.chars().count() <= MAX_NAME && !text.contains([':', '*'])
}

/// CloudWatch Logs, PutLogEvents: characters of both names.
const MAX_NAME: usize = 512;

const GROUP: &str = "arn:{partition}:logs:{region}:{account}:log-group:{group}";
const STREAMS: &str = "arn:{partition}:logs:{region}:{account}:log-group:{group}:*";

const PERMISSIONS: &[Permission] = &[
    Permission::new(&["logs:DescribeLogStreams"], GROUP),
    Permission::new(&["logs:CreateLogStream", "logs:PutLogEvents"], STREAMS),
];

pub(crate) fn sink_type() -> SinkType {
    SinkType::new("cloudwatch_logs", build)
        .with_help("one log event per change, at the time of the change")
        .with_options(OPTIONS)
        .with_ordering(Ordering::Total)
        .with_recommended_batch_size(10_000)
        .with_destination("log stream {stream} of log group {group}")
        .with_permissions(PERMISSIONS)
}

fn build(options: &Options, aws: &Aws) -> Result<Box<dyn Sink>, ConfigIssue> {
    let encoder = options.encoder();
    let api = CloudWatchLogs {
        group: options.text("GROUP").to_owned(),
        stream: options.text("STREAM").to_owned(),
        format: encoder.format,
        aws: aws.clone(),
        client: OnceLock::new(),
    };
    // A log stream is read in the order in which it was written.
    Ok(Box::new(BatchSink::new(api, encoder).with_ordering(Ordering::Total)))
}

#[async_trait]
impl BatchApi for CloudWatchLogs {
    fn limits(&self) -> Limits {
        Limits {
            entries: EVENTS_PER_CALL,
            bytes: BYTES_PER_CALL,
            entry_bytes: BYTES_PER_CALL - BYTES_PER_EVENT,
            span: Some(SPAN_OF_CALL),
            concurrency: 1,
        }
    }

    fn entry_size(&self, body: usize) -> usize {
        body + BYTES_PER_EVENT
    }

    fn refusal(&self, event: &ChangeEvent) -> Option<(Cause, BoxError)> {
        embedded_metrics::refusal(event, self.format)
    }

    async fn send(
        &self,
        entries: &mut [Entry<'_>],
        outcome: &mut Outcome,
    ) -> Result<(), CallError> {
        let mut sent = self.put(entries).await;
        if sent.as_ref().is_err_and(|error| error.code == "ResourceNotFoundException") {
            self.create_stream().await?;
            sent = self.put(entries).await;
        }
        if let Some(rejected) = sent? {
            read(&rejected, entries, outcome);
        }
        Ok(())
    }

    /// CloudWatch Logs, DescribeLogStreams.
    async fn check(&self) -> Result<(), BoxError> {
        let describe = self.client().describe_log_streams().log_group_name(&self.group).limit(1);
        match describe.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let operation = "DescribeLogStreams";
                Err(call_error(Service::CloudWatchLogs, operation, self.resource(), error).into())
            }
        }
    }
}

impl CloudWatchLogs {
    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk_config()))
    }

    fn resource(&self) -> String {
        format!("log stream {} of log group {}", self.stream, self.group)
    }

    async fn put(&self, entries: &[Entry<'_>]) -> Result<Option<RejectedLogEventsInfo>, CallError> {
        // All or none: the response is index-aligned with the request.
        let events = entries.iter().map(log_event).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(|error| CallError::new(Cause::Unknown, "", error))?;
        let put = self.client().put_log_events().log_group_name(&self.group);
        let put = put.log_stream_name(&self.stream).set_log_events(Some(events));
        match put.send().await {
            Ok(response) => Ok(response.rejected_log_events_info),
            Err(error) => {
                let operation = "PutLogEvents";
                Err(call_error(Service::CloudWatchLogs, operation, self.resource(), error))
            }
        }
    }

    async fn create_stream(&self) -> Result<(), CallError> {
        let create = self.client().create_log_stream().log_group_name(&self.group);
        let Err(error) = create.log_stream_name(&self.stream).send().await else { return Ok(()) };
        let operation = "CreateLogStream";
        let error = call_error(Service::CloudWatchLogs, operation, self.resource(), error);
        // Another instance may have created it.
        if error.code == "ResourceAlreadyExistsException" { Ok(()) } else { Err(error) }
    }
}

fn log_event(entry: &Entry<'_>) -> Result<InputLogEvent, BuildError> {
    InputLogEvent::builder().timestamp(entry.time).message(&entry.body).build()
}

/// CloudWatch Logs responds with status 200 even if it rejected events for their age, and states
/// where they begin or end.
fn read(rejected: &RejectedLogEventsInfo, entries: &[Entry<'_>], outcome: &mut Outcome) {
    let count = entries.len();
    let too_old = clamped(rejected.too_old_log_event_end_index, count).unwrap_or(0);
    let expired = clamped(rejected.expired_log_event_end_index, count).unwrap_or(0);
    let old = too_old.max(expired);
    let new = clamped(rejected.too_new_log_event_start_index, count).unwrap_or(count).max(old);
    for entry in &entries[..old] {
        let reason = "the event is older than 14 days or than the log group's retention";
        outcome.fail_all(entry.events, Cause::TimestampOutOfRange, reason);
    }
    for entry in &entries[new..] {
        let reason = "the event is more than two hours in the future";
        outcome.fail_all(entry.events, Cause::TimestampOutOfRange, reason);
    }
}

/// An index of a response, which is at most `count`.
fn clamped(index: Option<i32>, count: usize) -> Option<usize> {
    index.map(|index| usize::try_from(index).unwrap_or(0).min(count))
}
