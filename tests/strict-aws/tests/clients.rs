//! The real SDKs, with the stand-in as their endpoint.

use std::time::Duration;

use changefan_strict_aws::StrictAws;

/// A client of one of the SDKs. It has no retries, so that a test sees every response, and a short
/// timeout.
macro_rules! client {
    ($sdk:ident, $aws:expr) => {{
        use $sdk::config::{
            BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig,
        };
        let timeouts = TimeoutConfig::builder().operation_timeout(PATIENCE).build();
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url($aws.url())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "strict-aws"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        $sdk::Client::from_conf(config)
    }};
}

/// How long a client waits for a response.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// A client of S3.
pub(crate) fn s3(aws: &StrictAws) -> aws_sdk_s3::Client {
    client!(aws_sdk_s3, aws)
}

/// A client of Firehose.
pub(crate) fn firehose(aws: &StrictAws) -> aws_sdk_firehose::Client {
    client!(aws_sdk_firehose, aws)
}

/// A client of CloudWatch Logs.
pub(crate) fn logs(aws: &StrictAws) -> aws_sdk_cloudwatchlogs::Client {
    client!(aws_sdk_cloudwatchlogs, aws)
}
