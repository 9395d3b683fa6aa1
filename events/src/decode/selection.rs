//! The choice of some sub-records of an aggregate, to deliver only those that failed before.

use changefan_json::{Cursor, SyntaxError, write_string};

use crate::error::DecodeReason;

/// The member that AWS's records do not have: the indexes of the sub-records to decode.
pub(super) const MEMBER: &str = "subRecords";

/// Which sub-records of an aggregate are decoded.
pub(super) struct Selection(Option<Vec<usize>>);

impl Selection {
    /// Reads the value of `subRecords`. Without it, all sub-records are included.
    pub(super) fn read(json: Option<&[u8]>, count: usize) -> Result<Self, DecodeReason> {
        let Some(json) = json else { return Ok(Self(None)) };
        let mut indexes = read_indexes(json).map_err(|SyntaxError| DecodeReason::Malformed {
            part: "subRecords",
            at: 0,
            expected: "an array of indexes",
        })?;
        indexes.sort_unstable();
        match indexes.last() {
            Some(&index) if index >= count => Err(DecodeReason::NoSuchSubRecord { index, count }),
            _ => Ok(Self(Some(indexes))),
        }
    }

    pub(super) fn includes(&self, index: usize) -> bool {
        self.0.as_ref().is_none_or(|indexes| indexes.binary_search(&index).is_ok())
    }
}

fn read_indexes(json: &[u8]) -> Result<Vec<usize>, SyntaxError> {
    let mut indexes = Vec::new();
    Cursor::new(json).array(|cursor| {
        let index = std::str::from_utf8(cursor.number()?).ok().and_then(|it| it.parse().ok());
        indexes.push(index.ok_or(SyntaxError)?);
        Ok(())
    })?;
    Ok(indexes)
}

/// The record of an aggregate with a member that restricts it to some of its sub-records: decoding
/// the result makes the events of exactly these. Text that is not a JSON object is returned
/// unchanged.
///
/// ```
/// let record = r#"{"eventSource":"aws:kinesis","kinesis":{}}"#;
/// assert_eq!(
///     changefan_events::select_sub_records(record, &[0, 4]),
///     r#"{"subRecords":[0,4],"eventSource":"aws:kinesis","kinesis":{}}"#
/// );
/// ```
pub fn select_sub_records(record: &str, indexes: &[usize]) -> String {
    let mut members = Vec::new();
    let mut cursor = Cursor::new(record);
    let object = cursor.object(|cursor, name| {
        cursor.peek();
        let start = cursor.position();
        cursor.skip()?;
        // The record may have been selected from before.
        if name != MEMBER.as_bytes() {
            let mut member = String::new();
            write_string(std::str::from_utf8(name).expect("a name is UTF-8"), &mut member);
            members.push(member + ":" + &record[start..cursor.position()]);
        }
        Ok(())
    });
    if object.is_err() {
        return record.to_owned();
    }
    let indexes: Vec<_> = indexes.iter().map(usize::to_string).collect();
    members.insert(0, format!(r#""{MEMBER}":[{}]"#, indexes.join(",")));
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selection_replaces_an_earlier_one() {
        let record = select_sub_records(r#"{ "a" : {"subRecords":1} }"#, &[1, 2]);
        assert_eq!(record, r#"{"subRecords":[1,2],"a":{"subRecords":1}}"#);
        assert_eq!(select_sub_records(&record, &[2]), r#"{"subRecords":[2],"a":{"subRecords":1}}"#);
        assert_eq!(select_sub_records("[1]", &[2]), "[1]");
    }

    #[test]
    fn index_beyond_the_aggregate_is_refused() {
        assert!(Selection::read(Some(b"[2,0]"), 3).is_ok());
        assert_eq!(
            Selection::read(Some(b"[3,0]"), 3).err(),
            Some(DecodeReason::NoSuchSubRecord { index: 3, count: 3 })
        );
        for json in ["1", "[-1]", "[0.5]", "[null]", r#"["0"]"#] {
            assert!(Selection::read(Some(json.as_bytes()), 3).is_err(), "{json}");
        }
    }
}
