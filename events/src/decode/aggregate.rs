//! Aggregates of the Kinesis Producer Library: many sub-records in one Kinesis record.
//!
//! The format is a magic number, a protobuf message and the message's MD5, as the library's
//! `aggregation-format.md` describes it. A message of 1 MB can hold hundreds of thousands of
//! sub-records, so they are read one after the other and never collected.

use std::ops::Range;

use bytes::Bytes;
use md5::{Digest, Md5};

use super::protobuf::{Field, Value, bytes_at};
use crate::error::DecodeReason;

/// The first bytes of an aggregate.
const MAGIC: [u8; 4] = [0xF3, 0x89, 0x9A, 0xC2];

/// The length of the MD5 digest at the end of an aggregate, in bytes.
const DIGEST_LENGTH: usize = 16;

/// Kinesis, PutRecord: the largest `PartitionKey`, in characters.
const MAX_PARTITION_KEY: usize = 256;

/// The fields of the library's `AggregatedRecord`.
const PARTITION_KEY_TABLE: u32 = 1;
const RECORDS: u32 = 3;

/// The fields of its `Record`.
const PARTITION_KEY_INDEX: u32 = 1;
const DATA: u32 = 3;

/// The message of an aggregate.
#[derive(Debug)]
pub(crate) struct Aggregate {
    message: Bytes,
    /// The offsets of the partition keys: 4 bytes per key, because a message can hold millions.
    keys: Vec<u32>,
    count: usize,
}

/// The sub-record that is read next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// Its index in the aggregate, from 0.
    pub index: usize,
    /// Where to look for it in the message.
    offset: usize,
}

/// Where a sub-record's partition key and data are in the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    /// `None` when the table has no key of the sub-record's index.
    pub key: Option<Range<usize>>,
    pub data: Range<usize>,
}

impl Aggregate {
    /// Reads the data of a Kinesis record. `None` when it is not an aggregate: its magic number or
    /// its checksum differs, or it holds no sub-record.
    pub(super) fn read(data: &Bytes) -> Result<Option<Self>, DecodeReason> {
        let Some(message) = message(data) else { return Ok(None) };
        let (mut keys, mut count, mut at) = (Vec::new(), 0, 0);
        while at < message.len() {
            let field = Field::read(&message, &mut at)?;
            match (field.tag, field.value) {
                (PARTITION_KEY_TABLE, Value::Bytes(_)) => keys.push(field.offset),
                (RECORDS, Value::Bytes(_)) => count += 1,
                (PARTITION_KEY_TABLE | RECORDS, _) => {
                    return Err(malformed(at, "a length-delimited field"));
                }
                _ => {}
            }
        }
        Ok((count > 0).then_some(Self { message, keys, count }))
    }

    /// The number of sub-records.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The whole message, which [`Located`] refers to.
    pub(super) fn message(&self) -> &Bytes {
        &self.message
    }

    /// Moves past the next sub-record and returns where its parts are; `None` after the last one.
    pub(super) fn next(&self, place: &mut Place) -> Option<Result<Located, DecodeReason>> {
        while place.offset < self.message.len() {
            let field = Field::read(&self.message, &mut place.offset);
            let Field { tag, value, .. } = field.expect("all fields were read before");
            if let (RECORDS, Value::Bytes(record)) = (tag, value) {
                place.index += 1;
                return Some(self.locate(record));
            }
        }
        None
    }

    fn locate(&self, record: Range<usize>) -> Result<Located, DecodeReason> {
        let (mut at, mut key, mut data) = (record.start, 0, record.end..record.end);
        while at < record.end {
            let field = Field::read(&self.message[..record.end], &mut at)?;
            match (field.tag, field.value) {
                (PARTITION_KEY_INDEX, Value::Number(index)) => key = index,
                (DATA, Value::Bytes(bytes)) => data = bytes,
                (PARTITION_KEY_INDEX | DATA, _) => {
                    return Err(malformed(at, "a sub-record of an index and bytes"));
                }
                _ => {}
            }
        }
        Ok(Located { key: self.key(key)?, data })
    }

    fn key(&self, index: u64) -> Result<Option<Range<usize>>, DecodeReason> {
        let offset = usize::try_from(index).ok().and_then(|index| self.keys.get(index));
        let Some(&offset) = offset else { return Ok(None) };
        let key = bytes_at(&self.message, offset as usize);
        let text = std::str::from_utf8(&self.message[key.clone()]);
        let characters = text.map_or(0, |text| text.chars().count());
        if (1..=MAX_PARTITION_KEY).contains(&characters) {
            Ok(Some(key))
        } else {
            Err(DecodeReason::PartitionKey { characters, bytes: key.len() })
        }
    }
}

