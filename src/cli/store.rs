//! Objects that the command line reads: below a prefix of a bucket, or in a local folder.

mod bucket;
mod folder;
mod object_reader;

use std::fmt;
use std::io::{self, Read, Write};

use changefan_sinks::{Aws, ServiceError, async_trait};

use super::interrupt::Interrupt;
pub(super) use bucket::Bucket;
pub(super) use folder::Folder;

/// A location of objects.
#[async_trait]
pub(super) trait Store: Send + Sync {
    /// The objects below a prefix, in the order of their keys.
    async fn list(&self, prefix: &str) -> Result<Vec<ListedObject>, StoreError>;

    /// Writes an object's content to `out` and returns its version. With a version, the object must
    /// still have it.
    async fn read(
        &self,
        key: &str,
        version: Option<&Version>,
        out: &mut (dyn Write + Send),
    ) -> Result<Version, StoreError>;

    /// An object of any size as a file. Reading blocks, and needs a runtime whose thread is not
    /// this one. Its errors are [`StoreError`]s where the object is at fault.
    fn open(&self, key: &str, interrupt: &Interrupt) -> Result<Box<dyn Read + Send>, StoreError>;

    /// Writes an object durably, unless one with that key exists. It is not marked afterwards.
    async fn create(&self, key: &str, body: String) -> Result<(), StoreError>;

    /// Deletes an object that still has this version. It is no error if there is none.
    async fn delete(&self, key: &str, version: &Version) -> Result<(), StoreError>;

    /// Marks an object as redriven: a tag in a bucket, a suffix in a folder.
    async fn mark(&self, key: &str) -> Result<(), StoreError>;

    /// The location of an object as its user writes it.
    fn name(&self, key: &str) -> String;
}

/// An object that was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListedObject {
    pub key: String,
    /// In bytes.
    pub size: u64,
}

/// What identifies the content of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// The ETag in a bucket, size and time in a folder.
    pub tag: String,
    /// Whether the object is marked as redriven.
    pub is_marked: bool,
}

/// An operation on an object that failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error("{name} changed while it was read: run the command again")]
    Changed { name: String },
    #[error("there is no object {name}")]
    Missing { name: String },
    #[error("interrupted")]
    Interrupted,
    #[error("the response for {name} ended early {attempts} times in a row")]
    Truncated { name: String, attempts: u32, source: io::Error },
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("cannot {action} {name}")]
    File { action: &'static str, name: String, source: io::Error },
}

impl StoreError {
    fn file(action: &'static str, name: impl fmt::Display, source: io::Error) -> Self {
        Self::File { action, name: name.to_string(), source }
    }

    /// Why a file of a store, or what decodes it, was not read to its end.
    pub(super) fn of_read(name: &str, error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) => Self::file("read", name, error),
        }
    }
}

/// A location that an argument names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// `s3://bucket/key`: an object, or a prefix.
    S3 { bucket: String, key: String },
    /// A path of this machine.
    Local(String),
}

impl Location {
    /// Parses `s3://bucket/key`; `file:///path`, as `QUARANTINE` has it; or a path.
    ///
    /// # Errors
    ///
    /// An S3 URI without a bucket.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix("s3://") else {
            let path = text.strip_prefix("file://").filter(|path| path.starts_with('/'));
            return Ok(Self::Local(path.unwrap_or(text).into()));
        };
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return Err(format!("found {text}, expected s3://bucket/prefix"));
        }
        Ok(Self::S3 { bucket: bucket.into(), key: key.into() })
    }

    /// The store, and the key or the prefix of the objects in it.
    pub(super) fn open(&self, aws: &Aws) -> (Box<dyn Store>, String) {
        match self {
            Self::S3 { bucket, key } => (Box::new(Bucket::new(bucket, aws)), key.clone()),
            Self::Local(path) => (Box::new(Folder), path.clone()),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::Local(path) => f.write_str(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn location_is_a_bucket_or_a_path() {
        let s3 =
            |bucket: &str, key: &str| Ok(Location::S3 { bucket: bucket.into(), key: key.into() });
        assert_eq!(Location::parse("s3://kept/a/b"), s3("kept", "a/b"));
        assert_eq!(Location::parse("s3://kept"), s3("kept", ""));
        assert!(Location::parse("s3:///a").is_err());
        assert_eq!(Location::parse("file:///tmp/a"), Ok(Location::Local("/tmp/a".into())));
        assert_eq!(Location::parse("kept/a"), Ok(Location::Local("kept/a".into())));
    }
}
