//! Events for unit tests.

use changefan_events::{Batch, ChangeEvent};

/// Deletions with distinct sequence numbers.
pub(crate) fn removals(count: usize) -> Vec<ChangeEvent> {
    let record = |index| {
        format!(
            r#"{{"eventID":"id","eventName":"REMOVE","eventSource":"aws:dynamodb",
            "dynamodb":{{"SequenceNumber":"{index}"}}}}"#
        )
    };
    let records: Vec<_> = (0..count).map(record).collect();
    Batch::decode(format!("[{}]", records.join(",")).into()).unwrap().events
}

/// References to events, as sinks receive them.
pub(crate) fn refs(events: &[ChangeEvent]) -> Vec<&ChangeEvent> {
    events.iter().collect()
}
