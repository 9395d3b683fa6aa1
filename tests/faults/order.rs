//! What "in order, up to repeats" means, and for which sink.
//!
//! A source sends records again from its checkpoint on, so a record can arrive again after its
//! successors. Apart from such repeats, order is that of the first arrivals: a reader that drops
//! known ids reads the stream in order. What can be promised differs by sink:
//!
//! - *Between batches* it holds at every sink: a record is stored after those that were processed
//!   before it was delivered. Two records that no batch held together are in order.
//! - *Inside a batch* it holds in CloudWatch Logs, whose calls are sequential, none after a failed
//!   one, in the order of the changes' times; the model's shards change in that order, as real ones
//!   do.
//! - S3 keeps it inside an object. The objects of a batch that spans hours are written
//!   concurrently; their keys are in order.
//! - Firehose keeps it inside a record. It guarantees no order between records, so its calls
//!   overlap, and a record that it rejects arrives after its successors.
//!
//! Records that the source gave up are excluded: it continued without them, while a call of a
//! killed invocation could still be in progress.

use super::record::Record;

/// Finds first arrivals, given by their records' indexes, that are out of order.
pub(super) struct Order<'a> {
    pub records: &'a [Record],
    /// The index of each shard's first record.
    pub starts: &'a [usize],
    /// The end, within its shard, of the longest batch that held each record.
    pub reach: &'a [usize],
    pub given_up: &'a [bool],
}

impl Order<'_> {
    /// The first record that arrived after one that was delivered only when it had been processed.
    pub(super) fn broken_between_batches(&self, firsts: &[usize]) -> Option<usize> {
        self.find(firsts, |index, latest| {
            latest >= self.starts[self.records[index].shard] + self.reach[index]
        })
    }

    /// The first record that arrived after any of its successors.
    pub(super) fn broken(&self, firsts: &[usize]) -> Option<usize> {
        self.find(firsts, |index, latest| latest > index)
    }

    fn find(&self, firsts: &[usize], is_late: impl Fn(usize, usize) -> bool) -> Option<usize> {
        let mut latest: Vec<Option<usize>> = vec![None; self.starts.len()];
        for &index in firsts {
            let latest = &mut latest[self.records[index].shard];
            if latest.is_some_and(|latest| !self.given_up[index] && is_late(index, latest)) {
                return Some(index);
            }
            *latest = (*latest).max(Some(index));
        }
        None
    }
}
