//! The model itself, against the documentation of mappings and Pipes.

use serde_json::{Value, json};

use super::answer::Ended;
use super::record::{Kind, Record, Shape};
use super::source::{Mapping, Source, Trigger};
use super::trial::Trial;

/// The response of a scripted function to records, by their indexes.
type Play = fn(&[usize]) -> Ended;

fn mapping() -> Mapping {
    Mapping { batch_size: 4, max_retries: Some(1), ..Trial::default().mapping }
}

fn source(mapping: Mapping, records: usize) -> Source {
    let record = |index| Record::new(Shape::DynamoDb, Kind::Good, 0, index);
    Source::new(mapping, vec![(0..records).map(record).collect()])
}

/// The batches that are delivered until the end, as indexes.
fn batches(source: &mut Source, play: Play) -> Vec<Vec<usize>> {
    let mut batches = Vec::new();
    while !source.busy().is_empty() {
        let Some(payload) = source.hand_over(0) else { continue };
        let batch = indexes(&payload);
        source.settle(0, &play(&batch));
        batches.push(batch);
    }
    batches
}

fn indexes(payload: &[u8]) -> Vec<usize> {
    let payload: Value = serde_json::from_slice(payload).unwrap();
    let records = payload.get("Records").unwrap_or(&payload).as_array().unwrap();
    let index = |record: &Value| {
        record["eventID"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap()
    };
    records.iter().map(index).collect()
}

fn given_up(source: &Source) -> Vec<(&'static str, Vec<usize>)> {
    source.given_up.iter().map(|it| (it.condition, indexes(&it.payload))).collect()
}

fn success() -> Ended {
    Ended::Replied(json!({ "batchItemFailures": [] }))
}

/// Names a record by its sequence number.
fn failed_at(index: usize) -> Ended {
    let sequence = Record::new(Shape::DynamoDb, Kind::Good, 0, index).sequence;
    Ended::Replied(json!({ "batchItemFailures": [{ "itemIdentifier": sequence }] }))
}

/// Names record 2 while the batch holds it.
fn two_fails(batch: &[usize]) -> Ended {
    if batch.contains(&2) { failed_at(2) } else { success() }
}

/// Throws while the batch holds record 2.
fn two_throws(batch: &[usize]) -> Ended {
    if batch.contains(&2) { Ended::Failed } else { success() }
}

#[test]
fn batches_are_delivered_in_sequence() {
    assert_eq!(batches(&mut source(mapping(), 6), |_| success()), [vec![0, 1, 2, 3], vec![4, 5]]);
}

#[test]
fn batch_continues_from_the_checkpoint_until_retries_end() {
    let mut source = source(mapping(), 6);
    assert_eq!(batches(&mut source, two_fails), [vec![0, 1, 2, 3], vec![2, 3], vec![4, 5]]);
    assert_eq!(given_up(&source), [("RetryAttemptsExhausted", vec![2, 3])]);
}

#[test]
fn rest_of_a_batch_may_be_filled_up() {
    let mut source = source(Mapping { refills: true, ..mapping() }, 7);
    assert_eq!(batches(&mut source, two_fails), [vec![0, 1, 2, 3], vec![2, 3, 4, 5], vec![6]]);
    assert_eq!(given_up(&source), [("RetryAttemptsExhausted", vec![2, 3, 4, 5])]);
}

#[test]
fn partial_failure_splits_at_the_record_thrown_one_halves() {
    let bisecting = Mapping { bisect: true, max_retries: Some(0), ..mapping() };
    let mut partly = source(bisecting.clone(), 4);
    assert_eq!(batches(&mut partly, two_fails), [vec![0, 1, 2, 3], vec![2, 3], vec![2], vec![3]]);
    let mut thrown = source(bisecting, 4);
    assert_eq!(
        batches(&mut thrown, two_throws),
        [vec![0, 1, 2, 3], vec![0, 1], vec![2, 3], vec![2], vec![3]]
    );
    for source in [partly, thrown] {
        assert_eq!(given_up(&source), [("RetryAttemptsExhausted", vec![2])]);
    }
}

#[test]
fn thrown_error_repeats_the_batch_without_bisect() {
    let mut source = source(mapping(), 5);
    assert_eq!(batches(&mut source, two_throws), [vec![0, 1, 2, 3], vec![0, 1, 2, 3], vec![4]]);
    assert_eq!(given_up(&source), [("RetryAttemptsExhausted", vec![0, 1, 2, 3])]);
}

#[test]
fn unread_failures_are_successes() {
    let mut source = source(Mapping { reads_failures: false, ..mapping() }, 5);
    assert_eq!(batches(&mut source, two_fails), [vec![0, 1, 2, 3], vec![4]]);
    assert!(source.given_up.is_empty());
}

#[test]
fn records_over_their_age_are_given_up() {
    let mut source = source(Mapping { max_age: Some(2), max_retries: None, ..mapping() }, 5);
    assert_eq!(
        batches(&mut source, two_throws),
        [vec![0, 1, 2, 3], vec![0, 1, 2, 3], vec![0, 1, 2, 3], vec![4]]
    );
    assert_eq!(given_up(&source), [("RecordAgeExceeded", vec![0, 1, 2, 3])]);
}

#[test]
fn pipe_delivers_an_array_identified_by_event_id() {
    let mut source =
        source(Mapping { trigger: Trigger::Pipe, max_retries: Some(0), ..mapping() }, 4);
    let by_event_id = |_: &[usize]| {
        Ended::Replied(json!({ "batchItemFailures": [{ "itemIdentifier": "change-0-3" }] }))
    };
    assert_eq!(batches(&mut source, by_event_id), [[0, 1, 2, 3]]);
    assert_eq!(given_up(&source), [("RetryAttemptsExhausted", vec![3])]);
}
