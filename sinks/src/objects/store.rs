//! Objects that are written once: in a bucket, or in a folder.

use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::batch::{CallError, NO_RESPONSE};
use crate::layers::wait;
use crate::{BoxError, Cause, Class, Deadline};

/// A location of objects.
#[async_trait]
pub(crate) trait ObjectStore: Send + Sync {
    /// Writes an object durably, unless one with that key exists: a key is made of the content, so
    /// both are the same.
    async fn put(&self, object: Object) -> Result<(), CallError>;

    /// Probes whether objects can be written.
    async fn check(&self) -> Result<(), BoxError>;

    /// The keys that begin with a prefix, in any order. The prefix is empty or ends with a slash.
    #[cfg(feature = "exports")]
    async fn list(&self, prefix: &str) -> Result<Vec<String>, CallError>;
}

/// Writes an object and retries until the deadline, as sinks do.
pub(crate) async fn put(
    store: &dyn ObjectStore,
    object: Object,
    deadline: Deadline,
) -> Result<(), CallError> {
    for attempt in 0.. {
        match deadline.timeout(store.put(object.clone())).await {
            Some(Ok(())) => return Ok(()),
            Some(Err(error)) => {
                let remaining = deadline.remaining();
                if error.cause.class() != Class::Retryable || remaining.is_zero() {
                    return Err(error);
                }
                tokio::time::sleep(wait(attempt).min(remaining / 2)).await;
            }
            None => break,
        }
    }
    Err(CallError::new(Cause::TimedOut, "", NO_RESPONSE))
}

/// An object to write.
#[derive(Clone)]
pub(crate) struct Object {
    pub key: String,
    pub content_type: &'static str,
    pub body: Body,
}

/// The bytes of an object, and the SHA-256 that its key and its signature are made of.
#[derive(Clone)]
pub(crate) struct Body {
    pub bytes: Bytes,
    pub sha256: [u8; 32],
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        let sha256 = Sha256::digest(&bytes).into();
        Self { bytes, sha256 }
    }
}
