//! `s3`: objects of JSON lines in a bucket.

use std::sync::OnceLock;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;

use crate::lake::Lake;
use crate::store::{Object, ObjectStore, StoreError};
use crate::{Aws, BoxError, Options, Sink, aws};

/// A bucket that takes objects.
pub(crate) struct Bucket {
    name: String,
    aws: Aws,
    client: OnceLock<Client>,
}

impl Bucket {
    pub fn new(name: impl Into<String>, aws: &Aws) -> Self {
        Bucket { name: name.into(), aws: aws.clone(), client: OnceLock::new() }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            let shared = self.aws.sdk_config();
            // Emulators seldom have a host name for each bucket.
            let by_path = shared.endpoint_url().is_some();
            Client::from_conf(
                aws_sdk_s3::config::Builder::from(shared).force_path_style(by_path).build(),
            )
        })
    }
}

pub(crate) fn build(options: &mut Options, aws: &Aws) -> Box<dyn Sink> {
    let bucket = Bucket::new(options.required("BUCKET", "my-lake"), aws);
    Box::new(Lake::new(bucket, options))
}

#[async_trait]
impl ObjectStore for Bucket {
    /// S3, PutObject. `If-None-Match: *` is answered with 412 when the key exists, and with 409 while another writer is
    /// at it.
    async fn put(&self, object: Object) -> Result<(), StoreError> {
        let put = self
            .client()
            .put_object()
            .bucket(&self.name)
            .key(object.key)
            .if_none_match("*")
            // No Content-Encoding: some readers would decompress twice.
            .content_type(object.content_type)
            .body(ByteStream::from(object.body));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|response| response.status().as_u16() == 412) =>
            {
                Ok(())
            }
            Err(error) => Err(StoreError { cause: aws::cause(&error), source: error.into() }),
        }
    }

    /// S3, HeadBucket: it needs the permission s3:ListBucket.
    async fn check(&self) -> Result<(), BoxError> {
        match self.client().head_bucket().bucket(&self.name).send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let code = error
                    .code()
                    .map(str::to_owned)
                    .or_else(|| Some(error.raw_response()?.status().to_string()));
                Err(format!(
                    "bucket {}: {}",
                    self.name,
                    code.unwrap_or_else(|| crate::describe(&error))
                )
                .into())
            }
        }
    }
}