fn malformed(at: usize, expected: &'static str) -> DecodeReason {
    DecodeReason::Malformed { part: "aggregate", at, expected }
}

fn message(data: &Bytes) -> Option<Bytes> {
    let end = data.len().checked_sub(DIGEST_LENGTH)?;
    if end < MAGIC.len() || !data.starts_with(&MAGIC) {
        return None;
    }
    let message = data.slice(MAGIC.len()..end);
    (Md5::digest(&message)[..] == data[end..]).then_some(message)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use prost::encoding::{WireType, encode_key, encode_varint};

    fn push_bytes(tag: u32, bytes: &[u8], out: &mut Vec<u8>) {
        encode_key(tag, WireType::LengthDelimited, out);
        encode_varint(bytes.len() as u64, out);
        out.extend(bytes);
    }

    fn record(key: u64, data: &str) -> Vec<u8> {
        let mut record = Vec::new();
        encode_key(PARTITION_KEY_INDEX, WireType::Varint, &mut record);
        encode_varint(key, &mut record);
        push_bytes(DATA, data.as_bytes(), &mut record);
        record
    }

    fn sealed(message: &[u8]) -> Bytes {
        [&MAGIC[..], message, &Md5::digest(message)].concat().into()
    }

    fn aggregate(keys: &[&str], records: &[Vec<u8>]) -> Bytes {
        let mut message = Vec::new();
        keys.iter().for_each(|key| push_bytes(PARTITION_KEY_TABLE, key.as_bytes(), &mut message));
        records.iter().for_each(|record| push_bytes(RECORDS, record, &mut message));
        sealed(&message)
    }

    /// Key and data of each sub-record.
    fn sub_records(data: &Bytes) -> Vec<Result<(Option<String>, String), DecodeReason>> {
        let aggregate = Aggregate::read(data).unwrap().unwrap();
        let text = |part: Range<usize>| str::from_utf8(&aggregate.message[part]).unwrap().into();
        let mut place = Place::default();
        let located = std::iter::from_fn(|| aggregate.next(&mut place));
        located.map(|it| it.map(|it| (it.key.map(text), text(it.data)))).collect()
    }

    #[test]
    fn sub_records_are_read_in_order_with_their_keys() {
        let data = aggregate(&["a", "b"], &[record(1, "x"), record(0, "y"), record(9, "z")]);
        let expected = [(Some("b"), "x"), (Some("a"), "y"), (None, "z")];
        let expected = expected.map(|(key, data)| Ok((key.map(String::from), data.to_owned())));
        assert_eq!(sub_records(&data), expected);
    }

    #[test]
    fn invalid_partition_key_fails_its_sub_record_only() {
        let keys = ["", &"é".repeat(256), &"é".repeat(257)];
        let data = aggregate(&keys, &[record(0, "x"), record(1, "y"), record(2, "z")]);
        let refused = |characters, bytes| Err(DecodeReason::PartitionKey { characters, bytes });
        assert_eq!(
            sub_records(&data),
            [refused(0, 0), Ok((Some(keys[1].into()), "y".into())), refused(257, 514)]
        );
    }

    #[test]
    fn malformed_sub_record_fails_alone() {
        let cut_short = vec![0x1a, 0x7f];
        let data = aggregate(&["a"], &[record(0, "x"), cut_short, record(0, "z")]);
        let found = sub_records(&data);
        assert_eq!(
            (found.len(), &found[0], &found[2]),
            (3, &Ok((Some("a".into()), "x".into())), &Ok((Some("a".into()), "z".into())))
        );
        let Err(DecodeReason::Malformed { part: "aggregate", expected, .. }) = found[1] else {
            panic!("{:?}", found[1])
        };
        assert_eq!(expected, "a complete protobuf field");
    }

    #[test]
    fn wrong_checksum_makes_an_ordinary_record() {
        let mut data = aggregate(&[], &[record(0, "x")]).to_vec();
        *data.last_mut().unwrap() ^= 1;
        assert!(Aggregate::read(&data.into()).unwrap().is_none());
        assert!(Aggregate::read(&aggregate(&[], &[])).unwrap().is_none());
        for short in [&MAGIC[..], b"", &[0; 16], &[0; 40]] {
            assert!(Aggregate::read(&Bytes::copy_from_slice(short)).unwrap().is_none());
        }
    }

    #[test]
    fn valid_checksum_over_another_message_is_an_error() {
        for message in [&[0xff, 0xff][..], &[0x0a], &[0x0a, 0x05, b'a'], &[0x18, 0x01]] {
            assert!(Aggregate::read(&sealed(message)).is_err(), "{message:?}");
        }
    }
}
