//! What the C library does with freed memory.

use std::hint::black_box;

/// Keeps the memory of a batch for the next one, instead of giving it back and taking it again page
/// by page: thousands of page faults per full batch.
///
/// The GNU C Library gives freed memory back beyond two thresholds, which rise when a larger block
/// is freed, up to 32 MiB (mallopt(3), `M_MMAP_THRESHOLD`). This block is never written to, so it
/// is never resident. Other libraries just allocate and free it.
pub(crate) fn keep() {
    const LARGE: usize = 31 << 20;
    drop(black_box(Vec::<u8>::with_capacity(LARGE)));
}
