//! Classification of sixteen bytes of text in one step.

use wide::u8x16;

/// The width of SSE2's and NEON's registers, which every processor that runs Lambda functions has.
pub(crate) const LENGTH: usize = 16;

/// Sixteen bytes of text.
pub(crate) type Block = [u8; LENGTH];

/// A bit for each quote, backslash and control character of a block, the first byte's lowest.
#[inline]
pub(crate) fn special(block: &Block) -> u32 {
    let bytes = u8x16::new(*block);
    let equal = |byte| bytes.simd_eq(u8x16::splat(byte));
    (equal(b'"') | equal(b'\\') | control(bytes)).to_bitmask()
}

/// A bit for each quote and backslash of a block.
#[inline]
pub(crate) fn quotes(block: &Block) -> u32 {
    let bytes = u8x16::new(*block);
    let equal = |byte| bytes.simd_eq(u8x16::splat(byte));
    (equal(b'"') | equal(b'\\')).to_bitmask()
}

/// A bit for each byte that is the same in both blocks.
#[inline]
pub(crate) fn equal(left: &Block, right: &Block) -> u32 {
    u8x16::new(*left).simd_eq(u8x16::new(*right)).to_bitmask()
}

/// How many bytes two texts have in common at their start.
#[inline]
pub(crate) fn common_length(left: &[u8], right: &[u8]) -> usize {
    let length = left.len().min(right.len());
    let (left, right) = (&left[..length], &right[..length]);
    // The C library compares long texts with the widest registers.
    let chunks = left.as_chunks::<CHUNK>().0.iter().zip(right.as_chunks().0);
    let start = chunks.take_while(|(left, right)| left == right).count() * CHUNK;
    let (left, right) = (&left[start..], &right[start..]);
    for (index, (left, right)) in left.as_chunks().0.iter().zip(right.as_chunks().0).enumerate() {
        let same = equal(left, right);
        if same != (1 << LENGTH) - 1 {
            return start + index * LENGTH + same.trailing_ones() as usize;
        }
    }
    let blocks = left.len() / LENGTH * LENGTH;
    let behind = left[blocks..].iter().zip(&right[blocks..]);
    start + blocks + behind.take_while(|(left, right)| left == right).count()
}

/// Bytes that are compared at once before they are compared by blocks.
const CHUNK: usize = 16 * LENGTH;

/// Whether a block has a control character.
#[inline]
pub(crate) fn has_control(block: &Block) -> bool {
    control(u8x16::new(*block)).any()
}

#[inline]
fn control(bytes: u8x16) -> u8x16 {
    bytes.min(u8x16::splat(0x1f)).simd_eq(bytes)
}

/// A bit for each byte of a block that ends a literal: comma, closing bracket or brace, and white
/// space. Other bytes up to the comma have one, too; of these, literals have only `+`.
#[inline]
pub(crate) fn delimiters(block: &Block) -> u32 {
    let bytes = u8x16::new(*block);
    let is_low = bytes.min(u8x16::splat(b',')).simd_eq(bytes);
    // `]` and `}` differ in one bit.
    let is_close = (bytes | u8x16::splat(b' ')).simd_eq(u8x16::splat(b'}'));
    (is_low | is_close).to_bitmask()
}

/// The number of consecutive digits from a byte on.
#[inline]
pub(crate) fn digits_from(mask: u32, byte: u32) -> u32 {
    (mask >> byte).trailing_ones()
}

/// A bit for each digit of a block, the first byte's lowest.
#[inline]
pub(crate) fn digits(block: &Block) -> u32 {
    // Bytes below `0` wrap around.
    let values = u8x16::new(*block) - u8x16::splat(b'0');
    values.min(u8x16::splat(9)).simd_eq(values).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mask(block: &Block, is: impl Fn(u8) -> bool) -> u32 {
        block.iter().enumerate().map(|(index, &byte)| u32::from(is(byte)) << index).sum()
    }

    fn is_special(byte: u8) -> bool {
        matches!(byte, b'"' | b'\\' | 0..0x20)
    }

    fn is_delimiter(byte: u8) -> bool {
        matches!(byte, b']' | b'}' | ..=b',')
    }

    proptest! {
        #[test]
        fn common_length_agrees_with_each_byte(
            left in "a{0,70}[ab]{0,3}", right in "a{0,70}[ab]{0,3}", behind in "c{0,40}",
        ) {
            let common = left.bytes().zip(right.bytes()).take_while(|(l, r)| l == r).count();
            prop_assert_eq!(common_length(left.as_bytes(), right.as_bytes()), common);
            let (longer, all) = (left.clone() + &behind, left.len());
            prop_assert_eq!(common_length(left.as_bytes(), longer.as_bytes()), all);
        }

        #[test]
        fn masks_agree_with_each_byte(block: Block) {
            prop_assert_eq!(special(&block), mask(&block, is_special));
            prop_assert_eq!(digits(&block), mask(&block, |byte| byte.is_ascii_digit()));
            prop_assert_eq!(quotes(&block), mask(&block, |byte| matches!(byte, b'"' | b'\\')));
            prop_assert_eq!(delimiters(&block), mask(&block, is_delimiter));
            prop_assert_eq!(has_control(&block), block.iter().any(|&byte| byte < 0x20));
        }

        #[test]
        fn masks_separate_bytes_at_the_bounds(block in prop::array::uniform16(prop::sample::select(
            b"\"!#\\[]\0\x1f\x20\x7f\x80\xff/09:,+-^|}~".to_vec(),
        ))) {
            prop_assert_eq!(special(&block), mask(&block, is_special));
            prop_assert_eq!(digits(&block), mask(&block, |byte| byte.is_ascii_digit()));
            prop_assert_eq!(quotes(&block), mask(&block, |byte| matches!(byte, b'"' | b'\\')));
            prop_assert_eq!(delimiters(&block), mask(&block, is_delimiter));
        }
    }
}
