//! The verdict itself: it reports what it must report.

use super::order::Order;
use super::record::{Kind, Record, Shape};

/// Two shards of four records, read in batches of two.
fn broken(firsts: &[usize], given_up: usize) -> (Option<usize>, Option<usize>) {
    let record = |index: usize| Record::new(Shape::DynamoDb, Kind::Good, index / 4, index % 4);
    let records: Vec<_> = (0..8).map(record).collect();
    let given_up: Vec<_> = (0..8).map(|index| index == given_up).collect();
    let reach = [2, 2, 4, 4, 2, 2, 4, 4];
    let order = Order { records: &records, starts: &[0, 4], reach: &reach, given_up: &given_up };
    (order.broken_between_batches(firsts), order.broken(firsts))
}

#[test]
fn shards_are_ordered_separately_and_gaps_are_allowed() {
    assert_eq!(broken(&[4, 0, 5, 1, 2, 6, 7, 3], 9), (None, None));
    assert_eq!(broken(&[1, 3, 4, 7], 9), (None, None));
}

#[test]
fn order_inside_a_batch_is_checked_where_promised() {
    assert_eq!(broken(&[1, 0, 2, 3], 9), (None, Some(0)));
}

#[test]
fn record_after_the_next_batch_is_out_of_order() {
    assert_eq!(broken(&[0, 2, 1, 3], 9), (Some(1), Some(1)));
    assert_eq!(broken(&[0, 2, 1, 3], 1), (None, None));
}
