//! An object of a bucket, read from its start to its end.

use std::io::{self, Read};

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use bytes::{Buf, Bytes};
use changefan_sinks::retry_wait;
use tokio::runtime::Handle;

use super::{Bucket, StoreError};
use crate::cli::interrupt::Interrupt;

/// How many responses in a row may end early without a byte.
const MAX_TRUNCATED: u32 = 5;

/// Reads an object. A response that ends early is continued where it ended, on condition that the
/// object is the same.
pub(super) struct ObjectReader {
    bucket: Bucket,
    key: String,
    /// What identifies the content; the first response states it.
    etag: Option<String>,
    size: Option<u64>,
    has_tags: bool,
    body: Option<ByteStream>,
    /// Bytes received.
    offset: u64,
    /// Responses that ended early since the last byte.
    truncated: u32,
}

impl ObjectReader {
    /// With an ETag, the object must have it.
    pub(super) fn new(bucket: &Bucket, key: &str, etag: Option<String>) -> Self {
        Self {
            bucket: bucket.clone(),
            key: key.to_owned(),
            etag,
            size: None,
            has_tags: false,
            body: None,
            offset: 0,
            truncated: 0,
        }
    }

    /// The ETag of what was read; empty before the first byte.
    pub(super) fn etag(&self) -> &str {
        self.etag.as_deref().unwrap_or_default()
    }

    /// Whether the object has tags, as the first response states.
    pub(super) fn has_tags(&self) -> bool {
        self.has_tags
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        loop {
            let received = self.receive().await?;
            match received {
                Ok(chunk) => {
                    self.offset += chunk.as_ref().map_or(0, Bytes::len) as u64;
                    self.truncated = 0;
                    return Ok(chunk);
                }
                Err(error) => self.recover(error).await?,
            }
        }
    }

    /// The next bytes; within, the error of a response that ended early.
    async fn receive(&mut self) -> Result<io::Result<Option<Bytes>>, StoreError> {
        let body = match self.body.take() {
            Some(body) => body,
            None => {
                let response = self.bucket.get(&self.key, self.offset, self.etag.clone()).await?;
                self.accept(response)
            }
        };
        let body = self.body.insert(body);
        if self.size == Some(self.offset) {
            return Ok(Ok(None));
        }
        Ok(match body.next().await {
            Some(Ok(chunk)) => Ok(Some(chunk)),
            Some(Err(error)) => Err(io::Error::other(error)),
            None if self.size.is_none() => Ok(None),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        })
    }

    /// Remembers what the first response states about the object.
    fn accept(&mut self, response: GetObjectOutput) -> ByteStream {
        if self.offset == 0 {
            self.size = response.content_length.and_then(|size| u64::try_from(size).ok());
            self.has_tags = response.tag_count.is_some_and(|count| count > 0);
            self.etag = response.e_tag;
        }
        response.body
    }

    /// Waits for the next attempt, unless there were enough.
    async fn recover(&mut self, source: io::Error) -> Result<(), StoreError> {
        self.body = None;
        self.truncated += 1;
        if self.truncated == MAX_TRUNCATED {
            let name = self.bucket.url(&self.key);
            return Err(StoreError::Truncated { name, attempts: self.truncated, source });
        }
        tokio::time::sleep(retry_wait(self.truncated - 1)).await;
        Ok(())
    }
}

/// An object as a file. Reading blocks its thread, which is none of the runtime's.
pub(super) struct ObjectFile {
    reader: ObjectReader,
    interrupt: Interrupt,
    runtime: Handle,
    /// What was received and not yet read.
    chunk: Bytes,
}

impl ObjectFile {
    pub(super) fn new(reader: ObjectReader, interrupt: &Interrupt) -> Self {
        let (runtime, chunk) = (Handle::current(), Bytes::new());
        Self { reader, interrupt: interrupt.clone(), runtime, chunk }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        tokio::select! {
            biased;
            () = self.interrupt.requested() => Err(StoreError::Interrupted),
            next = self.reader.next() => next,
        }
    }
}

impl Read for ObjectFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            let runtime = self.runtime.clone();
            match runtime.block_on(self.next()).map_err(io::Error::other)? {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.chunk.len());
        self.chunk.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}
