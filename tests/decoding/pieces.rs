//! Batches that are decoded in pieces.

use std::collections::BTreeMap;

use changefan::{Batch, ChangeEvent};
use changefan_events::{Trigger, select_sub_records};

use super::aggregates::{SubRecord, aggregate};
use super::support::{change, decode};

/// All pieces of a payload.
fn pieces(payload: String) -> Vec<Batch> {
    std::iter::successors(Some(decode(payload)), Batch::next_piece).collect()
}

fn mapping(records: &[String]) -> String {
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}

/// An aggregate of this many sub-records.
fn large_aggregate(count: usize) -> String {
    let sub_records: Vec<SubRecord> = vec![(0, b"x"); count];
    aggregate(&["key"], &sub_records)
}

/// Events per record and piece: every piece is sound, and together they hold each record and
/// sub-record once.
fn assert_complete(pieces: &[Batch], events_per_record: &[usize]) {
    let mut found: BTreeMap<usize, Vec<Option<usize>>> = BTreeMap::new();
    let mut next = 0;
    for piece in pieces {
        assert!(piece.events.len() <= Batch::MAX_EVENTS);
        assert!(piece.undecodable.len() <= Batch::MAX_EVENTS);
        assert_eq!(piece.record_count(), events_per_record.len());
        let positions = piece.positions();
        assert!(positions.start == next || positions.start + 1 == next, "{positions:?}");
        next = positions.end;
        for (ordinal, event) in piece.events.iter().enumerate() {
            assert_eq!(event.ordinal(), ordinal);
            assert!(positions.contains(&event.position()));
            found.entry(event.position()).or_default().push(event.sub_record());
        }
        for error in &piece.undecodable {
            assert!(positions.contains(&error.position));
            assert_eq!(error.record(), piece.record(error.position));
            found.entry(error.position).or_default().push(error.sub_record);
        }
    }
    assert_eq!(next, events_per_record.len());
    for (position, &count) in events_per_record.iter().enumerate() {
        let sub_records = &found[&position];
        if count == 1 {
            assert_eq!(sub_records.len(), 1, "{position}");
        } else {
            let expected: Vec<_> = (0..count).map(Some).collect();
            assert_eq!(*sub_records, expected, "{position}");
        }
    }
}

#[test]
fn ten_thousand_records_are_one_piece() {
    let found = pieces(mapping(&vec![change("{}"); 10_000]));
    assert_eq!(found.len(), 1);
    assert_complete(&found, &[1; 10_000]);
}

#[test]
fn record_after_ten_thousand_starts_a_piece() {
    let mut records = vec![change(r#"{"SequenceNumber":"1"}"#); 10_000];
    records.push(change(r#"{"SequenceNumber":"2"}"#));
    let found = pieces(mapping(&records));
    assert_eq!(found.len(), 2);
    assert_complete(&found, &[1; 10_001]);
    assert_eq!(found[1].positions(), 10_000..10_001);
    assert_eq!(found[1].identifier(10_000), Some("2"));
    assert_eq!(found[1].record(10_000), records[10_000]);
}

#[test]
#[should_panic]
fn position_of_another_piece_is_refused() {
    let found = pieces(mapping(&vec![change("{}"); 10_001]));
    found[1].record(0);
}

#[test]
fn aggregate_continues_in_the_next_piece() {
    let records =
        [change("{}"), large_aggregate(15_000), large_aggregate(9_000), "{}".into(), change("{}")];
    let found = pieces(mapping(&records));
    let positions: Vec<_> = found.iter().map(Batch::positions).collect();
    assert_eq!(positions, [0..2, 1..3, 2..5]);
    assert_complete(&found, &[1, 15_000, 9_000, 1, 1]);
    for piece in &found {
        for position in piece.positions() {
            assert_eq!(piece.record(position), records[position]);
        }
    }
    let last = found[1].events.iter().rfind(|event| event.position() == 1).unwrap();
    assert_eq!(last.event_id(), "shard:7:14999");
    assert!(last.record().contains(r#""partitionKey":"key""#));
    assert_eq!(found[1].identifier(1), Some("7"));
}

#[test]
fn selection_applies_across_pieces() {
    let selected: Vec<usize> = (0..30_000).filter(|index| index % 2 == 1).collect();
    let record = select_sub_records(&large_aggregate(30_000), &selected);
    let found = pieces(mapping(&[record]));
    assert_eq!(found.len(), 2);
    let events = found.iter().flat_map(|piece| &piece.events);
    let decoded: Vec<usize> = events.filter_map(ChangeEvent::sub_record).collect();
    assert_eq!(decoded, selected);
}

#[test]
fn malformed_records_are_divided_into_pieces() {
    let records = vec!["{}".to_owned(); 25_000];
    let found = pieces(mapping(&records));
    assert_eq!(found.len(), 3);
    assert_complete(&found, &[1; 25_000]);
}

#[test]
fn pipes_and_single_records_have_pieces() {
    let record = large_aggregate(10_001);
    let found = pieces(format!("[{record}, {record}]"));
    assert_eq!(found.iter().map(Batch::positions).collect::<Vec<_>>(), [0..1, 0..2, 1..2]);
    assert_complete(&found, &[10_001, 10_001]);
    let found = pieces(record);
    assert_eq!(found.iter().map(|piece| piece.events.len()).collect::<Vec<_>>(), [10_000, 1]);
    assert!(found.iter().all(|piece| piece.trigger == Trigger::Direct));
}

#[test]
fn members_after_the_records_apply_to_every_piece() {
    let record = large_aggregate(10_001);
    let payload =
        format!(r#"{{"Records":[{record}] , "state":{{"a":1}}, "Records":[{record},{{}}]}}"#);
    let found = pieces(payload);
    assert_complete(&found, &[10_001, 10_001, 1]);
    assert!(found.iter().all(|piece| piece.window_state.as_deref() == Some(r#"{"a":1}"#)));
}

#[test]
fn output_text_limits_a_piece() {
    let control = "\u{1}".repeat(800_000);
    let record = aggregate(&["key"], &[(0, control.as_bytes()); 4]);
    let found = pieces(record);
    assert_eq!(found.iter().map(|piece| piece.events.len()).collect::<Vec<_>>(), [3, 1]);
}

#[test]
fn payload_truncated_after_a_piece_is_refused() {
    let mut payload = mapping(&vec!["{}".to_owned(); 20_000]);
    payload.pop();
    assert!(Batch::decode(payload.into()).is_err());
}
