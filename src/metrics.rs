//! Metrics in CloudWatch's embedded metric format: a log line that CloudWatch Logs turns into metrics.
//!
//! One line an invocation with one dimension, the function's name, so that the bill stays small: CloudWatch charges for
//! each combination of a metric and its dimensions. A sink's metrics carry its name, as in `s3.Delivered`.

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::{Delivery, Report};

/// Where the metrics are found in CloudWatch.
const NAMESPACE: &str = "changefan";

/// Writes the metrics of an invocation on standard error, which Lambda brings to the function's log group.
pub(crate) fn emit(report: &Report, function: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
    // In one write: standard error is not buffered, and a line in pieces could be mixed with another.
    let line = format!("{}\n", line(report, function, now));
    // Without anybody to read them, metrics are no reason to fail.
    let _ = io::stderr().write_all(line.as_bytes());
}

fn line(report: &Report, function: &str, now: i64) -> Value {
    let mut line = Line::default();
    line.add("Records", "Count", report.batch.record_count());
    line.add("Decoded", "Count", report.batch.events.len());
    line.add("Undecodable", "Count", report.batch.undecodable.len());
    line.add("Quarantined", "Count", report.quarantined.len());
    line.add("Unhandled", "Count", report.unhandled.len());
    // As Lambda counts its own IteratorAge: of the last record of the batch.
    if let Some(last) = report.batch.events.iter().rev().find_map(|event| event.timestamp()) {
        line.add("IteratorAge", "Milliseconds", (now - last.milliseconds()).max(0));
    }
    for Delivery { sink, failures, delivered, remembered, retried, bytes, elapsed } in &report.deliveries {
        line.add(&format!("{sink}.Delivered"), "Count", *delivered);
        line.add(&format!("{sink}.Failed"), "Count", failures.len());
        line.add(&format!("{sink}.Retried"), "Count", *retried);
        line.add(&format!("{sink}.DuplicatesAvoided"), "Count", *remembered);
        line.add(&format!("{sink}.Duration"), "Milliseconds", elapsed.as_millis() as u64);
        line.add(&format!("{sink}.Bytes"), "Bytes", *bytes);
    }
    line.finish(function, now)
}

/// The metrics' definitions and their values, which stand in different places of the line.
#[derive(Default)]
struct Line {
    definitions: Vec<Value>,
    values: Map<String, Value>,
}

impl Line {
    fn add(&mut self, name: &str, unit: &str, value: impl Into<Value>) {
        self.definitions.push(json!({ "Name": name, "Unit": unit }));
        self.values.insert(name.to_owned(), value.into());
    }

    fn finish(mut self, function: &str, now: i64) -> Value {
        let metrics = json!({ "Namespace": NAMESPACE, "Dimensions": [["FunctionName"]], "Metrics": self.definitions });
        self.values.insert("_aws".into(), json!({ "Timestamp": now, "CloudWatchMetrics": [metrics] }));
        self.values.insert("FunctionName".into(), function.into());
        Value::Object(self.values)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use changefan_events::Batch;

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
        let report = Report { batch, deliveries: vec![delivery], quarantined: Vec::new(), unhandled: BTreeMap::new() };
        let line = line(&report, "orders-fan", 1_689_103_531_000);
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
