//! The conformance suite over every sink, and what only some of them do.

mod behaviour;
mod cloudwatch_logs;
mod deadlines;
pub(crate) mod destination;
mod error_table;
mod eventbridge;
mod firehose;
mod names;
mod objects;
mod quarantine;
mod redelivery;
mod retry;
mod stdout;

use std::time::Duration;

use changefan::Deadline;

pub(crate) use changefan_sinks::conformance::{
    SAMPLE_TIME, event_ids as ids, events as small_changes, events_at as changes,
};

/// Long enough for everything that is meant to succeed.
pub(crate) fn in_time() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}

/// The id in a line of any format.
pub(crate) fn id_of(line: &str) -> String {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let places = [
        &line["event_id"],
        &line["eventID"],
        &line["log_keys"]["record"]["eventID"],
        &line["source"]["event_id"],
    ];
    places.into_iter().find_map(|place| place.as_str()).unwrap().to_owned()
}
