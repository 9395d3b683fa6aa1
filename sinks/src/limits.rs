//! Grouping what is to be sent into calls that a service takes.

/// What takes part in a call.
pub(crate) trait Item {
    /// Its size as the service counts it, in bytes.
    fn size(&self) -> usize;

    /// Whether it may be in the same call as `first`, which the call begins with.
    fn goes_with(&self, _first: &Self) -> bool {
        true
    }
}

/// Groups items, in their order, into calls of at most `count` items and `bytes` bytes. An item over `bytes` stands alone.
///
/// A call's items are asked for when the call is: those of later calls take no memory yet.
pub(crate) fn calls<T: Item>(
    items: impl Iterator<Item = T>,
    count: usize,
    bytes: usize,
) -> impl Iterator<Item = Vec<T>> {
    let mut items = items.peekable();
    std::iter::from_fn(move || {
        let first = items.next()?;
        let mut total = first.size();
        let mut call = vec![first];
        while call.len() < count
            && let Some(next) =
                items.next_if(|next| total + next.size() <= bytes && next.goes_with(&call[0]))
        {
            total += next.size();
            call.push(next);
        }
        Some(call)
    })
}

#[cfg(test)]
mod tests {
    use super::{Item, calls};

    impl Item for usize {
        fn size(&self) -> usize {
            *self
        }

        fn goes_with(&self, first: &Self) -> bool {
            first % 2 == self % 2
        }
    }

    fn sizes(items: &[usize], count: usize, bytes: usize) -> Vec<Vec<usize>> {
        calls(items.iter().copied(), count, bytes).collect()
    }

    #[test]
    fn calls_keep_both_limits_and_lose_nothing() {
        assert_eq!(sizes(&[], 2, 10), [[0; 0]; 0]);
        assert_eq!(sizes(&[1, 1, 1], 2, 10), [vec![1, 1], vec![1]]);
        assert_eq!(sizes(&[5, 5, 1], 9, 10), [vec![5, 5], vec![1]]);
        assert_eq!(sizes(&[11, 1, 13], 9, 10), [[11], [1], [13]]);
    }

    #[test]
    fn items_that_do_not_go_together_are_in_calls_of_their_own() {
        assert_eq!(sizes(&[1, 3, 2, 4, 5], 9, 99), [vec![1, 3], vec![2, 4], vec![5]]);
    }
}
