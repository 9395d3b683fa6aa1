//! Events that are built without a batch.

use changefan::{Actor, ChangeEvent, Format, Operation, Source, Timestamp};
use changefan_events::{BuildError, Image};

use super::support::{LAYOUTS, decode, line, sample};

/// The same event, by the builder.
fn rebuilt(event: &ChangeEvent) -> ChangeEvent {
    let mut builder = ChangeEvent::builder()
        .ordinal(event.ordinal())
        .position(event.position())
        .operation(event.operation())
        .source(event.source())
        .actor(event.actor())
        .event_id(event.event_id())
        .account(event.account().unwrap())
        .region(event.region().unwrap())
        .table(event.table().unwrap())
        .sequence_number(event.sequence_number().unwrap());
    if let Some(timestamp) = event.timestamp() {
        builder = builder.timestamp(timestamp);
    }
    if let Some(label) = event.stream_label() {
        builder = builder.stream_label(label);
    }
    if let Some(keys) = event.keys() {
        builder = builder.keys(Image::plain(keys));
    }
    if let Some(old) = event.old_image() {
        builder = builder.old_image(Image::plain(old));
    }
    if let Some(new) = event.new_image() {
        builder = builder.new_image(Image::plain(new));
    }
    builder.build().unwrap()
}

#[test]
fn built_events_are_written_as_decoded_ones() {
    for name in ["orders", "kinesis-changes", "kinesis-records", "dynamodb-microseconds"] {
        for event in decode(sample(&format!("{name}.json"))).events {
            let built = rebuilt(&event);
            for format in [Format::Json, Format::Debezium] {
                assert_eq!(line(&built, format), line(&event, format), "{name}");
            }
            assert_eq!(built.ordinal(), event.ordinal());
        }
    }
}

#[test]
fn built_event_equals_its_decoded_record() {
    for name in ["orders", "kinesis-records", "dynamodb-microseconds"] {
        for event in decode(sample(&format!("{name}.json"))).events {
            let batch = decode(rebuilt(&event).record().into_owned());
            assert_eq!(line(&batch.events[0], Format::Json), line(&event, Format::Json), "{name}");
            assert_eq!(batch.events[0].stream_label(), event.stream_label());
        }
    }
}

#[test]
fn every_operation_can_be_built_and_written() {
    use Operation::{Append, Insert, Modify, Read, Remove, Snapshot};
    for operation in [Insert, Modify, Remove, Append, Read, Snapshot] {
        let event = ChangeEvent::builder()
            .operation(operation)
            .source(Source::Export)
            .actor(Actor::Ttl)
            .event_id("e\"1")
            .timestamp(Timestamp::from_microseconds(1).unwrap())
            .new_image(Image::plain(r#"{"a":1}"#))
            .build()
            .unwrap();
        assert_eq!(
            line(&event, Format::Json),
            format!(
                "{{\"event_id\":\"e\\\"1\",\"operation\":\"{}\",\"account\":null,\
                 \"table\":null,\"region\":null,\"source\":\"export\",\
                 \"sequence_number\":null,\"timestamp\":\"1970-01-01T00:00:00.000001Z\",\
                 \"actor\":\"ttl\",\"keys\":{{}},\"old\":null,\"new\":{{\"a\":1}},\
                 \"changed\":null}}",
                operation.as_str()
            )
        );
        for format in LAYOUTS {
            serde_json::from_str::<serde_json::Value>(&line(&event, format)).unwrap();
        }
        assert_eq!(event.record_size(), event.record().len());
    }
}

#[test]
fn invalid_events_are_refused() {
    assert_eq!(ChangeEvent::builder().build().err(), Some(BuildError::NoEventId));
    for (image, name) in [
        (Image::plain("[1]"), "keys"),
        (Image::plain(r#"{"a":}"#), "keys"),
        (Image::typed(r#"{"a":{"N":"x"}}"#), "the record"),
        (Image::typed(r#"{"a":{"S":"x"}},"OldImage":{}"#), "keys"),
    ] {
        let built = ChangeEvent::builder().event_id("1").keys(image).build();
        assert!(
            matches!(built, Err(BuildError::Image { image, .. }) if image == name),
            "{built:?}"
        );
    }
}
