//! What must hold for any bytes, checked against an independent reader: serde_json with arbitrary
//! precision.

mod alike;
mod json;
mod oracle;
mod rows;

pub use alike::check_alike;
pub use json::{check_cursor, check_rewrite};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changefan_events::{Batch, ChangeEvent, Encoder, Format, Numbers, Operation, PayloadError};
use md5::{Digest, Md5};
use serde_json::Value;

use oracle::{FromText, appended, number, plain_image, spelled_alike, string};
use rows::check_row;

/// serde_json represents a number of arbitrary precision by a member of this name, so it cannot be
/// an oracle for it.
const PRIVATE: &[u8] = b"$serde_json::private";

fn is_beyond_the_oracle(data: &[u8]) -> bool {
    data.windows(PRIVATE.len()).any(|window| window == PRIVATE)
}

/// Decoding never panics and never loses a record of a well-formed batch.
pub fn check_decode(data: &[u8]) {
    let reference: Option<Value> = serde_json::from_slice(data).ok();
    match (Batch::decode(data.to_vec().into()), reference) {
        _ if is_beyond_the_oracle(data) => {}
        (Ok(batch), Some(payload)) => {
            check_batch(&batch, &payload);
            check_pieces(batch);
        }
        // The reference refuses deep nesting and unpaired surrogates, which the grammar allows.
        (Ok(_), None) => {}
        (Err(PayloadError::NotABatch), _) => {}
        (Err(error), Some(_)) => panic!("serde_json reads what was refused: {error}"),
        (Err(_), None) => {}
    }
}

/// The same for the message of an aggregate, whose checksum no fuzzer would find.
pub fn check_aggregate(message: &[u8]) {
    let data = [&[0xF3, 0x89, 0x9A, 0xC2], message, &Md5::digest(message)].concat();
    let data = STANDARD.encode(data);
    let record = format!(r#"{{"kinesis":{{"sequenceNumber":"1","data":"{data}"}}}}"#);
    check_decode(record.as_bytes());
}

fn check_batch(batch: &Batch, payload: &Value) {
    // Of several members of one name serde_json keeps the last; changefan keeps the records of all.
    let text_has_one_batch = payload.get("Records").is_none_or(Value::is_array);
    if let Some(records) =
        payload.as_array().or_else(|| payload["Records"].as_array()).filter(|_| text_has_one_batch)
    {
        assert!(batch.record_count() >= records.len());
    }
}

/// Every record is accounted for in the pieces at whose positions it is.
fn check_pieces(first: Batch) {
    let record_count = first.record_count();
    let mut next = 0;
    for piece in std::iter::successors(Some(first), Batch::next_piece) {
        let positions = piece.positions();
        assert!(positions.start == next || positions.start + 1 == next, "a gap between pieces");
        next = positions.end;
        let mut accounted = vec![false; positions.len()];
        let mut account = |position| accounted[position - positions.start] = true;
        piece.events.iter().for_each(|event| account(event.position()));
        piece.undecodable.iter().for_each(|error| account(error.position));
        assert!(
            accounted.into_iter().all(|accounted| accounted),
            "a record is neither an event nor an error"
        );
        for error in &piece.undecodable {
            assert_eq!(piece.record(error.position), error.record());
        }
        for event in &piece.events {
            assert_eq!(event.record_size(), event.record().len());
        }
    }
    assert_eq!(next, record_count, "records after the last piece");
}

/// A format's line is one line of JSON that holds exactly the decoded values.
pub fn check_format(data: &[u8], format: Format) {
    let Ok(batch) = Batch::decode(data.to_vec().into()) else { return };
    if is_beyond_the_oracle(data) {
        return;
    }
    for event in &batch.events {
        for numbers in [Numbers::Number, Numbers::String] {
            let mut line = String::new();
            Encoder { format, numbers }.write(event, &mut line);
            assert!(!line.contains(['\n', '\r']), "more than one line");
            let line: Value = serde_json::from_str(&line).expect("a line of JSON");
            check_line(&line, event, format, numbers);
        }
    }
}

fn check_line(line: &Value, event: &ChangeEvent, format: Format, numbers: Numbers) {
    let record: Value = serde_json::from_str(&event.record()).expect("a record is JSON");
    let (keys, old, new) = match format {
        Format::Log => return assert_eq!(line["log_keys"]["record"], record),
        Format::DynamoDbJson => return assert_eq!(*line, record),
        Format::Json => (&line["keys"], &line["old"], &line["new"]),
        Format::Debezium => (&line["source"]["keys"], &line["before"], &line["after"]),
        Format::Rows => return check_row(line, event, &record),
        other => unreachable!("the format {} has no target", other.as_str()),
    };
    let from_text: FromText = if numbers == Numbers::String { string } else { number };
    if event.operation() == Operation::Append {
        assert!(old.is_null());
        match appended(&record) {
            Some(content) if numbers == Numbers::String => {
                assert_eq!(spelled_alike(new.clone()), spelled_alike(content));
            }
            Some(content) => assert_eq!(*new, content),
            None => {}
        }
        return;
    }
    let change = &record["dynamodb"];
    assert_eq!(*old, plain_image(&change["OldImage"], from_text));
    assert_eq!(*new, plain_image(&change["NewImage"], from_text));
    let expected = plain_image(&change["Keys"], from_text);
    assert_eq!(
        *keys,
        if expected.is_null() { Value::Object(Default::default()) } else { expected }
    );
}
