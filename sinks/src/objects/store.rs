//! Objects that are written once: in a bucket, or in a folder.

use async_trait::async_trait;
use bytes::Bytes;

use crate::BoxError;
use crate::batch::CallError;

/// A location of objects.
#[async_trait]
pub(crate) trait ObjectStore: Send + Sync {
    /// Writes an object durably, unless one with that key exists: a key is made of the content, so
    /// both are the same.
    async fn put(&self, object: Object) -> Result<(), CallError>;

    /// Probes whether objects can be written.
    async fn check(&self) -> Result<(), BoxError>;
}

/// What is to be written.
#[derive(Clone)]
pub(crate) struct Object {
    pub key: String,
    pub content_type: &'static str,
    pub body: Bytes,
}
