//! Kinesis records that are a change, resemble one, or hold several.

use changefan::Operation;
use changefan_events::DecodeReason;

use super::plain::Plain;
use super::support::{change, decode, decode_records, kinesis, payload, reason, sample, summaries};

#[test]
fn tables_that_share_a_stream_are_separate() {
    let batch = decode(sample("mixed-tables.json"));
    let changes: Vec<_> =
        batch.events.iter().map(|event| (event.table(), event.operation(), event.keys())).collect();
    assert_eq!(
        changes,
        [
            (Some("orders"), Operation::Insert, Some(r#"{"referenceId":"order-8001"}"#)),
            (Some("customers"), Operation::Modify, Some(r#"{"customer_id":"customer-12345"}"#)),
        ]
    );
}

#[test]
fn region_of_the_change_overrides_the_records() {
    for (inside, expected) in [(r#""eu-central-1""#, "eu-central-1"), ("null", "us-east-1")] {
        let change = change("{}").replacen(
            '{',
            &format!(r#"{{"awsRegion":{inside},"tableName":"orders","#),
            1,
        );
        let record = kinesis(&change).replacen('{', r#"{"awsRegion":"us-east-1","#, 1);
        assert_eq!(summaries(&decode(record)), [format!("MODIFY 1 orders {expected} 1 - user")]);
    }
}

#[test]
fn malformed_change_is_undecodable() {
    for content in [
        r#"{"eventSource":"aws:dynamodb"}"#,
        r#"{"eventSource":"aws:dynamodb","eventID":"1","eventName":"INSERT"}"#,
        r#"{"eventSource":"aws:dynamodb","eventID":"1","dynamodb":{}}"#,
        r#"{"eventSource":"aws:dynamodb","eventName":"INSERT","dynamodb":{}}"#,
        r#"{"eventSource":"aws:dynamodb","eventID":"1","eventName":"UPSERT","dynamodb":{}}"#,
        r#"{"eventSource":"aws:dynamodb","eventID":1,"eventName":"INSERT","dynamodb":{}}"#,
        concat!(
            r#"{"dynamodb":{"Keys":{"a":1}},"eventName":"INSERT","eventID":"1","#,
            r#""eventSource":"aws:dynamodb"}"#,
        ),
        concat!(
            r#"{"eventSource":"aws:dynamodb","eventID":"1","eventName":"INSERT","#,
            r#""dynamodb":{"ApproximateCreationDateTime":-1}}"#,
        ),
    ] {
        let batch = decode_records(&[kinesis(content)]);
        let reason = reason(&batch).to_string();
        assert!(!reason.is_empty(), "{content}");
        assert_eq!(batch.identifier(0), Some("1"), "{content}");
    }
}

#[test]
fn data_that_resembles_a_change_is_appended() {
    for content in [
        r#"{"eventID":1,"dynamodb":"x"}"#,
        r#"{"eventSource":"orders"}"#,
        r#"{"tableName":[],"data":{}}"#,
    ] {
        let batch = decode_records(&[kinesis(content)]);
        assert_eq!(batch.events[0].new_image(), Some(content));
        assert_eq!(batch.events[0].operation(), Operation::Append);
    }
    for content in [
        "",
        "[1]",
        "17",
        "null",
        r#"{"a":"#,
        r#"{"eventSource":"aws:dynamodb""#,
        "tab\t\"quoted\"\n",
    ] {
        let batch = decode_records(&[kinesis(content)]);
        let new = Plain::read(batch.events[0].new_image().unwrap());
        assert_eq!(new, Plain::Map([("data".to_owned(), Plain::Text(content.to_owned()))].into()));
    }
}

#[test]
fn malformed_user_record_fails_alone_in_its_aggregate() {
    let batch = decode(payload("aggregate-with-a-bad-member.json"));
    let id = format!("shardId-000000000003:{}", batch.identifier(0).unwrap());
    let events: Vec<_> = batch
        .events
        .iter()
        .map(|event| (event.event_id().to_owned(), event.new_image(), event.position()))
        .collect();
    assert_eq!(
        events,
        [
            (format!("{id}:0"), Some(r#"{"data":"before"}"#), 0),
            (format!("{id}:2"), Some(r#"{"data":"after"}"#), 0),
        ]
    );
    let [error] = &batch.undecodable[..] else { panic!("{:?}", batch.undecodable) };
    assert_eq!((error.position, error.record()), (0, batch.record(0)));
    assert!(
        matches!(error.reason, DecodeReason::Malformed { part: "data", .. }),
        "{}",
        error.reason
    );
}

#[test]
fn aggregate_with_a_wrong_checksum_is_an_ordinary_record() {
    let batch = decode(payload("aggregate-with-a-wrong-checksum.json"));
    let record = Plain::read(batch.record(0));
    let data = record.get("kinesis").get("data").text().unwrap();
    let [event] = &batch.events[..] else { panic!("{:?}", batch.events) };
    assert_eq!(event.operation(), Operation::Append);
    assert_eq!(event.new_image().unwrap(), format!(r#"{{"data_base64":"{data}"}}"#));
    assert_eq!(event.event_id(), record.get("eventID").text().unwrap());
}

#[test]
fn missing_event_id_becomes_the_sequence_number() {
    let unnamed = |record: String| record.replacen(r#""eventID":"#, r#""noID":"#, 1);
    let stream = unnamed(change(r#"{"SequenceNumber":"7"}"#));
    assert_eq!(summaries(&decode_records(&[stream])), ["MODIFY 7 - - 7 - user"]);
    assert_eq!(summaries(&decode_records(&[unnamed(kinesis("text"))])), ["APPEND 1 - - 1 - user"]);
    let batch = decode_records(&[kinesis(&unnamed(change("{}")))]);
    assert_eq!(*reason(&batch), DecodeReason::Missing { part: "data", name: "eventID" });
}

#[test]
fn text_that_expands_beyond_the_limit_is_undecodable() {
    let largest = (10 * 1024 * 1024 - 40) / 6;
    assert_eq!(decode_records(&[kinesis(&"\u{1}".repeat(largest))]).events.len(), 1);
    let batch = decode_records(&[kinesis(&"\u{1}".repeat(largest + 100)), kinesis("next")]);
    assert_eq!((batch.events.len(), batch.undecodable.len()), (1, 1));
    assert_eq!(batch.undecodable[0].reason, DecodeReason::Expands { bytes: (largest + 100) * 6 });
}
