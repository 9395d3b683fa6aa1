//! Splitting what is to be sent into calls that a service takes.

use std::ops::Range;

/// Splits items into runs of at most `count` items and `bytes` bytes. An item over `bytes` stands alone.
pub(crate) fn split(sizes: &[usize], count: usize, bytes: usize) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let (mut start, mut total) = (0, 0);
    for (index, &size) in sizes.iter().enumerate() {
        if index > start && (index - start == count || total + size > bytes) {
            runs.push(start..index);
            (start, total) = (index, 0);
        }
        total += size;
    }
    if start < sizes.len() {
        runs.push(start..sizes.len());
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn runs_keep_both_limits_and_lose_nothing() {
        assert_eq!(split(&[], 2, 10), []);
        assert_eq!(split(&[1, 1, 1], 2, 10), [0..2, 2..3]);
        assert_eq!(split(&[5, 5, 1], 9, 10), [0..2, 2..3]);
        assert_eq!(split(&[11, 1, 12], 9, 10), [0..1, 1..2, 2..3]);
    }
}
