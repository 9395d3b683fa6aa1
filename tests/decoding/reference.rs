//! `aws_lambda_events` is the reference: what its types hold, our events hold too, member by
//! member.
//!
//! It has one type per source and no aggregates, so the payloads that it refuses are listed by
//! name.

use aws_lambda_events::event::{dynamodb, kinesis};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changefan::{Batch, ChangeEvent, Operation, Source};
use serde::Serialize;

use super::plain::Plain;
use super::snapshots;
use super::support::{decode, fixtures, samples};

/// Every payload: samples, fixtures, and those inside the snapshots.
fn payloads() -> Vec<(String, String)> {
    let (snapshots, mut payloads): (Vec<_>, Vec<_>) = samples()
        .into_iter()
        .chain(fixtures().into_iter().flatten())
        .partition(|(name, _)| name.contains("snapshot"));
    for (name, snapshot) in snapshots {
        payloads.extend(
            snapshots::payloads(&snapshot).into_iter().map(|payload| (name.clone(), payload)),
        );
    }
    payloads
}

#[derive(Debug, Default, PartialEq)]
struct Compared {
    dynamodb: usize,
    kinesis: usize,
    refused: Vec<String>,
}

fn compare(payloads: &[(String, String)]) -> Compared {
    let mut compared = Compared::default();
    for (name, payload) in payloads {
        let changes = serde_json::from_str::<dynamodb::Event>(payload);
        let records = serde_json::from_str::<kinesis::KinesisEvent>(payload);
        let batch = Batch::decode(payload.clone().into());
        if let (Err(_), Err(_), Ok(_)) = (&changes, &records, &batch) {
            compared.refused.push(name.clone());
        }
        if let Ok(changes) = changes {
            compared.dynamodb += changes.records.len();
            assert_changes_agree(name, &changes, &decode(payload.clone()));
        }
        if let Ok(records) = records {
            compared.kinesis += records.records.len();
            assert_records_agree(name, &records, &decode(payload.clone()));
        }
    }
    compared
}

#[test]
fn samples_agree_with_the_reference() {
    let samples: Vec<_> = payloads()
        .into_iter()
        .filter(|(name, _)| samples().iter().any(|(sample, _)| sample == name))
        .collect();
    let refused = [
        // Microseconds are an illegal time to it, and fractions finer than milliseconds are too.
        "dynamodb-microseconds.json",
        "kinesis-microseconds.json",
        // It has no types for Pipes and none for a single record, and one bad record fails its
        // whole batch.
        "pipe-dynamodb.json",
        "pipe-kinesis.json",
        "record.json",
        "with-a-bad-record.json",
    ];
    let expected =
        Compared { dynamodb: 12, kinesis: 10, refused: refused.map(String::from).into() };
    assert_eq!(compare(&samples), expected);
}

#[test]
fn fixtures_agree_with_the_reference() {
    let Some(fixtures) = fixtures() else { return };
    let fixtures: Vec<_> = payloads()
        .into_iter()
        .filter(|(name, _)| fixtures.iter().any(|(fixture, _)| fixture == name))
        .collect();
    let refused = [
        "awsdocs-pipes-dynamodb.json",
        "awsdocs-pipes-kinesis.json",
        "rust-dynamodb-optional.json",
    ];
    let expected =
        Compared { dynamodb: 76, kinesis: 126, refused: refused.map(String::from).into() };
    assert_eq!(compare(&fixtures), expected);
}

#[test]
fn window_state_agrees_with_the_reference() {
    let mut windows = 0;
    for (name, payload) in payloads() {
        let window = serde_json::from_str::<dynamodb::TimeWindowEvent>(&payload)
            .map(|event| event.time_window_properties);
        let window = window.or_else(|_| {
            serde_json::from_str::<kinesis::KinesisTimeWindowEvent>(&payload)
                .map(|event| event.time_window_properties)
        });
        if let Ok(window) = window {
            windows += 1;
            assert_eq!(
                Plain::read(decode(payload).window_state.as_ref().unwrap()),
                plain(&window.state),
                "{name}"
            );
        }
    }
    assert_eq!(windows, if fixtures().is_some() { 5 } else { 2 });
}

