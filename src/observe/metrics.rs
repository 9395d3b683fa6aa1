//! The summary line of an invocation. With metrics it is in CloudWatch's embedded metric format, so
//! that CloudWatch turns it into metrics.
//!
//! CloudWatch charges per combination of a metric and its dimensions, so there is one dimension,
//! the function's name, and metrics per sink only on request. The counts per sink are members of
//! the line in any case: Logs Insights reads them.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::{BatchOutcome, SinkOutcome};

/// Where the metrics appear in CloudWatch.
const NAMESPACE: &str = "changefan";

/// CloudWatch, embedded metric format: the most metrics that a `MetricDirective` defines.
const METRICS_PER_DIRECTIVE: usize = 100;

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
    let summary = Summary {
        level: "INFO",
        message: "batch processed",
        request_id: invocation.request_id,
        trace_id: invocation.trace_id,
        version: invocation.version,
        records: outcome.records,
        events: outcome.events,
        undecodable: outcome.undecodable,
        quarantined: outcome.quarantined,
        unprocessed: outcome.unprocessed.len(),
        sinks: Sinks(&outcome.sinks),
        metrics: embedded(outcome, metrics, invocation.function),
    };
    let mut line = Vec::with_capacity(2048);
    // Cannot fail: memory takes every write, and every key is text.
    let _ = serde_json::to_writer(&mut line, &summary);
    line.push(b'\n');
    line
}

#[derive(Serialize)]
struct Summary<'a> {
    level: &'static str,
    message: &'static str,
    #[serde(rename = "requestId")]
    request_id: &'a str,
    #[serde(rename = "traceId", skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    version: &'a str,
    records: usize,
    events: usize,
    undecodable: usize,
    quarantined: usize,
    unprocessed: usize,
    sinks: Sinks<'a>,
    #[serde(flatten)]
    metrics: Option<Embedded<'a>>,
}

/// The outcomes of sinks by their names.
struct Sinks<'a>(&'a [SinkOutcome]);

impl Serialize for Sinks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|sink| (&sink.name, OfSink::from(sink))))
    }
}

#[derive(Serialize)]
struct OfSink {
    delivered: usize,
    already_delivered: usize,
    skipped: usize,
    failed: usize,
    quarantined: usize,
    retried: usize,
    milliseconds: usize,
    bytes: usize,
}

impl From<&SinkOutcome> for OfSink {
    fn from(sink: &SinkOutcome) -> Self {
        Self {
            delivered: sink.delivered,
            already_delivered: sink.already_delivered,
            skipped: sink.skipped,
            failed: sink.failed,
            quarantined: sink.quarantined,
            retried: sink.retried,
            milliseconds: milliseconds(sink),
            bytes: sink.bytes,
        }
    }
}

/// Metrics in CloudWatch's embedded metric format: a member declares which others are metrics.
struct Embedded<'a> {
    function: &'a str,
    now: i64,
    metrics: Vec<Metric>,
}

impl Serialize for Embedded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let directive =
            |metrics| Directive { namespace: NAMESPACE, dimensions: [["FunctionName"]], metrics };
        let directives = self.metrics.chunks(METRICS_PER_DIRECTIVE).map(directive).collect();
        let mut members = serializer.serialize_map(None)?;
        let aws = Aws { timestamp: self.now, directives };
        members.serialize_entry("_aws", &aws)?;
        members.serialize_entry("FunctionName", self.function)?;
        for metric in &self.metrics {
            members.serialize_entry(&metric.name, &metric.value)?;
        }
        members.end()
    }
}

#[derive(Serialize)]
struct Aws<'a> {
    #[serde(rename = "Timestamp")]
    timestamp: i64,
    #[serde(rename = "CloudWatchMetrics")]
    directives: Vec<Directive<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: &'a [Metric],
}

fn embedded<'a>(
    outcome: &BatchOutcome,
    metrics: Metrics,
    function: &'a str,
) -> Option<Embedded<'a>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    let metrics = match metrics {
        Metrics::Basic => basic(outcome),
        Metrics::PerSink => [basic(outcome), detailed(outcome, now)].concat(),
        Metrics::None => return None,
    };
    Some(Embedded { function, now, metrics })
}

/// One metric; as JSON, its declaration.
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: Cow<'static, str>,
    unit: &'static str,
    #[serde(skip)]
    value: u64,
}

fn metric(name: impl Into<Cow<'static, str>>, unit: &'static str, value: usize) -> Metric {
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
