//! The summary line of an invocation. With metrics it is in CloudWatch's embedded metric format, so
//! that CloudWatch turns it into metrics.
//!
//! CloudWatch charges per combination of a metric and its dimensions, so there is one dimension,
//! the function's name, and metrics per sink only on request. The counts per sink are members of
//! the line in any case: Logs Insights reads them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::{BatchOutcome, SinkOutcome};

/// Where the metrics appear in CloudWatch.
const NAMESPACE: &str = "changefan";

/// `METRICS`: what CloudWatch turns into metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Metrics {
    /// Three metrics: `Events`, `Unprocessed` and `Quarantined`.
    Basic,
    /// Further ones, and six per sink.
    PerSink,
    /// None.
    None,
}

/// What identifies an invocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Invocation<'a> {
    pub function: &'a str,
    pub version: &'a str,
    pub request_id: &'a str,
    pub trace_id: Option<&'a str>,
}

/// The summary of an invocation as one line.
pub(crate) fn summary(
    outcome: &BatchOutcome,
    metrics: Metrics,
    invocation: Invocation<'_>,
) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    let mut line = members(outcome, invocation);
    if metrics != Metrics::None {
        let mut values = basic(outcome);
        if metrics == Metrics::PerSink {
            values.extend(detailed(outcome, now));
        }
        line.insert("_aws".into(), directive(&values, now));
        line.insert("FunctionName".into(), invocation.function.into());
        line.extend(values.into_iter().map(|metric| (metric.name, metric.value.into())));
    }
    let mut line = Value::Object(line).to_string().into_bytes();
    line.push(b'\n');
    line
}

fn members(outcome: &BatchOutcome, invocation: Invocation<'_>) -> Map<String, Value> {
    let sinks = outcome.sinks.iter().map(|sink| (sink.name.clone(), of_sink(sink)));
    let members = json!({
        "level": "INFO",
        "message": "batch processed",
        "requestId": invocation.request_id,
        "version": invocation.version,
        "records": outcome.records,
        "events": outcome.events,
        "undecodable": outcome.undecodable,
        "quarantined": outcome.quarantined,
        "unprocessed": outcome.unprocessed.len(),
        "sinks": sinks.collect::<Map<_, _>>(),
    });
    let Value::Object(mut members) = members else { unreachable!("json! was given an object") };
    if let Some(trace_id) = invocation.trace_id {
        members.insert("traceId".into(), trace_id.into());
    }
    members
}

fn of_sink(sink: &SinkOutcome) -> Value {
    json!({
        "delivered": sink.delivered,
        "already_delivered": sink.already_delivered,
        "skipped": sink.skipped,
        "failed": sink.failed,
        "quarantined": sink.quarantined,
        "retried": sink.retried,
        "milliseconds": milliseconds(sink),
        "bytes": sink.bytes,
    })
}

struct Metric {
    name: String,
    unit: &'static str,
    value: u64,
}

fn metric(name: impl Into<String>, unit: &'static str, value: usize) -> Metric {
    Metric { name: name.into(), unit, value: value as u64 }
}

fn basic(outcome: &BatchOutcome) -> Vec<Metric> {
    vec![
        metric("Events", "Count", outcome.events),
        metric("Unprocessed", "Count", outcome.unprocessed.len()),
        metric("Quarantined", "Count", outcome.quarantined),
    ]
}

fn detailed(outcome: &BatchOutcome, now: i64) -> Vec<Metric> {
    let mut metrics = vec![
        metric("Records", "Count", outcome.records),
        metric("Undecodable", "Count", outcome.undecodable),
    ];
    // As Lambda computes IteratorAge: of the last record of the batch.
    if let Some(last) = outcome.last_timestamp {
        let age = usize::try_from(now - last.milliseconds()).unwrap_or(0);
        metrics.push(metric("IteratorAge", "Milliseconds", age));
    }
    for sink in &outcome.sinks {
        let name = |suffix| format!("{}.{suffix}", sink.name);
        metrics.extend([
            metric(name("Delivered"), "Count", sink.delivered),
            metric(name("Failed"), "Count", sink.failed),
            metric(name("Retried"), "Count", sink.retried),
            metric(name("AlreadyDelivered"), "Count", sink.already_delivered),
            metric(name("Duration"), "Milliseconds", milliseconds(sink)),
            metric(name("Bytes"), "Bytes", sink.bytes),
        ]);
    }
    metrics
}

fn milliseconds(sink: &SinkOutcome) -> usize {
    usize::try_from(sink.elapsed.as_millis()).unwrap_or(usize::MAX)
}

/// Declares to CloudWatch which members are metrics.
fn directive(metrics: &[Metric], now: i64) -> Value {
    let definition = |it: &Metric| json!({ "Name": it.name, "Unit": it.unit });
    let metrics: Vec<_> = metrics.iter().map(definition).collect();
    let directive =
        json!({ "Namespace": NAMESPACE, "Dimensions": [["FunctionName"]], "Metrics": metrics });
    json!({ "Timestamp": now, "CloudWatchMetrics": [directive] })
}