fn plain(value: &impl Serialize) -> Plain {
    Plain::read(&serde_json::to_string(value).unwrap())
}

/// The name in `…:table/NAME/stream/…` or `…:stream/NAME`.
fn named_by(arn: Option<&str>) -> Option<&str> {
    arn?.split('/').nth(1)
}

fn assert_changes_agree(name: &str, reference: &dynamodb::Event, batch: &Batch) {
    assert_eq!(
        (reference.records.len(), batch.events.len()),
        (batch.record_count(), batch.record_count()),
        "{name}"
    );
    for (position, (record, event)) in reference.records.iter().zip(&batch.events).enumerate() {
        assert_eq!((event.position(), event.source()), (position, Source::DynamoDb), "{name}");
        assert_change_agrees(record, event);
        assert_eq!(event.sequence_number(), record.change.sequence_number.as_deref());
        assert_eq!(batch.identifier(position), event.sequence_number());
        let ours = event.timestamp().map_or(0, |timestamp| timestamp.microseconds());
        assert!(ours.abs_diff(created(record)) <= 1, "{name}: {ours} is not {}", created(record));
    }
}

/// Everything but the sequence number and the time, which differ for what came through Kinesis.
fn assert_change_agrees(record: &dynamodb::EventRecord, event: &ChangeEvent) {
    assert_eq!(event.event_id(), record.event_id);
    assert_eq!(event.operation().as_str(), record.event_name);
    assert_eq!(event.region(), Some(record.aws_region.as_str()));
    assert_eq!(
        event.table(),
        record.table_name.as_deref().or(named_by(record.event_source_arn.as_deref()))
    );
    let by_ttl = record.user_identity.as_ref().is_some_and(|identity| {
        identity.type_ == "Service"
            && identity.principal_id == "dynamodb.amazonaws.com"
            && record.event_name == "REMOVE"
    });
    assert_eq!(event.actor().as_str(), if by_ttl { "ttl" } else { "user" });
    let change = &record.change;
    for (ours, theirs) in [
        (event.keys(), &change.keys),
        (event.old_image(), &change.old_image),
        (event.new_image(), &change.new_image),
    ] {
        // The reference makes no difference between an image that is missing and one that is empty.
        assert_eq!(ours.map_or(Plain::read("{}"), Plain::read), Plain::of_image(&plain(theirs)));
    }
    assert_the_rest_of_the_change_agrees(record, &Plain::read(&event.record()));
}

/// What our events hold only as part of the record.
fn assert_the_rest_of_the_change_agrees(record: &dynamodb::EventRecord, ours: &Plain) {
    assert_eq!(ours.get("eventSource").text(), record.event_source.as_deref());
    assert_eq!(ours.get("eventVersion").text(), record.event_version.as_deref());
    assert_eq!(ours.get("eventSourceARN").text(), record.event_source_arn.as_deref());
    assert_eq!(ours.get("recordFormat").text(), record.record_format.as_deref());
    let change = ours.get("dynamodb");
    assert_eq!(*change.get("SizeBytes"), Plain::Number(record.change.size_bytes.to_string()));
    let view = record.change.stream_view_type.as_ref().map(ToString::to_string);
    assert_eq!(change.get("StreamViewType").text(), view.as_deref());
}

/// Microseconds since 1970. The reference takes every number for seconds, and the millionths of its
/// fraction for billionths: 12.5 becomes 12.0005 (version 1.2.1). Undoing that shows that both read
/// the same number, except for the microsecond that a float rounds away.
fn created(record: &dynamodb::EventRecord) -> i64 {
    let created = &record.change.approximate_creation_date_time;
    let seconds = created.timestamp() * 1_000_000 + i64::from(created.timestamp_subsec_nanos());
    let number_was_milliseconds = created.timestamp() > 100_000_000_000;
    if number_was_milliseconds { created.timestamp() * 1000 } else { seconds }
}

