//! What "in order, up to repeats" means, and for which sink.
//!
//! A source sends records again from its checkpoint on, so a record can arrive once more after its successors. Such
//! repeats aside, order is that of the first arrivals: a reader who drops every id that it has seen reads the stream in
//! order. That is what can be promised, and how much of it differs:
//!
//! - *From batch to batch* it holds at every sink: a record is stored after those that were handled before it was handed
//!   over. Two records that no batch held together are in order.
//! - *Inside of a batch* it holds in CloudWatch Logs, whose calls are made one after the other, none after one that
//!   failed, in the order of the changes' times; the model's shards change in that order, as real ones do.
//! - S3 keeps it inside of an object. The objects of a batch that spans hours are written at the same time; their keys
//!   put them in order.
//! - Firehose keeps it inside of a record. It promises no order between records, so its calls are made at the same time,
//!   and a record that it refuses by itself comes after its successors.
//!
//! Records that the source gave up are left out: it went on without them, while a call of an invocation that was killed
//! could still be under way.

use super::record::Record;

/// Finds first arrivals, given by their records' indexes, that are out of order.
pub struct Order<'a> {
    pub records: &'a [Record],
    /// The index of each shard's first record.
    pub starts: &'a [usize],
    /// The end, within its shard, of the longest batch that held each record.
    pub reach: &'a [usize],
    pub given_up: &'a [bool],
}

impl Order<'_> {
    /// The first record that came after one that was handed over only when it had been handled.
    pub fn broken_between_batches(&self, firsts: &[usize]) -> Option<usize> {
        self.find(firsts, |index, latest| {
            latest >= self.starts[self.records[index].shard] + self.reach[index]
        })
    }

    /// The first record that came after any of its successors.
    pub fn broken(&self, firsts: &[usize]) -> Option<usize> {
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
