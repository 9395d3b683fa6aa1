//! `cloudwatch_logs`: log events in a stream of a log group.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::operation::put_log_events::PutLogEventsError;
use aws_sdk_cloudwatchlogs::types::{InputLogEvent, RejectedLogEventsInfo};
use changefan_events::{ChangeEvent, Encoder, Format};

use crate::error::Failures;
use crate::limits::{Item, calls};
use crate::lines::TYPICAL_LINE;
use crate::{Aws, BoxError, Cause, Deadline, DeliveryError, Options, Sink, aws};

/// CloudWatch Logs, PutLogEvents: the events of one call.
const EVENTS_PER_CALL: usize = 10_000;

/// CloudWatch Logs, PutLogEvents: the bytes of one call, and of one event.
const BYTES_PER_CALL: usize = 1_048_576;

/// CloudWatch Logs, PutLogEvents: what each event counts besides its message.
const BYTES_PER_EVENT: usize = 26;

/// CloudWatch Logs, PutLogEvents: the events of one call lie within 24 hours. In milliseconds.
const SPAN_OF_CALL: i64 = 24 * 60 * 60 * 1000;

struct CloudWatchLogs {
    group: String,
    stream: String,
    format: Encoder,
    aws: Aws,
    client: OnceLock<Client>,
}

pub(crate) fn build(options: &mut Options, aws: &Aws) -> Box<dyn Sink> {
    Box::new(CloudWatchLogs {
        group: options.required("GROUP", "/changes/orders"),
        stream: options.text("STREAM", "changefan"),
        format: options.encoder(Format::Log),
        aws: aws.clone(),
        client: OnceLock::new(),
    })
}

/// An event as it will be put.
struct Entry {
    index: usize,
    /// In milliseconds.
    time: i64,
    message: String,
}

impl Item for Entry {
    fn size(&self) -> usize {
        self.message.len() + BYTES_PER_EVENT
    }

    fn goes_with(&self, first: &Entry) -> bool {
        self.time - first.time < SPAN_OF_CALL
    }
}

#[async_trait]
impl Sink for CloudWatchLogs {
    async fn deliver(
        &self,
        events: &[ChangeEvent],
        deadline: Deadline,
    ) -> Result<(), DeliveryError> {
        let (mut failures, mut too_large) = (Failures::default(), Failures::default());
        let mut calls =
            calls(self.entries(events, &mut too_large), EVENTS_PER_CALL, BYTES_PER_CALL);
        // One call after the other, and none after one that failed: a log stream is read as it was written.
        while let Some(call) = calls.next() {
            if let Err((cause, source)) = self.put(&call, deadline, &mut failures).await {
                let held_up =
                    call.into_iter().chain(calls.by_ref().flatten()).map(|entry| entry.index);
                failures.add(held_up, cause, source);
                break;
            }
        }
        drop(calls);
        failures.merge(too_large);
        failures.into_result()
    }

    /// CloudWatch Logs, DescribeLogStreams.
    async fn check(&self) -> Result<(), BoxError> {
        let described =
            self.client().describe_log_streams().log_group_name(&self.group).limit(1).send().await;
        described.map(drop).map_err(|error| {
            format!("log group {}: {}", self.group, crate::describe(&error)).into()
        })
    }
}

impl CloudWatchLogs {
    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk_config()))
    }

    /// Puts a call's events and notes those that were rejected for their age. The error is that of the whole call.
    async fn put(
        &self,
        call: &[Entry],
        deadline: Deadline,
        failures: &mut Failures,
    ) -> Result<(), (Cause, BoxError)> {
        let mut answer = deadline.bound(self.call(call)).await;
        if answer.as_ref().is_some_and(|answer| answer.as_ref().is_err_and(is_missing)) {
            answer = match deadline.bound(self.create_stream()).await {
                Some(created) => {
                    created?;
                    deadline.bound(self.call(call)).await
                }
                None => None,
            };
        }
        match answer {
            Some(Ok(Some(rejected))) => refused(&rejected, call, failures),
            Some(Ok(None)) => {}
            Some(Err(error)) => return Err((aws::cause(&error), error.into())),
            None => {
                return Err((
                    Cause::TimedOut,
                    "CloudWatch Logs did not answer before the deadline".into(),
                ));
            }
        }
        Ok(())
    }

    /// Events in chronological order, as a call wants them. An event that is too long for any call is a failure.
    fn entries<'a>(
        &self,
        events: &'a [ChangeEvent],
        too_large: &'a mut Failures,
    ) -> impl Iterator<Item = Entry> + use<'a> {
        let now =
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
        let time = move |index: &usize| {
            events[*index].timestamp().map_or(now, |timestamp| timestamp.milliseconds())
        };
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by_key(time);
        let format = self.format;
        order.into_iter().filter_map(move |index| {
            let mut message = String::with_capacity(TYPICAL_LINE);
            format.write(&events[index], &mut message);
            let entry = Entry { index, time: time(&index), message };
            if entry.size() <= BYTES_PER_CALL {
                return Some(entry);
            }
            let text = format!(
                "the event counts {} bytes and CloudWatch Logs takes at most {BYTES_PER_CALL}",
                entry.size()
            );
            too_large.add([index], Cause::TooLarge, text);
            None
        })
    }

    async fn call(&self, call: &[Entry]) -> Result<Option<RejectedLogEventsInfo>, PutError> {
        let event = |entry: &Entry| {
            InputLogEvent::builder().timestamp(entry.time).message(&entry.message).build()
        };
        // All or none: the answer tells of events by their index.
        let events = call
            .iter()
            .map(event)
            .collect::<Result<_, _>>()
            .map_err(PutError::construction_failure)?;
        let put = self
            .client()
            .put_log_events()
            .log_group_name(&self.group)
            .log_stream_name(&self.stream);
        let answer = put.set_log_events(Some(events)).send().await?;
        Ok(answer.rejected_log_events_info)
    }

    async fn create_stream(&self) -> Result<(), (Cause, BoxError)> {
        let create = self
            .client()
            .create_log_stream()
            .log_group_name(&self.group)
            .log_stream_name(&self.stream);
        match create.send().await {
            Ok(_) => Ok(()),
            // Another instance was faster.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_resource_already_exists_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err((aws::cause(&error), error.into())),
        }
    }
}

type PutError = aws_sdk_cloudwatchlogs::error::SdkError<PutLogEventsError>;

fn is_missing(error: &PutError) -> bool {
    error.as_service_error().is_some_and(PutLogEventsError::is_resource_not_found_exception)
}

/// CloudWatch Logs answers 200 even when it rejected events for their age, and tells where they begin or end.
fn refused(rejected: &RejectedLogEventsInfo, call: &[Entry], failures: &mut Failures) {
    let at = |index: Option<i32>, otherwise: usize| {
        index.map_or(otherwise, |index| usize::try_from(index).unwrap_or_default().min(call.len()))
    };
    let old = at(rejected.too_old_log_event_end_index, 0)
        .max(at(rejected.expired_log_event_end_index, 0));
    let new = at(rejected.too_new_log_event_start_index, call.len()).max(old);
    let indexes = |entries: &[Entry]| entries.iter().map(|entry| entry.index).collect::<Vec<_>>();
    let (past, future) = (indexes(&call[..old]), indexes(&call[new..]));
    if !past.is_empty() {
        let text = "the event is older than 14 days or than the log group's retention";
        failures.add(past, Cause::OutOfTime, text);
    }
    if !future.is_empty() {
        failures.add(future, Cause::OutOfTime, "the event is more than two hours ahead of time");
    }
}