fn assert_records_agree(name: &str, reference: &kinesis::KinesisEvent, batch: &Batch) {
    assert_eq!(reference.records.len(), batch.record_count(), "{name}");
    assert!(batch.undecodable.is_empty(), "{name}");
    for (position, record) in reference.records.iter().enumerate() {
        let events: Vec<&ChangeEvent> =
            batch.events.iter().filter(|event| event.position() == position).collect();
        assert!(!events.is_empty(), "{name}");
        assert_eq!(batch.identifier(position), Some(record.kinesis.sequence_number.as_str()));
        for event in &events {
            assert_eq!(
                (event.source(), event.region()),
                (Source::Kinesis, record.aws_region.as_deref())
            );
            assert_eq!(event.sequence_number(), Some(record.kinesis.sequence_number.as_str()));
        }
        // The reference takes no aggregate apart: of those, only what all user records share is
        // compared.
        if !record.kinesis.data.starts_with(&[0xF3, 0x89, 0x9A, 0xC2]) {
            assert_eq!(events.len(), 1, "{name}");
            assert_data_agrees(record, events[0]);
        }
        for event in events.iter().filter(|event| event.operation() == Operation::Append) {
            assert_append_agrees(record, event);
        }
    }
}

fn assert_append_agrees(record: &kinesis::KinesisEventRecord, event: &ChangeEvent) {
    assert_eq!(event.table(), named_by(record.event_source_arn.as_deref()));
    assert_arrival_agrees(record, event.timestamp().unwrap().milliseconds());
    let ours = Plain::read(&event.record());
    assert_eq!(ours.get("eventSource").text(), record.event_source.as_deref());
    assert_eq!(ours.get("eventName").text(), record.event_name.as_deref());
    assert_eq!(ours.get("eventSourceARN").text(), record.event_source_arn.as_deref());
    assert!(event.event_id().starts_with(record.event_id.as_ref().unwrap()));
}

/// The reference takes the digits after the point for a count of milliseconds: 12.5 becomes 12.005
/// (version 1.2.1).
fn assert_arrival_agrees(record: &kinesis::KinesisEventRecord, ours: i64) {
    let theirs = &record.kinesis.approximate_arrival_timestamp;
    let fraction = format!("{:03}", ours % 1000);
    let digits = fraction.trim_end_matches('0').parse().unwrap_or(0_u32);
    assert_eq!((ours / 1000, digits), (theirs.timestamp(), theirs.timestamp_subsec_millis()));
}

fn assert_data_agrees(record: &kinesis::KinesisEventRecord, event: &ChangeEvent) {
    if let Some(change) = change_inside(&record.kinesis.data) {
        return assert_change_agrees(&change, event);
    }
    assert_eq!(event.event_id(), record.event_id.as_deref().unwrap());
    assert_eq!(Plain::read(event.new_image().unwrap()), content(&record.kinesis.data));
    let ours = Plain::read(&event.record());
    let theirs = &record.kinesis;
    assert_eq!(ours.get("eventVersion").text(), record.event_version.as_deref());
    assert_eq!(ours.get("invokeIdentityArn").text(), record.invoke_identity_arn.as_deref());
    let ours = ours.get("kinesis");
    assert_eq!(ours.get("partitionKey").text(), Some(theirs.partition_key.as_str()));
    assert_eq!(ours.get("kinesisSchemaVersion").text(), theirs.kinesis_schema_version.as_deref());
    assert_eq!(*ours.get("data"), Plain::Text(STANDARD.encode(&*theirs.data)));
    assert_eq!(
        ours.get("encryptionType").text().unwrap_or("NONE"),
        plain(&theirs.encryption_type).text().unwrap()
    );
}

/// The reference takes milliseconds for seconds and refuses microseconds, so it reads the change
/// without its time.
fn change_inside(data: &[u8]) -> Option<dynamodb::EventRecord> {
    let mut change: serde_json::Value = serde_json::from_slice(data).ok()?;
    change.get_mut("dynamodb")?.as_object_mut()?.remove("ApproximateCreationDateTime");
    serde_json::from_value(change).ok()
}

fn content(data: &[u8]) -> Plain {
    let member =
        |name: &str, text: String| Plain::Map([(name.to_owned(), Plain::Text(text))].into());
    match std::str::from_utf8(data) {
        Ok(text) => match Plain::try_read(text) {
            Ok(object @ Plain::Map(_)) => object,
            _ => member("data", text.to_owned()),
        },
        Err(_) => member("data_base64", STANDARD.encode(data)),
    }
}
