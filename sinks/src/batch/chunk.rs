//! Groups entries into calls that a service accepts.

/// What takes part in a call.
pub trait Weighted {
    /// Its size as the service counts it, in bytes.
    fn size(&self) -> usize;

    /// Whether it may be in the same call as `first`, the first item of the call.
    fn fits_with(&self, _first: &Self) -> bool {
        true
    }
}

/// Groups items, in their order, into calls of at most `count` items and `bytes` bytes. An item
/// larger than `bytes` forms a call alone.
///
/// The items of a call are taken from the iterator when the call is: those of later calls use no
/// memory yet.
///
/// ```
/// use changefan_sinks::batch::{chunks, Weighted};
///
/// struct Bytes(usize);
///
/// impl Weighted for Bytes {
///     fn size(&self) -> usize {
///         self.0
///     }
/// }
///
/// let items = [400, 500, 200, 900].into_iter().map(Bytes);
/// let sizes: Vec<_> = chunks(items, 10, 1000).map(|call| call.len()).collect();
/// assert_eq!(sizes, [2, 1, 1]);
/// ```
pub fn chunks<T: Weighted>(
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
                items.next_if(|next| total + next.size() <= bytes && next.fits_with(&call[0]))
        {
            total += next.size();
            call.push(next);
        }
        Some(call)
    })
}

#[cfg(test)]
mod tests {
    use super::{Weighted, chunks};

    impl Weighted for usize {
        fn size(&self) -> usize {
            *self
        }

        fn fits_with(&self, first: &Self) -> bool {
            first % 2 == self % 2
        }
    }

    fn sizes(items: &[usize], count: usize, bytes: usize) -> Vec<Vec<usize>> {
        chunks(items.iter().copied(), count, bytes).collect()
    }

    #[test]
    fn calls_keep_both_limits_and_lose_nothing() {
        assert_eq!(sizes(&[], 2, 10), [[0; 0]; 0]);
        assert_eq!(sizes(&[1, 1, 1], 2, 10), [vec![1, 1], vec![1]]);
        assert_eq!(sizes(&[5, 5, 1], 9, 10), [vec![5, 5], vec![1]]);
        assert_eq!(sizes(&[11, 1, 13], 9, 10), [[11], [1], [13]]);
    }

    #[test]
    fn items_that_do_not_fit_together_form_separate_calls() {
        assert_eq!(sizes(&[1, 3, 2, 4, 5], 9, 99), [vec![1, 3], vec![2, 4], vec![5]]);
    }
}
