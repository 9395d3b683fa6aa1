//! `s3`: objects of JSON lines in a bucket.

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use aws_runtime::auth::PayloadSigningOverride;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::primitives::ByteStream;

use super::{Body, COMPRESSION, FORMAT, Object, ObjectSink, ObjectStore, PREFIX, write_hex};
use crate::batch::CallError;
use crate::service_error::{Service, call_error};
use crate::{Aws, BoxError, ConfigIssue, OptionSpec, Options, Permission, Sink, SinkType};

/// A bucket that receives objects.
pub(crate) struct Bucket {
    name: String,
    aws: Aws,
    call_timeout: Option<Duration>,
    client: OnceLock<Client>,
}

/// The timeout of a call that uploads an object of an export: up to 32 MB, over any line. A
/// connection that stalls is given up earlier by the SDK.
#[cfg(feature = "exports")]
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(600);

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::required("BUCKET", "my-lake", "bucket that receives the objects"),
    PREFIX,
    COMPRESSION,
    FORMAT,
    OptionSpec::NUMBERS,
];

const PERMISSIONS: &[Permission] = &[
    Permission::new(&["s3:PutObject"], "arn:{partition}:s3:::{bucket}/{prefix}*"),
    // Distinguishes a missing bucket from a forbidden one.
    Permission::new(&["s3:ListBucket"], "arn:{partition}:s3:::{bucket}"),
];

pub(crate) fn sink_type() -> SinkType {
    let sink_type = SinkType::new("s3", build)
        .with_help("one object per batch, table and hour")
        .with_options(OPTIONS)
        .with_recommended_batch_size(10_000)
        .with_destination("s3://{bucket}/{prefix}")
        .with_permissions(PERMISSIONS);
    #[cfg(feature = "exports")]
    let sink_type = sink_type.with_exports(|options, aws| {
        let bucket = Bucket::new(options.text("BUCKET"), aws).with_call_timeout(UPLOAD_TIMEOUT);
        super::ExportStore::new(bucket, options)
    });
    sink_type
}

fn build(options: &Options, aws: &Aws) -> Result<Box<dyn Sink>, ConfigIssue> {
    Ok(Box::new(ObjectSink::new(Bucket::new(options.text("BUCKET"), aws), options)))
}

impl Bucket {
    pub(crate) fn new(name: impl Into<String>, aws: &Aws) -> Self {
        Self { name: name.into(), aws: aws.clone(), call_timeout: None, client: OnceLock::new() }
    }

    #[cfg(feature = "exports")]
    fn with_call_timeout(self, timeout: Duration) -> Self {
        Self { call_timeout: Some(timeout), ..self }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            let shared = self.aws.sdk_config();
            // Emulators seldom have a host name per bucket.
            let by_path = shared.endpoint_url().is_some();
            let mut config = aws_sdk_s3::config::Builder::from(shared).force_path_style(by_path);
            if let (Some(timeout), Some(timeouts)) = (self.call_timeout, shared.timeout_config()) {
                let timeouts = timeouts.to_builder().operation_attempt_timeout(timeout);
                config.set_timeout_config(Some(timeouts.build()));
            }
            Client::from_conf(config.build())
        })
    }
}

/// Signs a request with the known SHA-256 of its body, which the SDK would compute again.
#[derive(Debug)]
struct Hashed([u8; 32]);

impl Intercept for Hashed {
    fn name(&self) -> &'static str {
        "Hashed"
    }

    fn modify_before_signing(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut sha256 = String::with_capacity(64);
        write_hex(&self.0, &mut sha256);
        config.interceptor_state().store_put(PayloadSigningOverride::Precomputed(sha256));
        Ok(())
    }
}

#[async_trait]
impl ObjectStore for Bucket {
    /// S3, PutObject. `If-None-Match: *` is answered with 412 if the key exists, and with 409 while
    /// another writer creates it.
    async fn put(&self, object: Object) -> Result<(), CallError> {
        let put = self.client().put_object().bucket(&self.name).key(&object.key);
        let put = put.if_none_match("*").content_type(object.content_type);
        // No Content-Encoding: some readers would decompress twice.
        let Body { bytes, sha256 } = object.body;
        let put = put.body(ByteStream::from(bytes)).customize().interceptor(Hashed(sha256));
        let Err(error) = put.send().await else {
            return Ok(());
        };
        let status = error.raw_response().map(|response| response.status().as_u16());
        if status == Some(412) {
            return Ok(());
        }
        let resource = format!("s3://{}/{}", self.name, object.key);
        Err(call_error(Service::S3, "PutObject", resource, error))
    }

    /// S3, ListObjectsV2.
    #[cfg(feature = "exports")]
    async fn list(&self, prefix: &str) -> Result<Vec<String>, CallError> {
        let list = self.client().list_objects_v2().bucket(&self.name).prefix(prefix);
        let mut pages = list.into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                let resource = format!("s3://{}/{prefix}", self.name);
                call_error(Service::S3, "ListObjectsV2", resource, error)
            })?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|it| it.key));
        }
        Ok(keys)
    }

    /// S3, HeadBucket: it needs the permission s3:ListBucket.
    async fn check(&self) -> Result<(), BoxError> {
        match self.client().head_bucket().bucket(&self.name).send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let resource = format!("bucket {}", self.name);
                Err(call_error(Service::S3, "HeadBucket", resource, error).into())
            }
        }
    }
}
