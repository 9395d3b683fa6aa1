//! The environment, read once into typed configuration.

mod reader;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use changefan_sinks::{Aws, ConfigIssue, NamedSink, Quarantine, Registry};
use tracing::level_filters::LevelFilter;

pub(crate) use self::reader::Reader;
use crate::observe::metrics::Metrics;
use crate::pipeline::AllowedSources;

/// Everything that a user can configure.
#[derive(Debug)]
#[non_exhaustive]
pub struct Config {
    /// `SINKS`, with their options.
    pub sinks: Vec<NamedSink>,
    /// `QUARANTINE`: where rejected records are kept.
    pub quarantine: Option<Quarantine>,
    /// `PARTIAL_BATCH_RESPONSE`: whether the source reads `batchItemFailures`.
    pub partial_batch_response: bool,
    /// `ALLOWED_SOURCES`: where records may come from.
    pub allowed_sources: AllowedSources,
    /// `CONNECT_AT_INIT`: whether the function opens its connections before the first batch
    /// arrives.
    pub connect_at_init: bool,
    /// `METRICS`: what CloudWatch turns into metrics.
    pub metrics: Metrics,
    pub(crate) log_level: LevelFilter,
}

/// Everything that is wrong with the environment.
#[derive(Debug)]
pub struct ConfigError(Vec<ConfigIssue>);

impl ConfigError {
    /// The issues, each with what was found, what was expected, and an example.
    pub fn issues(&self) -> &[ConfigIssue] {
        &self.0
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the environment is not valid")?;
        self.0.iter().try_for_each(|issue| write!(f, "\n- {}", changefan_sinks::describe(issue)))
    }
}

impl std::error::Error for ConfigError {}

/// The environment of this process. This is the only place that reads it.
pub fn environment() -> BTreeMap<String, String> {
    let text = |value: OsString| {
        value.into_string().unwrap_or_else(|value| value.to_string_lossy().into_owned())
    };
    std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
}

impl Config {
    /// Reads the variables that the function has. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// Every issue at once.
    pub fn new(
        variables: &BTreeMap<String, String>,
        registry: &Registry,
    ) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(variables);
        let aws = Aws::new(reader.aws_settings());
        reader.config(registry, &aws)
    }
}

/// `AWS_LAMBDA_MAX_CONCURRENCY`: whether Lambda sends several invocations at a time, as on Managed
/// Instances.
///
/// lambda_runtime reads the variable, too, and polls accordingly.
pub(crate) fn is_concurrent(variables: &BTreeMap<String, String>) -> bool {
    let limit = variables.get("AWS_LAMBDA_MAX_CONCURRENCY");
    limit.and_then(|text| text.parse::<u32>().ok()).is_some_and(|limit| limit > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config, String> {
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        let variables = variables.iter().map(owned).collect();
        Config::new(&variables, &Registry::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn empty_environment_selects_stdout() {
        let config = config(&[("SINKS", ""), ("PATH", "/bin")]).ok().unwrap();
        assert_eq!(config.sinks[0].spec.sink_type, "stdout");
        assert!(!config.partial_batch_response && config.quarantine.is_none());
        assert_eq!((config.log_level, config.metrics), (LevelFilter::INFO, Metrics::Basic));
    }

    #[test]
    fn all_issues_are_reported_together() {
        let variables = [
            ("SINKS", "file,kafka,s3"),
            ("S3_BUCKET", "lake"),
            ("PARTIAL_BATCH_RESPONSE", "yes"),
            ("CHANGEFAN_LOG", "loud"),
            ("QUARANTINE", "bucket/x"),
            ("ALLOWED_SOURCES", "orders"),
        ];
        let expected = "the environment is not valid\n\
            - SINKS=file,kafka,s3: unknown sink type `kafka`, expected one of \
            cloudwatch_logs, eventbridge, file, firehose, s3, stdout; for example SINKS=stdout\n\
            - FILE_DIR is not set; for example FILE_DIR=/tmp/changes\n\
            - the sink `s3` needs AWS credentials and the environment has none, \
            expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which Lambda sets from the \
            function's role\n\
            - QUARANTINE=bucket/x is not valid, expected s3://bucket/prefix or file:///folder; \
            for example QUARANTINE=s3://my-bucket/quarantine\n\
            - PARTIAL_BATCH_RESPONSE=yes is not valid, expected one of false, true; \
            for example PARTIAL_BATCH_RESPONSE=false\n\
            - ALLOWED_SOURCES=orders is not valid, expected region:account:table or \
            region:account:stream/name, comma-separated; \
            for example ALLOWED_SOURCES=eu-west-1:123456789012:orders\n\
            - CHANGEFAN_LOG=loud is not valid, expected one of info, off, error, warn, debug; \
            for example CHANGEFAN_LOG=info";
        assert_eq!(config(&variables).err().unwrap(), expected);
    }

    #[test]
    fn log_level_falls_back_to_lambdas_and_rusts() {
        let level = |variables: &[(&str, &str)]| config(variables).unwrap().log_level;
        assert_eq!(level(&[("AWS_LAMBDA_LOG_LEVEL", "ERROR")]), LevelFilter::ERROR);
        assert_eq!(level(&[("RUST_LOG", "debug")]), LevelFilter::DEBUG);
        assert_eq!(level(&[("RUST_LOG", "hyper=trace")]), LevelFilter::INFO);
        let all = [("AWS_LAMBDA_LOG_LEVEL", "ERROR"), ("RUST_LOG", "warn")];
        assert_eq!(level(&all), LevelFilter::ERROR);
        let all = [("CHANGEFAN_LOG", "off"), ("AWS_LAMBDA_LOG_LEVEL", "ERROR")];
        assert_eq!(level(&all), LevelFilter::OFF);
    }

    #[test]
    fn lines_that_lambda_would_drop_are_refused() {
        let json = |level, metrics| {
            let format = ("AWS_LAMBDA_LOG_FORMAT", "JSON");
            config(&[format, ("AWS_LAMBDA_LOG_LEVEL", level), ("METRICS", metrics)])
        };
        assert!(json("INFO", "basic").is_ok());
        let error = json("WARN", "none").err().unwrap();
        assert!(error.contains("AWS_LAMBDA_LOG_LEVEL=WARN and the sink `stdout`"), "{error}");
        let error = json("ERROR", "basic").err().unwrap();
        assert!(error.contains("AWS_LAMBDA_LOG_LEVEL=ERROR and METRICS"), "{error}");
    }
}
