//! A bucket in Amazon S3.

use std::io::{self, Read, Write};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::{BuildError, SdkError};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Object, Tag, Tagging};
use changefan_sinks::{Aws, ServiceError, async_trait};

use super::object_reader::{ObjectFile, ObjectReader};
use super::{ListedObject, Store, StoreError, Version};
use crate::cli::interrupt::Interrupt;
use crate::cli::retries;

/// The tag of an object that was redriven and kept.
const MARK: (&str, &str) = ("changefan", "redriven");

/// A bucket. The SDK retries its calls: throttling and server errors of S3 end no run.
#[derive(Clone)]
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

    pub(super) fn url(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    /// S3, GetObject from an offset on. `If-Match` is answered with 412 if the object has another
    /// ETag.
    pub(super) async fn get(
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
        let name = self.url(key);
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
            .map_err(|error| ServiceError::new("GetObjectTagging", self.url(key), error))?;
        Ok(response.tag_set)
    }

    async fn unmark(&self, key: &str) -> Result<(), StoreError> {
        let mut tags = self.tags(key).await?;
        let count = tags.len();
        tags.retain(|tag| !is_mark(tag));
        if tags.len() == count { Ok(()) } else { self.put_tags(key, tags).await }
    }

    /// S3, PutObjectTagging, which replaces all tags.
    async fn put_tags(&self, key: &str, tags: Vec<Tag>) -> Result<(), StoreError> {
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build();
        let tagging = tagging.map_err(|error| self.not_tagged(key, error))?;
        let put = self.client.put_object_tagging().bucket(&self.name).key(key).tagging(tagging);
        let put = put.send().await;
        put.map_err(|error| ServiceError::new("PutObjectTagging", self.url(key), error))?;
        Ok(())
    }

    fn not_tagged(&self, key: &str, error: BuildError) -> StoreError {
        StoreError::file("tag", self.url(key), io::Error::other(error))
    }

    async fn version(&self, read: &ObjectReader, key: &str) -> Result<Version, StoreError> {
        let tags = if read.has_tags() { self.tags(key).await? } else { Vec::new() };
        Ok(Version { tag: read.etag().to_owned(), is_marked: tags.iter().any(is_mark) })
    }
}

#[async_trait]
impl Store for Bucket {
    /// S3, ListObjectsV2, which lists keys in the order of their bytes.
    async fn list(&self, prefix: &str) -> Result<Vec<ListedObject>, StoreError> {
        let list = self.client.list_objects_v2().bucket(&self.name).prefix(prefix);
        let mut pages = list.into_paginator().send();
        let mut objects = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| ServiceError::new("ListObjectsV2", self.url(prefix), error))?;
            objects.extend(page.contents.into_iter().flatten().filter_map(listed));
        }
        // Consoles create empty objects to show a folder.
        objects.retain(|object| !object.key.ends_with('/'));
        Ok(objects)
    }

    async fn read(
        &self,
        key: &str,
        version: Option<&Version>,
        out: &mut (dyn Write + Send),
    ) -> Result<Version, StoreError> {
        let etag = version.map(|version| version.tag.clone());
        let mut reader = ObjectReader::new(self, key, etag);
        while let Some(chunk) = reader.next().await? {
            out.write_all(&chunk)
                .map_err(|error| StoreError::file("store", self.url(key), error))?;
        }
        self.version(&reader, key).await
    }

    fn open(&self, key: &str, interrupt: &Interrupt) -> Result<Box<dyn Read + Send>, StoreError> {
        Ok(Box::new(ObjectFile::new(ObjectReader::new(self, key, None), interrupt)))
    }

    /// S3, PutObject. `If-None-Match: *` is answered with 412 if the key exists. An object with
    /// that content may be one that was redriven and kept, and which later runs would skip.
    async fn create(&self, key: &str, body: String) -> Result<(), StoreError> {
        let put = self.client.put_object().bucket(&self.name).key(key).if_none_match("*");
        let put = put.content_type("application/x-ndjson");
        match put.body(ByteStream::from(body.into_bytes())).send().await {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(412) => self.unmark(key).await,
            Err(error) => Err(ServiceError::new("PutObject", self.url(key), error).into()),
        }
    }

    /// S3, DeleteObject. `If-Match` is answered with 412 if the object has another ETag.
    async fn delete(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        let delete = self.client.delete_object().bucket(&self.name).key(key);
        match delete.if_match(&version.tag).send().await {
            Ok(_) => Ok(()),
            Err(error) => match status(&error) {
                Some(404) => Ok(()),
                Some(412) => Err(StoreError::Changed { name: self.url(key) }),
                _ => Err(ServiceError::new("DeleteObject", self.url(key), error).into()),
            },
        }
    }

    async fn mark(&self, key: &str) -> Result<(), StoreError> {
        let mut tags = self.tags(key).await?;
        tags.retain(|tag| tag.key() != MARK.0);
        let mark = Tag::builder().key(MARK.0).value(MARK.1).build();
        tags.push(mark.map_err(|error| self.not_tagged(key, error))?);
        self.put_tags(key, tags).await
    }

    fn name(&self, key: &str) -> String {
        self.url(key)
    }
}

fn listed(object: Object) -> Option<ListedObject> {
    let size = object.size.and_then(|size| u64::try_from(size).ok());
    Some(ListedObject { key: object.key?, size: size.unwrap_or_default() })
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

fn is_mark(tag: &Tag) -> bool {
    (tag.key(), tag.value()) == MARK
}
