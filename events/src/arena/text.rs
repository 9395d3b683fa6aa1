//! Text that is validated once.

use std::ops::Deref;
use std::str::Utf8Error;
use std::sync::Arc;

use bytes::Bytes;
use yoke::Yoke;

/// UTF-8. Clones share its bytes.
///
/// The standard library validates bytes whenever it makes an owned text of them, and at half the
/// speed. This keeps the bytes together with what they were found to be.
#[derive(Clone, Debug)]
pub(crate) struct Text(Yoke<&'static str, Arc<Bytes>>);

impl TryFrom<Bytes> for Text {
    type Error = Utf8Error;

    fn try_from(bytes: Bytes) -> Result<Self, Utf8Error> {
        Yoke::try_attach_to_cart(Arc::new(bytes), |bytes| {
            // Only the standard library says where bytes are not UTF-8.
            simdutf8::basic::from_utf8(bytes).or_else(|_| std::str::from_utf8(bytes))
        })
        .map(Self)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::try_from(Bytes::from(text)).expect("a string is UTF-8")
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_bytes_they_are_made_of() {
        let bytes = Bytes::from("Zürich 😀".repeat(20));
        let text = Text::try_from(bytes.clone()).unwrap();
        assert_eq!(&*text, "Zürich 😀".repeat(20));
        assert_eq!([text.as_ptr(), text.clone().as_ptr()], [bytes.as_ptr(); 2]);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_located() {
        for valid in [0, 7, 200] {
            let mut bytes = "é".repeat(valid).into_bytes();
            bytes.extend([0xC3, b'"']);
            let error = Text::try_from(Bytes::from(bytes)).unwrap_err();
            assert_eq!((error.valid_up_to(), error.error_len()), (2 * valid, Some(1)));
        }
    }
}
