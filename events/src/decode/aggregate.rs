//! Aggregates of the Kinesis Producer Library: many user records in one Kinesis record.
//!
//! The format is a magic number, a protobuf message and the message's MD5, as the library's
//! `aggregation-format.md` describes it.

use bytes::Bytes;
use md5::{Digest, Md5};
use prost::Message;

/// The first bytes of an aggregate.
const MAGIC: [u8; 4] = [0xF3, 0x89, 0x9A, 0xC2];

/// The length of the MD5 digest at the end of an aggregate, in bytes.
const DIGEST_LENGTH: usize = 16;

/// One record as its producer put it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UserRecord {
    pub partition_key: Option<String>,
    pub data: Bytes,
}

#[derive(Clone, PartialEq, Message)]
struct AggregatedRecord {
    #[prost(string, repeated, tag = "1")]
    partition_key_table: Vec<String>,
    #[prost(message, repeated, tag = "3")]
    records: Vec<Record>,
}

#[derive(Clone, PartialEq, Message)]
struct Record {
    #[prost(uint64, required, tag = "1")]
    partition_key_index: u64,
    #[prost(bytes = "bytes", required, tag = "3")]
    data: Bytes,
}

/// The user records of an aggregate, or `None` when the data is not one: its magic number or its checksum differs, or
/// it holds no record.
pub(crate) fn user_records(data: &Bytes) -> Result<Option<Vec<UserRecord>>, prost::DecodeError> {
    let Some(message) = message(data) else { return Ok(None) };
    let AggregatedRecord { partition_key_table, records } = AggregatedRecord::decode(message)?;
    let key = |index| partition_key_table.get(usize::try_from(index).ok()?).cloned();
    let user_record = |record: Record| UserRecord {
        partition_key: key(record.partition_key_index),
        data: record.data,
    };
    Ok(Some(records.into_iter().map(user_record).collect())
        .filter(|records: &Vec<_>| !records.is_empty()))
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
mod tests {
    use super::*;

    fn aggregate(records: &[(u64, &'static str)]) -> Vec<u8> {
        let records = records
            .iter()
            .map(|&(partition_key_index, data)| Record { partition_key_index, data: data.into() });
        let message = AggregatedRecord {
            partition_key_table: vec!["a".into(), "b".into()],
            records: records.collect(),
        };
        let message = message.encode_to_vec();
        [&MAGIC[..], &message, &Md5::digest(&message)].concat()
    }

    #[test]
    fn user_records_come_out_in_order_with_their_keys() {
        let records =
            user_records(&aggregate(&[(1, "x"), (0, "y"), (9, "z")]).into()).unwrap().unwrap();
        let expected = [(Some("b"), "x"), (Some("a"), "y"), (None, "z")];
        let expected = expected.map(|(key, data)| UserRecord {
            partition_key: key.map(String::from),
            data: data.into(),
        });
        assert_eq!(records, expected);
    }

    #[test]
    fn a_wrong_checksum_makes_it_an_ordinary_record() {
        let mut data = aggregate(&[(0, "x")]);
        *data.last_mut().unwrap() ^= 1;
        assert_eq!(user_records(&data.into()).unwrap(), None);
        assert_eq!(user_records(&aggregate(&[]).into()).unwrap(), None);
        for short in [&MAGIC[..], b"", &[0; 16], &[0; 40]] {
            assert_eq!(user_records(&Bytes::copy_from_slice(short)).unwrap(), None);
        }
    }

    #[test]
    fn a_checksum_over_something_else_is_an_error() {
        let message = [0xff, 0xff];
        let data = [&MAGIC[..], &message, &Md5::digest(message)].concat();
        assert!(user_records(&data.into()).is_err());
    }
}
