//! What holds for any record, any batch and any bytes.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changefan::{Batch, ChangeEvent, Encoder, Format};
use changefan_events::{Numbers, PayloadError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::generate_record::record;
use super::plain::Plain;
use super::support::{LAYOUTS, decode, decode_records, line, samples};

/// Texts that are inserted into payloads.
const INSERTED: [&str; 14] =
    ["null", "{}", "[]", "\"", "{", "}", "]", ",", "1e999", "-1", "\\ud83d", "\\", ":", "\n"];

/// Texts that are JSON but not a record.
const MALFORMED: [&str; 8] = [
    "null",
    "17",
    r#""Records""#,
    "[ {\"eventSource\" : \"aws:dynamodb\"} ]",
    "{}",
    r#"{"eventSource":"aws:sqs","body":"😀"}"#,
    concat!(
        r#"{"eventSource":"aws:dynamodb","eventID":"1","eventName":"INSERT","#,
        r#""dynamodb":{"Keys":{"a":{"N":"one"}}}}"#,
    ),
    r#"{"eventSource":"aws:kinesis","kinesis":{"sequenceNumber":"2","data":"not base64"}}"#,
];

fn assert_parses(json: &str) {
    if let Err(error) = serde_json::from_str::<serde_json::Value>(json) {
        // JSON has no largest number; serde_json's values have one.
        assert!(error.to_string().starts_with("number out of range"), "{error}: {json}");
    }
}

/// Every record is an event or an error, and all that is written about it can be read.
fn assert_sound(batch: &Batch) {
    let events: BTreeSet<usize> = batch.events.iter().map(ChangeEvent::position).collect();
    let errors: BTreeSet<usize> = batch.undecodable.iter().map(|error| error.position).collect();
    assert!(
        (0..batch.record_count())
            .all(|position| events.contains(&position) || errors.contains(&position))
    );
    for error in &batch.undecodable {
        assert_eq!(error.record(), batch.record(error.position));
        assert!(!error.reason.to_string().is_empty());
    }
    for event in &batch.events {
        for format in LAYOUTS {
            for numbers in [Numbers::Number, Numbers::String] {
                let line = line(event, Encoder { format, numbers });
                assert!(!line.contains('\n'), "{line}");
                assert_parses(&line);
            }
        }
    }
}

fn assert_survives(payload: Vec<u8>) {
    match Batch::decode(payload.into()) {
        Ok(batch) => assert_sound(&batch),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Part of a payload replaced, removed, repeated or cut off.
fn mutate(payload: &mut Vec<u8>, at: Index, length: usize, with: &[u8]) {
    let start = at.index(payload.len());
    let end = (start + length).min(payload.len());
    payload.splice(start..end, with.iter().copied());
    payload.push(b' ');
}

proptest! {
    #[test]
    fn record_becomes_the_event_that_it_describes(record in record()) {
        let batch = decode_records(&[&record.text]);
        assert_sound(&batch);
        prop_assert_eq!(batch.events.len(), 1);
        prop_assert_eq!(batch.identifier(0), Some("1234567890123456789012345678901234567890"));
        prop_assert_eq!(batch.record(0), &record.text);
        record.assert_is(&batch.events[0]);
    }

    #[test]
    fn change_is_the_same_through_kinesis(record in record()) {
        let data = STANDARD.encode(&record.text);
        let envelope = format!("\
            {{\"eventSource\":\"aws:kinesis\",\"kinesis\":{{\"sequenceNumber\":\"1\",\
            \"data\":\"{data}\"}}}}");
        let batch = decode_records(&[envelope]);
        assert_sound(&batch);
        prop_assert_eq!(batch.events.len(), 1);
        record.assert_is(&batch.events[0]);
    }

    #[test]
    fn malformed_records_are_kept_and_others_decoded(
        records in vec(
            prop_oneof![record().prop_map(Ok), select(&MALFORMED[..]).prop_map(Err)], 0..8,
        ),
    ) {
        let texts: Vec<&str> = records
            .iter()
            .map(|record| record.as_ref().map_or_else(|bad| *bad, |good| &good.text))
            .collect();
        let batch = decode_records(&texts);
        assert_sound(&batch);
        prop_assert_eq!(batch.record_count(), records.len());
        let (mut events, mut errors) = (batch.events.iter(), batch.undecodable.iter());
        for (position, record) in records.iter().enumerate() {
            match record {
                Ok(good) => {
                    let event = events.next().unwrap();
                    prop_assert_eq!(event.position(), position);
                    good.assert_is(event);
                }
                Err(bad) => {
                    let error = errors.next().unwrap();
                    prop_assert_eq!((error.position, error.record()), (position, *bad));
                }
            }
        }
        prop_assert!(events.next().is_none() && errors.next().is_none());
    }

    #[test]
    fn numbers_as_strings_change_nothing_else(record in record()) {
        let batch = decode_records(&[&record.text]);
        for format in [Format::Json, Format::Debezium] {
            let [numbers, texts] = [Numbers::Number, Numbers::String]
                .map(|numbers| Plain::read(&line(&batch.events[0], Encoder { format, numbers })));
            for name in ["keys", "old", "new", "before", "after"] {
                prop_assert_eq!(texts.get(name), &numbers.get(name).with_numbers_as_text());
            }
            for name in ["event_id", "operation", "timestamp", "changed", "ts_ms", "op"] {
                prop_assert_eq!(texts.get(name), numbers.get(name));
            }
        }
        for format in [Format::Log, Format::DynamoDbJson] {
            let [numbers, texts] = [Numbers::Number, Numbers::String]
                .map(|numbers| line(&batch.events[0], Encoder { format, numbers }));
            prop_assert_eq!(numbers, texts);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>, text in r#"[\[\]{},:"\\a10.eE+\- ntrue]{0,40}"#) {
        assert_survives(bytes.clone());
        assert_survives(text.clone().into());
        assert_survives(format!(r#"{{"Records":[{text}]}}"#).into());
        let data = STANDARD.encode(&bytes);
        let batch = decode_records(&[format!("\
            {{\"eventSource\":\"aws:kinesis\",\"sequenceNumber\":\"1\",\"data\":\"{data}\"}}")]);
        assert_sound(&batch);
    }

    #[test]
    fn mutated_payloads_never_panic(
        sample in select(samples()),
        mutations in vec((any::<Index>(), 0..40_usize, prop_oneof![
            vec(any::<u8>(), 0..3),
            select(&INSERTED[..]).prop_map(|text| text.as_bytes().to_vec()),
        ]), 1..4),
        cut in proptest::option::of(any::<Index>()),
    ) {
        let mut payload = sample.1.into_bytes();
        for (at, length, with) in mutations {
            mutate(&mut payload, at, length, &with);
        }
        if let Some(cut) = cut {
            payload.truncate(cut.index(payload.len()));
        }
        assert_survives(payload);
    }

    #[test]
    fn payload_that_is_not_utf8_is_refused_at_that_byte(
        sample in select(samples()), at: Index, byte in select(&b"\x80\xC3\xED\xFF"[..]),
    ) {
        // Before an ASCII character, none of these bytes is part of a character.
        let mut payload = sample.1.into_bytes();
        let ascii: Vec<_> = (0..payload.len()).filter(|&at| payload[at].is_ascii()).collect();
        let at = ascii[at.index(ascii.len())];
        payload.insert(at, byte);
        match Batch::decode(payload.into()) {
            Err(PayloadError::NotUtf8(error)) => prop_assert_eq!(error.valid_up_to(), at),
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn mutated_kinesis_data_never_panics(
        record in record(), at: Index, length in 0..20_usize, with: Vec<u8>,
    ) {
        let mut data = record.text.into_bytes();
        mutate(&mut data, at, length, &with);
        let data = STANDARD.encode(data);
        let batch = decode_records(&[format!("\
            {{\"eventSource\":\"aws:kinesis\",\"sequenceNumber\":\"1\",\"data\":\"{data}\"}}")]);
        prop_assert_eq!(batch.record_count(), 1);
        assert_sound(&batch);
    }
}

#[test]
fn numbers_in_appended_json_become_strings() {
    let data = STANDARD.encode(r#"{"a":[1,-2.50E+3,"3"],"4":{"b":5}}"#);
    let batch = decode(format!(
        r#"[{{"eventSource":"aws:kinesis","sequenceNumber":"1","data":"{data}"}}]"#
    ));
    let line = line(&batch.events[0], Encoder { format: Format::Json, numbers: Numbers::String });
    assert!(line.contains(r#""new":{"a":["1","-2.50E+3","3"],"4":{"b":"5"}}"#), "{line}");
}
