//! Sequence numbers of shards.

use std::cmp::Ordering;
use std::fmt;

use serde::Deserialize;

/// A sequence number: decimal digits of any length, more than any integer type holds.
#[derive(Clone, Debug, Default, Eq, Deserialize)]
pub(super) struct SequenceNumber(String);

impl SequenceNumber {
    pub(super) fn new(digits: impl Into<String>) -> Self {
        Self(digits.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn digits(&self) -> &str {
        self.0.trim_start_matches('0')
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Ord for SequenceNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        let (one, two) = (self.digits(), other.digits());
        one.len().cmp(&two.len()).then_with(|| one.cmp(two))
    }
}

impl PartialOrd for SequenceNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SequenceNumber {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value() {
        let number = SequenceNumber::new;
        assert!(number("99999999999999999999") < number("100000000000000000000"));
        assert!(number("21") > number("20"));
        assert_eq!(number("007"), number("7"));
    }
}
