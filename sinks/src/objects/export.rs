//! The objects of a table's export in a lake: the same export makes the same objects, so that a
//! backfill that was interrupted continues where it stopped.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use changefan_events::{ChangeEvent, Encoder, Export, Format};

use super::compression::{Compression, Lines};
use super::file::is_inside;
use super::store::{Body, Object, ObjectStore, put};
use super::{partition, write_hex};
use crate::batch::CallError;
use crate::{BoxError, Deadline, Options};

/// An object ends with the row that makes it this many bytes of text, ...
const TEXT_SIZE: usize = 64_000_000;

/// ... or this many bytes compressed, which bounds memory when the text does not compress.
const COMPRESSED_SIZE: usize = 32_000_000;

/// The time for one object, retries included.
const TIME_PER_OBJECT: Duration = Duration::from_secs(900);

/// Where a lake keeps the rows of table exports.
///
/// Keys are `<prefix>table=<table>/export=<id>/<file>-<part>-<rows>-<hash>.jsonl.gz`. The last part
/// of a data file has `-last` after the number of rows: it is written when the whole file has been
/// read and verified. The row that closes the export is in `snapshot-<hash>.jsonl.gz`.
#[derive(Clone)]
pub struct ExportStore {
    store: Arc<dyn ObjectStore>,
    compression: Compression,
    encoder: Encoder,
}

/// Rows of an object that is not yet written.
pub struct ExportObject {
    lines: Lines,
    encoder: Encoder,
    rows: u64,
}

/// An object that has its last row, and its key.
pub struct FinishedObject {
    key: String,
    body: Body,
}

/// The parts of an object's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportPart {
    /// Rows of a data file.
    Rows {
        /// The index of the data file in the export.
        file: usize,
        /// The index of the object among those of the file.
        part: usize,
        /// The number of rows.
        rows: u64,
        /// Whether the file has no further rows, and was verified.
        is_last: bool,
    },
    /// The row that closes the export.
    Snapshot,
}

/// An object that cannot be written or listed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The store did not accept or answer.
    #[error("the sink does not accept the export's objects")]
    Store(#[source] BoxError),
    /// The compressor failed.
    #[error("rows cannot be compressed")]
    Compression(#[source] io::Error),
}

impl From<CallError> for ExportError {
    fn from(error: CallError) -> Self {
        Self::Store(error.into())
    }
}

impl std::fmt::Debug for ExportStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportStore").field("encoder", &self.encoder).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for FinishedObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FinishedObject").field("key", &self.key).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ExportObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportObject").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl ExportStore {
    pub(crate) fn new(store: impl ObjectStore + 'static, options: &Options) -> Self {
        let compression = Compression::named(options.text("COMPRESSION"));
        Self { store: Arc::new(store), compression, encoder: options.encoder() }
    }

    /// Whether the keys of exports may have this prefix: they can be those of files in a folder.
    pub fn accepts_prefix(prefix: &str) -> bool {
        is_inside(prefix)
    }

    /// The format of the rows.
    pub fn format(&self) -> Format {
        self.encoder.format
    }

    /// The part of every key of an export that precedes the last slash, with it.
    pub fn folder(prefix: &str, export: &Export) -> String {
        let mut folder = format!("{prefix}table=");
        partition::write_name(export.table(), &mut folder);
        folder.push_str("/export=");
        folder.push_str(export.id());
        folder.push('/');
        folder
    }

    /// The keys in a folder.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn list(&self, folder: &str) -> Result<Vec<String>, ExportError> {
        Ok(self.store.list(folder).await?)
    }

    /// An object without rows.
    ///
    /// # Errors
    ///
    /// The compressor cannot be started.
    pub fn object(&self) -> Result<ExportObject, ExportError> {
        let lines = Lines::new(self.compression).map_err(ExportError::Compression)?;
        Ok(ExportObject { lines, encoder: self.encoder, rows: 0 })
    }

    /// Ends an object.
    ///
    /// # Errors
    ///
    /// The compressor failed.
    pub fn finish(
        &self,
        folder: &str,
        part: &ExportPart,
        object: ExportObject,
    ) -> Result<FinishedObject, ExportError> {
        let body = object.lines.finish().map_err(ExportError::Compression)?;
        let body = Body::from(Bytes::from(body));
        let mut key = format!("{folder}{part}-");
        write_hex(&body.sha256[..16], &mut key);
        key.push('.');
        key.push_str(self.compression.suffix());
        Ok(FinishedObject { key, body })
    }

    /// Writes an object durably, unless it exists. Retries what may succeed later.
    ///
    /// # Errors
    ///
    /// The object is not written.
    pub async fn put(&self, finished: FinishedObject) -> Result<(), ExportError> {
        let FinishedObject { key, body } = finished;
        let object = Object { key, content_type: self.compression.content_type(), body };
        Ok(put(&*self.store, object, Deadline::after(TIME_PER_OBJECT)).await?)
    }
}

