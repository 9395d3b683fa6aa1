//! CloudWatch Logs: the operations and their shapes. What the service accepts is in `log_store`.

use serde_json::json;

use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::json::{Input, unknown_operation};
use crate::log_store::{LogEvent, check};

/// `PutLogEvents`: the most `logEvents` per call.
const MAX_EVENTS: usize = 10_000;
/// `CreateLogStream`: the longest `logStreamName`, in characters.
const MAX_STREAM_NAME: usize = 512;

/// Parses a request.
pub(crate) fn parse(name: &str, input: Input<'_>) -> Result<Operation, Refusal> {
    match name {
        "PutLogEvents" => put_log_events(input),
        "CreateLogStream" => create_log_stream(input),
        "DescribeLogGroups" => Ok(describe_log_groups(input)),
        "DescribeLogStreams" => describe_log_streams(input),
        _ => Err(unknown_operation()),
    }
}

/// Refuses a parameter that breaks one of the service's own rules.
pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidParameterException", message)
}

fn put_log_events(input: Input<'_>) -> Result<Operation, Refusal> {
    let group = input.text("logGroupName")?.to_owned();
    let stream = input.text("logStreamName")?.to_owned();
    let count = input.count("logEvents");
    let events = decode_events(input);
    let resource = format!("{group}/{stream}");
    let operation = Operation::new("PutLogEvents", resource, move |state, fault| {
        let now_ms = state.now_ms();
        let events = events?;
        check(&events)?;
        fault.check_contents(events.iter().map(|event| event.message.as_bytes()))?;
        let (stored, rejected) = state.logs.put(&group, &stream, events, now_ms)?;
        let mut answer = json!({"nextSequenceToken": "ignored"});
        if let Some(rejected) = rejected {
            answer["rejectedLogEventsInfo"] = rejected;
        }
        Ok(Reply::json(&answer).stored(stored))
    });
    Ok(operation.storing(count))
}

fn decode_events(input: Input<'_>) -> Result<Vec<LogEvent>, Refusal> {
    let events = input.list("logEvents", MAX_EVENTS)?;
    events.into_iter().map(decode_event).collect()
}

fn decode_event(event: Input<'_>) -> Result<LogEvent, Refusal> {
    let timestamp_ms = event.natural("timestamp")?;
    let message = event.text("message")?.to_owned();
    Ok(LogEvent { timestamp_ms, message })
}

fn create_log_stream(input: Input<'_>) -> Result<Operation, Refusal> {
    let group = input.text("logGroupName")?.to_owned();
    let stream = input.text("logStreamName")?.to_owned();
    let resource = format!("{group}/{stream}");
    Ok(Operation::new("CreateLogStream", resource, move |state, _| {
        if stream.contains([':', '*']) || stream.chars().count() > MAX_STREAM_NAME {
            return Err(invalid(format!("logStreamName {stream:?} is not allowed")));
        }
        state.logs.create_stream(&group, &stream)?;
        Ok(Reply::json(&json!({})))
    }))
}

fn describe_log_groups(input: Input<'_>) -> Operation {
    let prefix = input.optional_text("logGroupNamePrefix").unwrap_or_default().to_owned();
    Operation::new("DescribeLogGroups", prefix.clone(), move |state, _| {
        Ok(Reply::json(&json!({"logGroups": state.logs.describe_groups(&prefix)})))
    })
}

fn describe_log_streams(input: Input<'_>) -> Result<Operation, Refusal> {
    let group = input.text("logGroupName")?.to_owned();
    let prefix = input.optional_text("logStreamNamePrefix").unwrap_or_default().to_owned();
    Ok(Operation::new("DescribeLogStreams", group.clone(), move |state, _| {
        let streams = state.logs.describe_streams(&group, &prefix)?;
        Ok(Reply::json(&json!({"logStreams": streams})))
    }))
}
