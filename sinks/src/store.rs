//! Objects that are written once: in a bucket, or in a folder.

use async_trait::async_trait;
use bytes::Bytes;

use crate::{BoxError, Cause};

/// A place for objects.
#[async_trait]
pub(crate) trait ObjectStore: Send + Sync {
    /// Writes an object durably, unless one with that key is there: the key stands for the content, so that is as good.
    async fn put(&self, object: Object) -> Result<(), StoreError>;

    /// Asks whether objects can be written.
    async fn check(&self) -> Result<(), BoxError>;
}

/// What is to be written.
#[derive(Clone)]
pub(crate) struct Object {
    pub key: String,
    pub content_type: &'static str,
    pub body: Bytes,
}

/// An object that was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the object")]
pub(crate) struct StoreError {
    pub cause: Cause,
    #[source]
    pub source: BoxError,
}
