//! Reads what there is before anything is delivered, to order it.

use changefan_sinks::BoxError;
use futures_util::stream::{self, StreamExt};

use super::failure::Content;
use super::filter::Filter;
use super::sequence::SequenceNumber;
use super::summary::Summary;
use crate::cli::interrupt::Interrupt;
use crate::cli::store::{Store, StoreError, Version};

/// Objects read at the same time. Each is at most a batch of 6 MB, in JSON twice as long.
const CONCURRENCY: usize = 8;

/// Unreadable objects in a row after which the location counts as unusable.
const MAX_UNREADABLE: usize = 5;

/// An object with something that is selected. Its content is read again when it is its turn: memory
/// is bounded.
pub(super) struct Found {
    pub order: Order,
    pub key: String,
    pub version: Version,
}

/// The order of delivery: shard by shard in the order of their sequence numbers, then the
/// quarantine in the order of its writing, which is that of the batches of a shard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    Batch { shard: String, start: SequenceNumber, end: SequenceNumber },
    Lines { quarantined_at: String, first: SequenceNumber },
}

/// Finds the objects below a prefix that are selected, in the order of delivery. Objects that
/// cannot be read or are of another kind are noted.
pub(super) async fn survey(
    store: &dyn Store,
    prefix: &str,
    filter: &Filter,
    interrupt: &Interrupt,
    summary: &mut Summary,
) -> Result<Vec<Found>, BoxError> {
    let objects = store.list(prefix).await?.into_iter();
    let keys: Vec<_> =
        objects.map(|object| object.key).filter(|key| filter.admits_key(key)).collect();
    let reads: Vec<_> = keys.iter().map(|key| Content::read(store, key, None)).collect();
    let mut contents = stream::iter(reads).buffered(CONCURRENCY).zip(stream::iter(&keys));
    let (mut found, mut unreadable) = (Vec::new(), 0);
    while let Some((read, key)) = contents.next().await {
        unreadable = if read.is_err() { unreadable + 1 } else { 0 };
        match read {
            // Another run has redriven it in the meantime.
            Err(StoreError::Missing { .. }) => unreadable = 0,
            Err(error) if unreadable == MAX_UNREADABLE => return Err(error.into()),
            Err(error) => {
                summary.add_kept(&store.name(key), &changefan_sinks::describe(&error));
            }
            Ok((_, version)) if version.is_marked => {}
            Ok((Content::Unknown(reason), _)) => summary.add_kept(&store.name(key), &reason),
            Ok((content, version)) => found.extend(order(&content, filter).map(|order| {
                let key = key.clone();
                Found { order, key, version }
            })),
        }
        if interrupt.is_requested() {
            break;
        }
    }
    found.sort_by(|a, b| a.order.cmp(&b.order));
    Ok(found)
}

/// When it is the turn of an object; `None` if nothing of it is selected.
fn order(content: &Content, filter: &Filter) -> Option<Order> {
    match content {
        Content::Batch(batch) if filter.selects_batch(batch) => {
            let range = &batch.range;
            let shard = format!("{} {}", range.stream_arn, range.shard_id);
            Some(Order::Batch { shard, start: range.start.clone(), end: range.end.clone() })
        }
        Content::Lines(lines) => {
            let first = lines.iter().find(|line| filter.selects_line(line))?;
            let quarantined_at = first.quarantined_at.clone();
            let number = first.record.sequence_number.clone().unwrap_or_default();
            Some(Order::Lines { quarantined_at, first: SequenceNumber::new(number) })
        }
        _ => None,
    }
}
