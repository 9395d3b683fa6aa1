//! A bucket in Amazon S3.

use std::io::{self, Write};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Tag, Tagging};
use changefan_sinks::{Aws, ServiceError, async_trait};

use super::{Store, StoreError, Version};
use crate::cli::retries;

/// The tag of an object that was redriven and kept.
const MARK: (&str, &str) = ("changefan", "redriven");

/// How many responses in a row may end early without a byte.
const MAX_TRUNCATED: usize = 5;

/// A bucket. The SDK retries its calls: throttling and server errors of S3 end no run.
pub(in crate::cli) struct Bucket {
    name: String,
    client: Client,
}

impl Bucket {
    pub(crate) fn new(name: &str, aws: &Aws) -> Self {
        let shared = aws.sdk_config();
        // Emulators seldom have a host name per bucket.
        let by_path = shared.endpoint_url().is_some();
        let config = Builder::from(shared).force_path_style(by_path).retry_config(retries());
        Self { name: name.to_owned(), client: Client::from_conf(config.build()) }
    }

    /// S3, GetObject from an offset on. `If-Match` is answered with 412 if the object has another
    /// ETag.
    async fn get(
        &self,
        key: &str,
        offset: u64,
        etag: Option<String>,
    ) -> Result<GetObjectOutput, StoreError> {
        let range = (offset > 0).then(|| format!("bytes={offset}-"));
        let get = self.client.get_object().bucket(&self.name).key(key).set_range(range);
        let response = get.set_if_match(etag).send().await;
        response.map_err(|error| self.get_error(key, error))
    }

    fn get_error(&self, key: &str, error: SdkError<GetObjectError>) -> StoreError {
        let name = self.name(key);
        match error.raw_response().map(|response| response.status().as_u16()) {
            Some(412) => StoreError::Changed { name },
            _ if matches!(error.as_service_error(), Some(it) if it.is_no_such_key()) => {
                StoreError::Missing { name }
            }
            _ => ServiceError::new("GetObject", name, error).into(),
        }
    }

    /// S3, GetObjectTagging. Most objects have no tags, which the response of GetObject states.
    async fn tags(&self, key: &str) -> Result<Vec<Tag>, StoreError> {
        let response = self.client.get_object_tagging().bucket(&self.name).key(key).send().await;
        let response = response
            .map_err(|error| ServiceError::new("GetObjectTagging", self.name(key), error))?;
        Ok(response.tag_set)
    }

    async fn version(&self, key: &str, response: &GetObjectOutput) -> Result<Version, StoreError> {
        let tag = response.e_tag().unwrap_or_default().to_owned();
        let has_tags = response.tag_count().is_some_and(|count| count > 0);
        let tags = if has_tags { self.tags(key).await? } else { Vec::new() };
        Ok(Version { tag, is_marked: tags.iter().any(is_mark) })
    }
}

#[async_trait]
impl Store for Bucket {
    /// S3, ListObjectsV2, which lists keys in the order of their bytes.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let list = self.client.list_objects_v2().bucket(&self.name).prefix(prefix);
        let mut pages = list.into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| ServiceError::new("ListObjectsV2", self.name(prefix), error))?;
            keys.extend(page.contents.into_iter().flatten().filter_map(|object| object.key));
        }
        // Consoles create empty objects to show a folder.
        keys.retain(|key| !key.ends_with('/'));
        Ok(keys)
    }

    /// A response that ends early is continued where it ended, on condition that the object is the
    /// same.
    async fn read(
        &self,
        key: &str,
        version: Option<&Version>,
        out: &mut (dyn Write + Send),
    ) -> Result<Version, StoreError> {
        let mut etag = version.map(|version| version.tag.clone());
        let (mut offset, mut truncated, mut found) = (0, 0, None);
        loop {
            let mut response = self.get(key, offset, etag.clone()).await?;
            etag = response.e_tag().map(str::to_owned);
            let before = offset;
            let read = copy(&mut response.body, out, &mut offset).await;
            let version = match found.take() {
                Some(version) => version,
                None => self.version(key, &response).await?,
            };
            let Err(error) = read else { return Ok(version) };
            truncated = if offset > before { 1 } else { truncated + 1 };
            let name = self.name(key);
            match error {
                CopyError::Write(source) => return Err(StoreError::file("store", name, source)),
                CopyError::Read(source) if truncated == MAX_TRUNCATED => {
                    return Err(StoreError::Truncated { name, attempts: truncated, source });
                }
                CopyError::Read(_) => found = Some(version),
            }
        }
    }

    /// S3, PutObject. `If-None-Match: *` is answered with 412 if the key exists.
    async fn create(&self, key: &str, body: String) -> Result<(), StoreError> {
        let put = self.client.put_object().bucket(&self.name).key(key).if_none_match("*");
        let put = put.content_type("application/x-ndjson");
        match put.body(ByteStream::from(body.into_bytes())).send().await {
            Err(error) if status(&error) != Some(412) => {
                Err(ServiceError::new("PutObject", self.name(key), error).into())
            }
            _ => Ok(()),
        }
    }

    /// S3, DeleteObject. `If-Match` is answered with 412 if the object has another ETag.
    async fn delete(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        let delete = self.client.delete_object().bucket(&self.name).key(key);
        match delete.if_match(&version.tag).send().await {
            Ok(_) => Ok(()),
            Err(error) => match status(&error) {
                Some(404) => Ok(()),
                Some(412) => Err(StoreError::Changed { name: self.name(key) }),
                _ => Err(ServiceError::new("DeleteObject", self.name(key), error).into()),
            },
        }
    }

    /// S3, PutObjectTagging, which replaces all tags.
    async fn mark(&self, key: &str) -> Result<(), StoreError> {
        let mut tags = self.tags(key).await?;
        tags.retain(|tag| tag.key() != MARK.0);
        let invalid = |error| StoreError::file("tag", self.name(key), io::Error::other(error));
        let (name, value) = MARK;
        tags.push(Tag::builder().key(name).value(value).build().map_err(invalid)?);
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().map_err(invalid)?;
        let put = self.client.put_object_tagging().bucket(&self.name).key(key).tagging(tagging);
        let put = put.send().await;
        put.map_err(|error| ServiceError::new("PutObjectTagging", self.name(key), error))?;
        Ok(())
    }

    fn name(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

fn is_mark(tag: &Tag) -> bool {
    (tag.key(), tag.value()) == MARK
}

/// Why a body was not copied to its end.
enum CopyError {
    Read(io::Error),
    Write(io::Error),
}

async fn copy(
    body: &mut ByteStream,
    out: &mut (dyn Write + Send),
    offset: &mut u64,
) -> Result<(), CopyError> {
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|error| CopyError::Read(io::Error::other(error)))?;
        out.write_all(&bytes).map_err(CopyError::Write)?;
        *offset += bytes.len() as u64;
    }
    Ok(())
}
