//! Aggregates of the Kinesis Producer Library, and the selection of their sub-records.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changefan::{ChangeEvent, Format, Operation};
use changefan_events::{DecodeReason, select_sub_records};
use md5::{Digest, Md5};

use super::plain::Plain;
use super::support::{change, decode, decode_records, line};

/// A sub-record: the index of its partition key, and its content.
pub(crate) type SubRecord<'a> = (usize, &'a [u8]);

/// A Kinesis record whose data is an aggregate.
pub(crate) fn aggregate(keys: &[&str], sub_records: &[SubRecord<'_>]) -> String {
    let mut message = Vec::new();
    keys.iter().for_each(|key| push_field(1, key.as_bytes(), &mut message));
    for (key, data) in sub_records {
        let mut record = vec![0x08];
        push_varint(*key, &mut record);
        push_field(3, data, &mut record);
        push_field(3, &record, &mut message);
    }
    let sealed = [&[0xF3, 0x89, 0x9A, 0xC2], &message[..], &Md5::digest(&message)].concat();
    format!(
        "{{\"eventID\":\"shard:7\",\"eventSource\":\"aws:kinesis\",\
         \"eventSourceARN\":\"arn:aws:kinesis:eu-west-1:123456789012:stream/tills\",\
         \"kinesis\":{{\"sequenceNumber\":\"7\",\
         \"approximateArrivalTimestamp\":1689103530.25,\"data\":\"{}\"}}}}",
        STANDARD.encode(sealed)
    )
}

fn push_field(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag << 3 | 2);
    push_varint(bytes.len(), out);
    out.extend(bytes);
}

fn push_varint(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn identity(event: &ChangeEvent) -> (usize, Option<usize>, &str) {
    (event.position(), event.sub_record(), event.event_id())
}

#[test]
fn sub_records_have_their_index_and_account() {
    let changed = change(r#"{"Keys":{"id":{"N":"1"}}}"#);
    let record = aggregate(&["a"], &[(0, b"one"), (0, changed.as_bytes()), (9, &[0xff])]);
    let batch = decode_records(&[change("{}"), record]);
    let identities: Vec<_> = batch.events.iter().map(identity).collect();
    assert_eq!(
        identities,
        [(0, None, "1"), (1, Some(0), "shard:7:0"), (1, Some(1), "1"), (1, Some(2), "shard:7:2")]
    );
    for event in &batch.events[1..] {
        assert_eq!(event.account(), Some("123456789012"));
        assert_eq!(event.region(), Some("eu-west-1"));
        assert_eq!(event.sequence_number(), Some("7"));
    }
    let operations: Vec<_> = batch.events.iter().map(ChangeEvent::operation).collect();
    use Operation::{Append, Modify};
    assert_eq!(operations, [Modify, Append, Modify, Append]);
}

#[test]
fn sub_record_is_the_record_that_kinesis_delivers() {
    let batch = decode_records(&[aggregate(&["k\"é"], &[(0, b"one"), (1, &[0xff])])]);
    let expected = concat!(
        r#"{"kinesis":{"partitionKey":"k\"é","sequenceNumber":"7","data":"b25l","#,
        r#""approximateArrivalTimestamp":1689103530.25},"eventSource":"aws:kinesis","#,
        r#""eventID":"shard:7:0","eventName":"aws:kinesis:record","awsRegion":"eu-west-1","#,
        r#""eventSourceARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/tills"}"#,
    );
    assert_eq!(batch.events[0].record(), expected);
    assert_eq!(line(&batch.events[0], Format::DynamoDbJson), expected);
    for event in &batch.events {
        assert_eq!(event.record_size(), event.record().len());
        let record = decode(event.record().into_owned());
        assert_eq!(record.events[0].new_image(), event.new_image());
    }
}

#[test]
fn malformed_sub_record_is_reported_and_others_delivered() {
    let bad = br#"{"eventSource":"aws:dynamodb","dynamodb":{"Keys":1}}"#;
    let keys = ["a", "", &"k".repeat(257)];
    let sub_records: [SubRecord; 5] =
        [(0, b"one"), (0, bad), (1, b"two"), (2, b"three"), (0, b"four")];
    let batch = decode_records(&[aggregate(&keys, &sub_records)]);
    let identities: Vec<_> = batch.events.iter().map(identity).collect();
    assert_eq!(identities, [(0, Some(0), "shard:7:0"), (0, Some(4), "shard:7:4")]);
    let failed: Vec<_> = batch.undecodable.iter().map(|error| error.sub_record).collect();
    assert_eq!(failed, [Some(1), Some(2), Some(3)]);
    for error in &batch.undecodable {
        assert_eq!((error.position, error.record()), (0, batch.record(0)));
        assert_eq!((error.event_id(), error.sequence_number()), (Some("shard:7"), Some("7")));
    }
    assert!(matches!(batch.undecodable[0].reason, DecodeReason::Malformed { part: "data", .. }));
    let reason = &batch.undecodable[2].reason;
    assert_eq!(*reason, DecodeReason::PartitionKey { characters: 257, bytes: 257 });
    assert_eq!(
        batch.undecodable[2].to_string(),
        "sub-record 3 of record 0 of the batch cannot be decoded"
    );
}

#[test]
fn only_selected_sub_records_are_decoded() {
    let record = aggregate(&["a"], &[(0, b"zero"), (0, b"one"), (0, b"two"), (0, b"three")]);
    let all = decode_records(&[&record]);
    let batch = decode_records(&[select_sub_records(&record, &[3, 1])]);
    let selected: Vec<_> = batch.events.iter().map(identity).collect();
    assert_eq!(selected, [(0, Some(1), "shard:7:1"), (0, Some(3), "shard:7:3")]);
    for (event, index) in batch.events.iter().zip([1, 3]) {
        assert_eq!(event.record(), all.events[index].record());
        assert_eq!(
            Plain::read(&line(event, Format::Json)),
            Plain::read(&line(&all.events[index], Format::Json))
        );
    }
    let again = decode_records(&[select_sub_records(batch.record(0), &[1])]);
    assert_eq!(again.events.iter().map(identity).collect::<Vec<_>>(), [(0, Some(1), "shard:7:1")]);
}

#[test]
fn selection_beyond_the_aggregate_keeps_the_record() {
    let record = select_sub_records(&aggregate(&["a"], &[(0, b"zero")]), &[0, 1]);
    let batch = decode_records(&[record]);
    assert_eq!((batch.events.len(), batch.undecodable.len()), (0, 1));
    let reason = &batch.undecodable[0].reason;
    assert_eq!(*reason, DecodeReason::NoSuchSubRecord { index: 1, count: 1 });
}
