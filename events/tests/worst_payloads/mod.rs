//! The payloads of 6 MB that take the most memory.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

/// Lambda, Invoke: the largest payload, in bytes.
pub(super) const PAYLOAD: usize = 6 * 1024 * 1024;

pub(super) type Payload = fn() -> String;

pub(super) fn payloads() -> [(&'static str, Payload); 10] {
    [
        ("one aggregate of empty sub-records", || {
            records(&aggregate(&field(1, b"k"), &sub_record(0, b""), PAYLOAD / 4 * 3 - 500))
        }),
        ("100,000 sub-records with a key of 256 characters, four times", || {
            let key = field(1, &[b'k'; 256]);
            let record = aggregate(&key, &sub_record(0, b"x"), 700_000);
            records(&[&record[..]; 4].join(","))
        }),
        ("a partition key table of millions", || {
            records(&aggregate(&sub_record(0, b"x"), &field(1, b""), PAYLOAD / 4 * 3 - 500))
        }),
        ("sub-records that are all refused", || {
            records(&aggregate(&field(1, b""), &sub_record(0, b""), PAYLOAD / 4 * 3 - 500))
        }),
        ("records that are all malformed", || records(&vec!["0"; PAYLOAD / 2 - 10].join(","))),
        ("control characters", || records(&kinesis(&vec![1; PAYLOAD / 4 * 3 - 500]))),
        ("images of different attributes", || {
            records(&change(&attributes("a", 165_000), &attributes("b", 165_000)))
        }),
        ("lists that differ", || {
            let elements = r#"{"N":"1"},"#.repeat(290_000);
            let list = |last| format!(r#"{{"a":{{"L":[{elements}{{"N":"{last}"}}]}}}}"#);
            records(&change(&list(1), &list(2)))
        }),
        ("binary values behind long names", || {
            let name = "n".repeat(2_000);
            let elements = vec![r#"{"B":"AA=="}"#; 25_000].join(",");
            let image = format!(r#"{{"{name}":{{"L":[{elements}]}}}}"#);
            records(&vec![change(&image, &image); 9].join(","))
        }),
        ("sets that differ", || {
            let elements = r#""a","#.repeat(700_000);
            let set = |last| format!(r#"{{"a":{{"SS":[{elements}"{last}"]}}}}"#);
            records(&change(&set(1), &set(2)))
        }),
    ]
}

fn records(records: &str) -> String {
    format!(r#"{{"Records":[{records}]}}"#)
}

fn kinesis(data: &[u8]) -> String {
    let data = STANDARD.encode(data);
    format!(r#"{{"eventSource":"aws:kinesis","kinesis":{{"sequenceNumber":"1","data":"{data}"}}}}"#)
}

/// A record whose aggregate has this start and is then filled with a field.
fn aggregate(start: &[u8], field: &[u8], size: usize) -> String {
    let message = [start, &field.repeat((size - start.len()) / field.len())].concat();
    kinesis(&[&[0xF3, 0x89, 0x9A, 0xC2], &message[..], &Md5::digest(&message)].concat())
}

fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let (low, high) = (bytes.len() as u8 | 0x80, (bytes.len() >> 7) as u8);
    let length = if bytes.len() < 0x80 { vec![bytes.len() as u8] } else { vec![low, high] };
    [&[tag << 3 | 2], &length[..], bytes].concat()
}

fn sub_record(key: u8, data: &[u8]) -> Vec<u8> {
    field(3, &[&[0x08, key], &field(3, data)[..]].concat())
}

fn change(old: &str, new: &str) -> String {
    format!(
        r#"{{"eventID":"1","eventName":"MODIFY","dynamodb":{{"OldImage":{old},"NewImage":{new}}}}}"#
    )
}

fn attributes(prefix: &str, count: usize) -> String {
    let mut image = String::with_capacity(count * 20);
    for index in 0..count {
        let comma = if index == 0 { '{' } else { ',' };
        write!(image, r#"{comma}"{prefix}{index:x}":{{"N":"1"}}"#).unwrap();
    }
    image + "}"
}
