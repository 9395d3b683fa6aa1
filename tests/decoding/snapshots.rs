//! Payloads that were recorded against AWS, extracted from large snapshot files.
//!
//! Their recorder replaced what changes from run to run with texts such as `<event-i-d:1>`. They
//! stay, except for the times, which must be numbers: each becomes 2023-11-14T22:13:20.500Z.

use std::collections::BTreeMap;

use changefan::Batch;
use changefan_events::PayloadError;
use serde_json::Value;

use super::plain::Plain;
use super::support::{decode, fixture, summary};

const TIMES: [&str; 2] =
    [r#""<approximate-creation-datetime>""#, r#""<approximate-arrival-timestamp>""#];

/// Every object of a JSON text that has one of these members, at any depth.
fn objects_with(json: &str, names: &[&str]) -> Vec<Value> {
    let mut found = Vec::new();
    let mut left = vec![serde_json::from_str::<Value>(json).unwrap()];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(members) => {
                if names.iter().any(|name| members.contains_key(*name)) {
                    found.push(Value::Object(members.clone()));
                }
                left.extend(members.into_iter().map(|(_, member)| member));
            }
            Value::Array(elements) => left.extend(elements),
            _ => {}
        }
    }
    found
}

fn recorded(snapshot: &str) -> Vec<String> {
    objects_with(snapshot, &["Records"]).iter().map(Value::to_string).collect()
}

/// The payloads of a snapshot, times filled in.
pub(crate) fn payloads(snapshot: &str) -> Vec<String> {
    let fill_in = |payload: String| {
        TIMES.iter().fold(payload, |payload, time| payload.replace(time, "1700000000.5"))
    };
    recorded(snapshot).into_iter().map(fill_in).collect()
}

/// The number of occurrences of each line.
fn tally(lines: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    lines.fold(BTreeMap::new(), |mut tally, line| {
        *tally.entry(line).or_default() += 1;
        tally
    })
}

fn assert_tally(lines: impl Iterator<Item = String>, expected: &[(&str, usize)]) {
    let expected = expected.iter().map(|(line, count)| (line.to_string(), *count)).collect();
    assert_eq!(tally(lines), expected);
}

fn batches(snapshot: &str) -> Vec<Batch> {
    payloads(snapshot)
        .into_iter()
        .map(decode)
        .inspect(|batch| assert!(batch.undecodable.is_empty()))
        .collect()
}

