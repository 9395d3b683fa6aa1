//! The partition of an event, and the parts of a key that records decide: none is longer or freer
//! than S3 and file systems allow.

use std::collections::HashMap;
use std::fmt::Write as _;

use changefan_events::ChangeEvent;
use sha2::{Digest, Sha256};

use super::write_hex;

/// How Hive, Athena, Spark and DuckDB spell a partition whose value is missing.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// Bytes of a partition name. A file name may have 255 (ext4, xfs), a key 1,024 (S3, PutObject).
const MAX_NAME: usize = 200;

/// Bytes that remain of a longer partition name, before a hash of the whole name.
const SHORTENED_NAME: usize = 160;

/// Bytes of an identifier. Sequence numbers have up to 56 digits.
const MAX_IDENTIFIER: usize = 64;

/// Microseconds.
const HOUR: i64 = 3_600_000_000;

/// The events of one object have the same partition: the same table and hour.
fn are_of_one_partition(left: &ChangeEvent, right: &ChangeEvent) -> bool {
    hour(left) == hour(right) && left.is_of_same_table(right)
}

/// Hours since 1970.
fn hour(event: &ChangeEvent) -> Option<i64> {
    event.timestamp().map(|timestamp| timestamp.microseconds() / HOUR)
}

/// `table=…/date=…/hour=…`, the partition of an event as a path.
pub(super) fn path(event: &ChangeEvent) -> String {
    let mut path = String::with_capacity(64);
    path.push_str("table=");
    write_name(event.table().unwrap_or(NO_VALUE), &mut path);
    path.push_str("/date=");
    let (mut date, mut time) = (String::with_capacity(10), String::with_capacity(8));
    if let Some(timestamp) = event.timestamp() {
        timestamp.write_date(&mut date);
        timestamp.write_time(&mut time);
    }
    path.push_str(if date.is_empty() { NO_VALUE } else { &date });
    path.push_str("/hour=");
    path.push_str(time.get(..2).unwrap_or(NO_VALUE));
    path
}

/// Groups events by partition and keeps their order.
pub(super) fn by_partition<'a>(events: &[&'a ChangeEvent]) -> Vec<Vec<&'a ChangeEvent>> {
    let mut partitions: Vec<Vec<&'a ChangeEvent>> = Vec::new();
    let (mut indexes, mut last) = (HashMap::new(), 0);
    for event in events.iter().copied() {
        // Events that follow each other mostly have the same. A stream's producers choose the
        // tables, so there can be as many as events.
        if !partitions.get(last).is_some_and(|events| are_of_one_partition(events[0], event)) {
            let table = (event.account(), event.region(), event.table());
            last = *indexes.entry((hour(event), table)).or_insert(partitions.len());
            partitions.resize_with(partitions.len().max(last + 1), Vec::new);
        }
        partitions[last].push(event);
    }
    partitions
}

/// Appends `<first>-<last>-`, the sequence numbers of an object.
pub(super) fn write_range(events: &[&ChangeEvent], key: &mut String) {
    for event in [events.first(), events.last()].into_iter().flatten() {
        let identifier = event.sequence_number().unwrap_or(event.event_id());
        let mut encoded = percent_encoded(identifier);
        truncate(&mut encoded, MAX_IDENTIFIER);
        key.push_str(&encoded);
        key.push('-');
    }
}

/// Appends the name of a table as a partition name.
pub(super) fn write_name(name: &str, path: &mut String) {
    let mut encoded = percent_encoded(name);
    if encoded.len() > MAX_NAME {
        truncate(&mut encoded, SHORTENED_NAME);
        encoded.push('-');
        write_hex(&Sha256::digest(name)[..16], &mut encoded);
    }
    path.push_str(&encoded);
}

/// Cuts percent-encoded text without splitting an escape.
fn truncate(encoded: &mut String, length: usize) {
    encoded.truncate(length);
    let tail = encoded.len().saturating_sub(2);
    if let Some(escape) = encoded[tail..].find('%') {
        encoded.truncate(tail + escape);
    }
}

/// Leaves only characters that are safe in keys and in file names.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use changefan_events::Timestamp;

    use super::*;

    fn name(table: &str) -> String {
        let mut path = String::new();
        write_name(table, &mut path);
        path
    }

    #[test]
    fn name_over_200_bytes_is_shortened_to_160_and_a_hash() {
        let (exact, long) = ("t".repeat(200), "t".repeat(255));
        assert_eq!(name(&exact), exact);
        assert_eq!(name(&long).len(), 160 + 1 + 32);
        assert!(name(&long).starts_with(&"t".repeat(160)));
        assert_ne!(name(&long), name(&"t".repeat(254)));
    }

    #[test]
    fn shortening_never_splits_an_escape() {
        for shift in 0..3 {
            let name = name(&format!("{}{}", "a".repeat(shift), "é/".repeat(40)));
            let decoded = name.split('-').next().unwrap();
            let escapes = decoded.split('%').skip(1);
            assert!(escapes.clone().count() > 0 && escapes.clone().all(|it| it.len() == 2));
        }
    }

    #[test]
    fn events_are_grouped_by_table_and_hour_in_their_order() {
        let event = |id: &str, table: &str, minute: i64| {
            let event = ChangeEvent::builder().event_id(id).table(table);
            event.timestamp(Timestamp::from_microseconds(60_000_000 * minute).unwrap())
        };
        let events = [
            event("0", "a", 0),
            event("1", "b", 0),
            event("2", "b", 59),
            event("3", "a", 60),
            event("4", "a", 1),
            event("5", "b", 60),
        ];
        let events = events.map(|event| event.build().unwrap());
        let refs: Vec<_> = events.iter().collect();
        let partitions = by_partition(&refs);
        let ids = |events: &Vec<&ChangeEvent>| {
            events.iter().map(|event| event.event_id().to_owned()).collect::<Vec<_>>().join("")
        };
        assert_eq!(partitions.iter().map(ids).collect::<Vec<_>>(), ["04", "12", "3", "5"]);
    }

    #[test]
    fn unsafe_characters_are_percent_encoded() {
        assert_eq!(percent_encoded("a/b c%é"), "a%2Fb%20c%25%C3%A9");
    }
}