impl FinishedObject {
    /// The key, which states the content.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Bytes of the body, compressed.
    pub fn size(&self) -> usize {
        self.body.bytes.len()
    }
}

impl ExportObject {
    /// Adds a row.
    ///
    /// # Errors
    ///
    /// The compressor failed.
    pub fn write(&mut self, event: &ChangeEvent) -> Result<(), ExportError> {
        self.rows += 1;
        self.lines.write(event, self.encoder).map_err(ExportError::Compression)
    }

    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes of text.
    pub fn text_size(&self) -> usize {
        self.lines.text_size()
    }

    /// Whether the next row belongs to another object.
    pub fn is_full(&self) -> bool {
        self.text_size() >= TEXT_SIZE || self.lines.compressed_size() >= COMPRESSED_SIZE
    }

    /// The text in bytes after which an object is full, unless it does not compress.
    pub const TEXT_SIZE: usize = TEXT_SIZE;
}

impl std::fmt::Display for ExportPart {
    /// The last segment of the key up to the hash.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows { file, part, rows, is_last } => {
                write!(f, "{file:05}-{part:05}-{rows}{}", if *is_last { "-last" } else { "" })
            }
            Self::Snapshot => f.write_str("snapshot"),
        }
    }
}

impl ExportPart {
    /// Reads the last segment of a key; `None` if it is not an object of an export.
    pub fn of_key(key: &str) -> Option<Self> {
        let name = key.rsplit('/').next()?.split('.').next()?;
        let (parts, hash) = name.rsplit_once('-')?;
        if hash.len() != 32 {
            return None;
        }
        if parts == "snapshot" {
            return Some(Self::Snapshot);
        }
        let numbers = parts.strip_suffix("-last");
        let mut parts = numbers.unwrap_or(parts).split('-');
        let (file, part, rows) = (parts.next()?, parts.next()?, parts.next()?);
        let (file, part) = (file.parse().ok()?, part.parse().ok()?);
        let rows = rows.parse().ok().filter(|_| parts.next().is_none())?;
        Some(Self::Rows { file, part, rows, is_last: numbers.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back() {
        let hash = "0123456789abcdef0123456789abcdef";
        for part in [
            ExportPart::Snapshot,
            ExportPart::Rows { file: 7, part: 3, rows: 12, is_last: false },
            ExportPart::Rows { file: 123_456, part: 0, rows: 1, is_last: true },
        ] {
            let key = format!("exports/table=t-1/export=01-ab/{part}-{hash}.jsonl.zst");
            assert_eq!(ExportPart::of_key(&key), Some(part), "{key}");
        }
        for key in ["", "a/b", &format!("1-2-{hash}.jsonl"), &format!("1-2-3-4-{hash}.jsonl")] {
            assert_eq!(ExportPart::of_key(key), None, "{key}");
        }
        assert_eq!(ExportPart::of_key("00001-00002-3-0123.jsonl"), None);
    }
}