#[test]
fn dynamodb_samples_have_these_events() {
    let Some(snapshot) = fixture("localstack-ddb-esm.snapshot.json") else { return };
    let batches = batches(&snapshot);
    assert_eq!(
        tally(batches.iter().map(|batch| batch.events.len().to_string())),
        tally_of(&[(52, 1), (1, 10)])
    );
    let events = || batches.iter().flat_map(|batch| &batch.events);
    assert_tally(
        events().map(|event| event.new_image().unwrap().to_owned()),
        &[
            (r#"{"binary_key":"Zm9vYmFy","my_partition_key":"hello world"}"#, 30),
            (r#"{"my_partition_key":"testId5","should_fail":true}"#, 5),
            (r#"{"id":"id_value"}"#, 4),
            (r#"{"id":"id_value_1","presentKey":"presentValue"}"#, 4),
            (r#"{"id":"id_value_1"}"#, 4),
            (r#"{"id":"id_value","id2":"id2_value"}"#, 2),
            (r#"{"id":"id_value_1","numericFilter":42}"#, 2),
            (r#"{"id":"id_value_1","prefix":"us-1-other-suffix"}"#, 2),
            (r#"{"id":"id_value","id2":"id2_new_value"}"#, 1),
            (r#"{"id":"id_value_2","presentKey":"presentValue"}"#, 1),
            (r#"{"id":"id_value_2"}"#, 1),
            (r#"{"my_partition_key":"testId0","should_fail":false}"#, 1),
            (r#"{"my_partition_key":"testId1","should_fail":false}"#, 1),
            (r#"{"my_partition_key":"testId2","should_fail":false}"#, 1),
            (r#"{"my_partition_key":"testId3","should_fail":false}"#, 1),
            (r#"{"my_partition_key":"testId4","should_fail":false}"#, 1),
            (r#"{"my_partition_key":"hello world"}"#, 1),
        ],
    );
    let updates = events().filter(|event| event.old_image().is_some());
    let updates = updates.map(|event| {
        format!("{} {} {}", summary(event), event.old_image().unwrap(), event.changed().unwrap())
    });
    let update = "\
        MODIFY <event-i-d:2> <resource:1> <region> <sequence-number:2> \
        2023-11-14T22:13:20.500Z user";
    assert_eq!(updates.collect::<Vec<_>>(), [format!(r#"{update} {{"id":"id_value"}} ["id2"]"#)]);
    // What was recorded last differs by its number; the rest of a record is the same in all
    // of them.
    for batch in &batches {
        for (position, event) in batch.events.iter().enumerate() {
            let rest = "<resource:1> <region>";
            let (operation, id) = (event.operation().as_str(), event.event_id());
            assert!(id.starts_with("<event-i-d:"), "{id}");
            let number = batch.identifier(position).unwrap();
            assert_eq!(
                summary(event),
                format!("{operation} {id} {rest} {number} 2023-11-14T22:13:20.500Z user")
            );
        }
    }
}

fn tally_of(counts: &[(usize, usize)]) -> BTreeMap<String, usize> {
    counts.iter().map(|(times, length)| (length.to_string(), *times)).collect()
}

#[test]
fn kinesis_samples_have_these_events() {
    let Some(snapshot) = fixture("localstack-kinesis-esm.snapshot.json") else { return };
    let batches = batches(&snapshot);
    let lengths = tally(batches.iter().map(|batch| batch.events.len().to_string()));
    assert_eq!(lengths, tally_of(&[(27, 1), (1, 5), (8, 10)]));
    let events = || batches.iter().flat_map(|batch| &batch.events);
    let mut expected: Vec<(String, usize)> =
        (0..10).map(|number| (format!(r#"{{"record_id": {number}}}"#), 6)).collect();
    expected.extend((1..=5).map(|number| (format!(r#"{{"data":"stream-data-{number}"}}"#), 1)));
    expected.extend([
        (r#"{"data":"hello"}"#.into(), 36),
        (r#"{"should_fail": false}"#.into(), 5),
        (r#"{"should_fail": true}"#.into(), 5),
        (r#"{"input": "hello", "value": "world", "raise_error": 1}"#.into(), 1),
    ]);
    assert_eq!(
        tally(events().map(|event| event.new_image().unwrap().to_owned())),
        expected.into_iter().collect()
    );
    for batch in &batches {
        for (position, event) in batch.events.iter().enumerate() {
            let (stream, number) = (event.table().unwrap(), batch.identifier(position).unwrap());
            assert!(["<resource:1>", "<resource:2>"].contains(&stream), "{stream}");
            let (shard, number_in_id) = event.event_id().split_once(':').unwrap();
            assert!(["shardId-000000000000", "<kinesis-shard-id>"].contains(&shard), "{shard}");
            assert_eq!(number_in_id, number);
            let expected = format!(
                "APPEND {shard}:{number} {stream} <region> {number} 2023-11-14T22:13:20.500Z user"
            );
            assert_eq!(summary(event), expected);
        }
    }
}

/// The times as they were recorded are texts: such a record is kept, with everything that
/// identifies it.
#[test]
fn time_as_text_is_undecodable_and_kept() {
    for (name, records) in
        [("localstack-ddb-esm.snapshot.json", 62), ("localstack-kinesis-esm.snapshot.json", 112)]
    {
        let Some(snapshot) = fixture(name) else { return };
        let batches: Vec<Batch> = recorded(&snapshot).into_iter().map(decode).collect();
        assert_eq!(
            batches.iter().map(|batch| batch.undecodable.len()).sum::<usize>(),
            records,
            "{name}"
        );
        for batch in &batches {
            assert_eq!((batch.events.len(), batch.undecodable.len()), (0, batch.record_count()));
            for (position, error) in batch.undecodable.iter().enumerate() {
                assert_eq!((error.position, error.record()), (position, batch.record(position)));
                assert_eq!(error.event_id(), Plain::read(error.record()).get("eventID").text());
                assert_eq!(error.sequence_number(), batch.identifier(position));
                assert!(error.sequence_number().unwrap().starts_with("<sequence-number:"));
            }
        }
    }
}

#[test]
fn payload_of_an_on_failure_envelope_is_a_batch() {
    for (name, info, envelopes) in [
        ("localstack-ddb-esm.snapshot.json", "DDBStreamBatchInfo", 11),
        ("localstack-kinesis-esm.snapshot.json", "KinesisBatchInfo", 13),
    ] {
        let Some(snapshot) = fixture(name) else { return };
        let found = objects_with(&snapshot, &[info]);
        assert_eq!(found.len(), envelopes, "{name}");
        for envelope in &found {
            assert!(matches!(
                Batch::decode(envelope.to_string().into()),
                Err(PayloadError::NotABatch)
            ));
        }
        let kept: Vec<&Value> =
            found.iter().filter_map(|envelope| envelope.get("payload")).collect();
        assert_eq!(kept.len(), 1, "{name}: only S3 is sent the payload");
        let batch = decode(payloads(&kept[0].to_string()).remove(0));
        assert_eq!((batch.events.len(), batch.identifier(0)), (1, Some("<sequence-number:1>")));
    }
}
