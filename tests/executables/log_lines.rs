//! The lines that the function writes to standard error.

use serde_json::{Value, json};

/// What the runtime states about the first invocation.
pub(super) const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";
pub(super) const TRACE_ID: &str = "Root=1-00000000-000000000000000000000000;Sampled=0";

/// The lines of standard error: JSON throughout.
pub(super) fn lines(stderr: &str) -> Vec<Value> {
    let line =
        |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not a line of JSON: {line}"));
    stderr.lines().map(line).collect()
}

pub(super) fn is_summary(line: &Value) -> bool {
    line["message"] == "batch processed"
}

/// All lines but the summaries, without their times and targets.
pub(super) fn log_lines(stderr: &str) -> Vec<Value> {
    let others = lines(stderr).into_iter().filter(|line| !is_summary(line));
    others.map(|line| without(line, &["timestamp", "target"])).collect()
}

/// The summary of each invocation, without what depends on a clock.
pub(super) fn summaries(stderr: &str) -> Vec<Value> {
    let mut summaries: Vec<_> = lines(stderr).into_iter().filter(is_summary).collect();
    for line in &mut summaries {
        for sink in line["sinks"].as_object_mut().expect("sinks").values_mut() {
            *sink = without(sink.take(), &["milliseconds"]);
        }
    }
    summaries
}

/// An object without members that it must have.
pub(super) fn without(mut object: Value, members: &[&str]) -> Value {
    for member in members {
        let found = object.as_object_mut().and_then(|object| object.remove(*member));
        assert!(found.is_some(), "{member} is missing in {object}");
    }
    object
}

/// A line of the first invocation: what every line has, and these members.
pub(super) fn of_first_invocation(members: Value) -> Value {
    let mut line = json!({ "requestId": REQUEST_ID, "traceId": TRACE_ID, "version": "$LATEST" });
    let members = members.as_object().expect("an object").clone();
    line.as_object_mut().expect("an object").extend(members);
    line
}
