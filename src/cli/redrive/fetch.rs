//! Fetches a range of records from a shard, as far as they have not expired.

use changefan_sinks::{ServiceError, async_trait};
use serde_json::Value;

use super::failure::ShardRange;
use super::sequence::SequenceNumber;

/// Pages without a record after which the shard counts as read. DynamoDB Streams returns empty
/// pages for parts of a shard without changes, and does not state where an open shard ends.
const MAX_EMPTY_PAGES: usize = 200;

/// A stream whose shards can be read.
#[async_trait]
pub(super) trait Shards: Send + Sync {
    /// An iterator at the first record of a range, or at the oldest record that has not expired;
    /// `None` if the shard does not exist any more.
    async fn iterator(&self, range: &ShardRange) -> Result<Option<String>, ServiceError>;

    /// The records at an iterator.
    async fn page(&self, iterator: &str, range: &ShardRange) -> Result<Page, ServiceError>;
}

/// What one call returns.
pub(super) struct Page {
    /// The records as Lambda receives them.
    pub records: Vec<(SequenceNumber, Value)>,
    /// Where the shard continues; `None` at its end.
    pub next: Option<String>,
    /// Whether the shard is known to have no further record for now.
    pub is_latest: bool,
}

/// The records of a range that the stream still has.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// The records as Lambda receives them, in their order.
    pub records: Vec<Value>,
    first: Option<SequenceNumber>,
    last: Option<SequenceNumber>,
}

impl Fetched {
    /// What of the range has expired, in words; `None` if the stream has all of it.
    pub(super) fn expired(&self, range: &ShardRange) -> Option<String> {
        let ShardRange { start, end, stream_arn, shard_id, batch_size } = range;
        let of = format!("of {stream_arn}, shard {shard_id}");
        match (&self.first, &self.last) {
            (Some(first), Some(last)) if first == start && last == end => None,
            (Some(first), Some(last)) if last == end => {
                let missing = batch_size.saturating_sub(self.records.len());
                let expired = format!("have expired ({missing} of {batch_size})");
                Some(format!("the records from {start} to before {first} {of} {expired}"))
            }
            (_, Some(last)) => Some(format!("the records after {last} to {end} {of} are missing")),
            _ => Some(format!(
                "the records from {start} to {end} {of} have expired ({batch_size} of {batch_size})"
            )),
        }
    }
}

/// Fetches a range. Records that expired are recognized by their sequence numbers: reading
/// continues with the oldest record that has not expired.
pub(super) async fn fetch(
    shards: &dyn Shards,
    range: &ShardRange,
) -> Result<Fetched, ServiceError> {
    let mut fetched = Fetched::default();
    let Some(mut iterator) = shards.iterator(range).await? else { return Ok(fetched) };
    let mut empty = 0;
    while empty < MAX_EMPTY_PAGES {
        let Page { records, next, is_latest } = shards.page(&iterator, range).await?;
        empty = if records.is_empty() { empty + 1 } else { 0 };
        for (number, record) in records {
            if number > range.end {
                return Ok(fetched);
            }
            if number >= range.start {
                fetched.records.push(record);
                fetched.first.get_or_insert_with(|| number.clone());
                fetched.last = Some(number);
            }
        }
        let is_whole = fetched.last.as_ref() == Some(&range.end);
        match next {
            Some(next) if !is_whole && !is_latest => iterator = next,
            _ => break,
        }
    }
    Ok(fetched)
}

/// A time in seconds as a JSON number, as Lambda states it. The SDK reads seconds as a
/// floating-point number, so that a time of .123 seconds arrives as .122999: services state
/// milliseconds at most.
pub(super) fn seconds(seconds: i64, nanoseconds: u32) -> Value {
    let milliseconds = (i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds) + 500_000)
        .div_euclid(1_000_000);
    if milliseconds % 1000 == 0 {
        Value::from((milliseconds / 1000) as i64)
    } else {
        Value::from(milliseconds as f64 / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_to_milliseconds() {
        assert_eq!(seconds(20, 122_999_906).to_string(), "20.123");
        assert_eq!(seconds(1_689_103_530, 0).to_string(), "1689103530");
        assert_eq!(seconds(1_689_103_529, 999_999_999).to_string(), "1689103530");
        assert_eq!(seconds(-1, 500_000_000).to_string(), "-0.5");
    }

    fn fetched(first: &str, last: &str) -> Fetched {
        let number = |digits| Some(SequenceNumber::new(digits));
        Fetched { records: Vec::new(), first: number(first), last: number(last) }
    }

    #[test]
    fn expiry_is_recognized_by_the_first_record() {
        let number = SequenceNumber::new;
        let range = ShardRange { start: number("5"), end: number("9"), ..ShardRange::default() };
        assert_eq!(fetched("5", "9").expired(&range), None);
        let expired = |fetched: Fetched| fetched.expired(&range).unwrap();
        assert!(expired(fetched("7", "9")).starts_with("the records from 5 to before 7 "));
        assert!(expired(fetched("5", "8")).starts_with("the records after 8 to 9 "));
        assert!(expired(Fetched::default()).starts_with("the records from 5 to 9 "));
    }
}
