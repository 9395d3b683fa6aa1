//! Metrics in CloudWatch's embedded metric format: a log line that CloudWatch Logs turns into metrics.
//!
//! One line an invocation with one dimension, the function's name, so that the bill stays small: CloudWatch charges for
//! each combination of a metric and its dimensions. A sink's metrics carry its name, as in `s3.Delivered`.

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

use crate::{Delivery, Report};

/// Where the metrics are found in CloudWatch.
const NAMESPACE: &str = "changefan";

/// A guess at the length of a line for four sinks, so that it rarely grows.
const TYPICAL_LINE: usize = 4096;

/// Writes the metrics of an invocation on standard error, which Lambda brings to the function's log group.
pub(crate) fn emit(report: &Report, function: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
    // Without anybody to read them, metrics are no reason to fail.
    if let Ok(line) = line(report, function, now) {
        // In one write: standard error is not buffered, and a line in pieces could be mixed with another.
        let _ = io::stderr().write_all(&line);
    }
}

fn line(report: &Report, function: &str, now: i64) -> serde_json::Result<Vec<u8>> {
    let metrics = &metrics(report, now);
    let directive = Directive { namespace: NAMESPACE, dimensions: [["FunctionName"]], metrics };
    let metadata = Metadata { timestamp: now, cloud_watch_metrics: [directive] };
    let mut line = Vec::with_capacity(TYPICAL_LINE);
    serde_json::to_writer(&mut line, &Line { metadata, function, metrics })?;
    line.push(b'\n');
    Ok(line)
}

fn metrics(report: &Report, now: i64) -> Vec<Metric> {
    let count = |name: &str, value: usize| Metric::new(name.to_owned(), "Count", value as i64);
    let mut metrics = vec![
        count("Records", report.batch.record_count()),
        count("Decoded", report.batch.events.len()),
        count("Undecodable", report.batch.undecodable.len()),
        count("Quarantined", report.quarantined.len()),
        count("Unhandled", report.unhandled.len()),
    ];
    // As Lambda counts its own IteratorAge: of the last record of the batch.
    if let Some(last) = report.batch.events.iter().rev().find_map(|event| event.timestamp()) {
        metrics.push(Metric::new(
            "IteratorAge".to_owned(),
            "Milliseconds",
            (now - last.milliseconds()).max(0),
        ));
    }
    metrics.extend(report.deliveries.iter().flat_map(of_sink));
    metrics
}

fn of_sink(delivery: &Delivery) -> [Metric; 6] {
    let Delivery { sink, failures, delivered, remembered, retried, bytes, elapsed } = delivery;
    let metric =
        |name, unit, value: usize| Metric::new([sink.as_str(), name].concat(), unit, value as i64);
    [
        metric(".Delivered", "Count", *delivered),
        metric(".Failed", "Count", failures.len()),
        metric(".Retried", "Count", *retried),
        metric(".DuplicatesAvoided", "Count", *remembered),
        metric(".Duration", "Milliseconds", elapsed.as_millis() as usize),
        metric(".Bytes", "Bytes", *bytes),
    ]
}

/// A line of metrics: what they are, then a member for the value of each.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "_aws")]
    metadata: Metadata<'a>,
    #[serde(rename = "FunctionName")]
    function: &'a str,
    #[serde(flatten, serialize_with = "values")]
    metrics: &'a [Metric],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    /// In milliseconds since 1970.
    timestamp: i64,
    cloud_watch_metrics: [Directive<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: &'a [Metric],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: String,
    unit: &'static str,
    #[serde(skip)]
    value: i64,
}

impl Metric {
    fn new(name: String, unit: &'static str, value: i64) -> Self {
        Metric { name, unit, value }
    }
}

fn values<S: Serializer>(metrics: &&[Metric], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(metrics.iter().map(|metric| (&metric.name, metric.value)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use changefan_events::Batch;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn every_metric_is_defined_and_has_a_value() {
        let record = r#"{"eventID":"1","eventName":"REMOVE","eventSource":"aws:dynamodb",
            "dynamodb":{"SequenceNumber":"1","ApproximateCreationDateTime":1689103530}}"#;
        let batch = Batch::decode(format!("[{record}]").into()).unwrap();
        let delivery = Delivery {
            sink: "s3".into(),
            failures: Vec::new(),
            delivered: 1,
            remembered: 2,
            retried: 3,
            bytes: 4,
            elapsed: Duration::from_millis(5),
        };
        let report = Report {
            batch,
            deliveries: vec![delivery],
            quarantined: Vec::new(),
            unhandled: BTreeMap::new(),
        };
        let line = line(&report, "orders-fan", 1_689_103_531_000).unwrap();
        assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
        let line: Value = serde_json::from_slice(&line).unwrap();
        let metrics = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(metrics["Namespace"], "changefan");
        assert_eq!(metrics["Dimensions"], json!([["FunctionName"]]));
        assert_eq!(line["FunctionName"], "orders-fan");
        assert_eq!(line["_aws"]["Timestamp"], 1_689_103_531_000_i64);
        let values: Vec<_> = metrics["Metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| {
                let name = metric["Name"].as_str().unwrap();
                (name, line[name].as_u64().unwrap())
            })
            .collect();
        let expected = [
            ("Records", 1),
            ("Decoded", 1),
            ("Undecodable", 0),
            ("Quarantined", 0),
            ("Unhandled", 0),
            ("IteratorAge", 1000),
            ("s3.Delivered", 1),
            ("s3.Failed", 0),
            ("s3.Retried", 3),
            ("s3.DuplicatesAvoided", 2),
            ("s3.Duration", 5),
            ("s3.Bytes", 4),
        ];
        assert_eq!(values, expected);
    }
}
