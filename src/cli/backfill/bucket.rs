//! An export in a bucket: reads that continue where a connection broke.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io::{self, Read};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::Object;
use bytes::{Buf, Bytes};
use changefan_sinks::batch::CallError;
use changefan_sinks::{Aws, Cause, Class, retry_wait, s3_error};
use tokio::runtime::Handle;

use super::source::SourceError;
use super::stop::Stop;

/// Reading is given up after this long without a byte.
const PATIENCE: Duration = Duration::from_secs(60);

/// A prefix of a bucket.
#[derive(Clone)]
pub(super) struct BucketFolder {
    client: Client,
    bucket: String,
    /// Empty, or ends with a slash.
    prefix: String,
}

impl fmt::Debug for BucketFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BucketFolder").field(&self.url("")).finish()
    }
}

impl BucketFolder {
    /// `bucket/prefix`, without a slash at its end.
    pub(super) fn new(path: &str, aws: &Aws) -> Self {
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        let slash = if prefix.is_empty() { "" } else { "/" };
        let shared = aws.sdk_config();
        // Emulators seldom have a host name per bucket.
        let by_path = shared.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(shared).force_path_style(by_path);
        Self {
            client: Client::from_conf(config.build()),
            bucket: bucket.to_owned(),
            prefix: format!("{prefix}{slash}"),
        }
    }

    pub(super) fn url(&self, name: &str) -> String {
        format!("s3://{}/{}{name}", self.bucket, self.prefix)
    }

    /// S3, GetObject.
    pub(super) async fn small_file(&self, name: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let read = async || {
            let object = self.get(name, 0, None).await?;
            let body = object.body.collect().await;
            body.map_err(|error| CallError::new(Cause::Unavailable, "", error))
        };
        match retried(read).await {
            Ok(body) => Ok(Some(body.to_vec())),
            Err(error) if error.code == "NoSuchKey" => Ok(None),
            Err(error) => Err(SourceError::read(&self.url(name), error)),
        }
    }

    /// S3, ListObjectsV2: the sizes of the objects below a folder, by their names from here.
    pub(super) async fn sizes(&self, folder: &str) -> Result<BTreeMap<String, u64>, SourceError> {
        let list = || self.list(folder);
        let objects = retried(list).await;
        let objects = objects.map_err(|error| SourceError::read(&self.url(folder), error))?;
        let size = |object: Object| {
            let name = object.key?.strip_prefix(&self.prefix)?.to_owned();
            Some((name, u64::try_from(object.size?).ok()?))
        };
        Ok(objects.into_iter().filter_map(size).collect())
    }

    async fn list(&self, folder: &str) -> Result<Vec<Object>, CallError> {
        let prefix = format!("{}{folder}", self.prefix);
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages = list.into_paginator().send();
        let mut objects = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| s3_error("ListObjectsV2", self.url(folder), error))?;
            objects.extend(page.contents.unwrap_or_default());
        }
        Ok(objects)
    }

    /// An object as a file. Reading blocks its thread.
    pub(super) fn open(&self, name: &str, stop: &Stop) -> ObjectFile {
        ObjectFile {
            folder: self.clone(),
            name: name.to_owned(),
            stop: stop.clone(),
            runtime: Handle::current(),
            body: None,
            chunk: Bytes::new(),
            offset: 0,
            size: None,
            etag: None,
            attempt: 0,
            progress: Instant::now(),
        }
    }

    async fn get(
        &self,
        name: &str,
        offset: u64,
        etag: Option<&str>,
    ) -> Result<GetObjectOutput, CallError> {
        let get = self.client.get_object().bucket(&self.bucket);
        let get = get.key(format!("{}{name}", self.prefix)).set_if_match(etag.map(str::to_owned));
        let get = get.set_range((offset > 0).then(|| format!("bytes={offset}-")));
        get.send().await.map_err(|error| s3_error("GetObject", self.url(name), error))
    }
}

/// Repeats a call until it succeeds, cannot succeed, or patience ends.
async fn retried<T, F: Future<Output = Result<T, CallError>>>(
    call: impl Fn() -> F,
) -> Result<T, CallError> {
    let start = Instant::now();
    for attempt in 0.. {
        match call().await {
            Err(error) if is_transient(&error) && start.elapsed() < PATIENCE => {
                tokio::time::sleep(retry_wait(attempt)).await;
            }
            result => return result,
        }
    }
    unreachable!("attempts do not end")
}

fn is_transient(error: &CallError) -> bool {
    // A code that is not classified, such as PreconditionFailed, does not go away.
    error.cause.class() == Class::Retryable
        && (error.cause != Cause::Unknown || error.code.is_empty())
}

/// An object that is read from its start to its end. A read that breaks continues at the next byte of the same version.
pub(super) struct ObjectFile {
    folder: BucketFolder,
    name: String,
    stop: Stop,
    runtime: Handle,
    body: Option<ByteStream>,
    /// What was received and not yet read.
    chunk: Bytes,
    /// Bytes received.
    offset: u64,
    size: Option<u64>,
    etag: Option<String>,
    /// Failures since the last byte, ...
    attempt: u32,
    /// ... and when that was received.
    progress: Instant,
}

impl ObjectFile {
    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        while self.size != Some(self.offset) {
            if self.stop.is_requested() {
                return Err(SourceError::Stopped { name: self.folder.url(&self.name) });
            }
            match self.receive().await {
                Ok(chunk) if !chunk.is_empty() => {
                    self.offset += chunk.len() as u64;
                    (self.attempt, self.progress) = (0, Instant::now());
                    return Ok(Some(chunk));
                }
                Ok(_) => {}
                Err(error) => self.recover(error).await?,
            }
        }
        Ok(None)
    }

    async fn receive(&mut self) -> Result<Bytes, CallError> {
        if self.body.is_none() {
            let object = self.folder.get(&self.name, self.offset, self.etag.as_deref()).await?;
            if self.size.is_none() {
                self.size = object.content_length.and_then(|size| u64::try_from(size).ok());
                self.etag = object.e_tag;
            }
            self.body = Some(object.body);
        }
        let body = self.body.as_mut().expect("opened above");
        match body.try_next().await {
            Ok(Some(chunk)) => Ok(chunk),
            Ok(None) => Err(CallError::new(Cause::Unavailable, "", "the body ended early")),
            Err(error) => Err(CallError::new(Cause::Unavailable, "", error)),
        }
    }

    /// Waits for the next attempt, unless none can succeed.
    async fn recover(&mut self, error: CallError) -> Result<(), SourceError> {
        let url = || self.folder.url(&self.name);
        self.body = None;
        match error.code.as_str() {
            "PreconditionFailed" => return Err(SourceError::Changed { name: url() }),
            "NoSuchKey" => return Err(SourceError::Missing { name: url() }),
            _ => {}
        }
        if !is_transient(&error) || self.progress.elapsed() >= PATIENCE {
            return Err(SourceError::read(&url(), error));
        }
        tokio::time::sleep(retry_wait(self.attempt)).await;
        self.attempt += 1;
        Ok(())
    }
}

impl Read for ObjectFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() {
            let runtime = self.runtime.clone();
            let next = runtime.block_on(self.next());
            self.chunk = next.map_err(io::Error::other)?.unwrap_or_default();
        }
        let length = buffer.len().min(self.chunk.len());
        self.chunk.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}
