//! One behaviour suite that every sink passes, and what only some of them can do.

mod behaviour;
mod cloudwatch_logs;
pub mod destination;
mod firehose;
mod lake;
mod quarantine;
mod retry;

use std::time::Duration;

use changefan::{Batch, ChangeEvent, Deadline};

/// 2023-07-11T19:25:30Z, the time of the sample changes.
pub const SAMPLE_TIME: i64 = 1_689_103_530;

/// Changes `id-0`, `id-1`, … of a table, at the given second each, with an attribute of so many bytes.
pub fn changes(times: impl IntoIterator<Item = i64>, bytes: usize) -> Vec<ChangeEvent> {
    let padding = "x".repeat(bytes);
    let record = |(index, time): (usize, i64)| {
        format!(
            r#"{{"eventID":"id-{index}","eventName":"INSERT","eventSource":"aws:dynamodb","awsRegion":"eu-west-1",
            "eventSourceARN":"arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
            "dynamodb":{{"ApproximateCreationDateTime":{time},"SequenceNumber":"{index}","Keys":{{"id":{{"N":"{index}"}}}},
            "NewImage":{{"id":{{"N":"{index}"}},"padding":{{"S":"{padding}"}}}}}}}}"#
        )
    };
    let records: Vec<_> = times.into_iter().enumerate().map(record).collect();
    let payload = format!(r#"{{"Records":[{}]}}"#, records.join(","));
    let first = Batch::decode(payload.into()).unwrap();
    let pieces = std::iter::successors(Some(first), Batch::next_piece);
    pieces.flat_map(|piece| piece.events).collect()
}

/// Small changes at the time of the samples.
pub fn small_changes(count: usize) -> Vec<ChangeEvent> {
    changes(std::iter::repeat_n(SAMPLE_TIME, count), 10)
}

/// Long enough for everything that is meant to succeed.
pub fn in_time() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}

/// The ids of changes, in their order.
pub fn ids(events: &[ChangeEvent]) -> Vec<String> {
    events.iter().map(|event| event.event_id().to_owned()).collect()
}

/// The id in a line of any format.
pub fn id_of(line: &str) -> String {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let places = [
        &line["event_id"],
        &line["eventID"],
        &line["log_keys"]["record"]["eventID"],
        &line["source"]["event_id"],
    ];
    places.into_iter().find_map(|place| place.as_str()).unwrap().to_owned()
}
