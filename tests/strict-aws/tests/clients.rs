//! The real SDKs, pointed at the service, for its own checks.

use std::time::Duration;

use changefan_strict_aws::StrictAws;

/// A client of one of the SDKs, without retries, so that a check sees every answer, and soon tired of waiting.
macro_rules! client {
    ($sdk:ident, $aws:expr) => {{
        use $sdk::config::{
            BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig,
        };
        let patience = TimeoutConfig::builder().operation_timeout(PATIENCE).build();
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url($aws.url())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "strict-aws"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .timeout_config(patience)
            .build();
        $sdk::Client::from_conf(config)
    }};
}

/// How long a client waits for an answer.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// A client of S3.
pub fn s3(aws: &StrictAws) -> aws_sdk_s3::Client {
    client!(aws_sdk_s3, aws)
}

/// A client of Firehose.
pub fn firehose(aws: &StrictAws) -> aws_sdk_firehose::Client {
    client!(aws_sdk_firehose, aws)
}

/// A client of CloudWatch Logs.
pub fn logs(aws: &StrictAws) -> aws_sdk_cloudwatchlogs::Client {
    client!(aws_sdk_cloudwatchlogs, aws)
}
