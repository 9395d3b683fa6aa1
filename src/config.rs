//! The environment, read once into typed configuration.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use changefan_sinks::{Aws, AwsSettings, ConfigIssue, NamedSink, Quarantine, Registry};
use tracing::level_filters::LevelFilter;

use crate::observe::metrics::Metrics;
use crate::pipeline::{AllowedSources, InvalidSource};

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

/// Reads variables and collects what is wrong with them.
pub(crate) struct Reader<'a> {
    variables: &'a BTreeMap<String, String>,
    issues: Vec<ConfigIssue>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(variables: &'a BTreeMap<String, String>) -> Self {
        Self { variables, issues: Vec::new() }
    }

    /// The configuration.
    ///
    /// # Errors
    ///
    /// Every issue, those of [`Reader::aws_settings`] included.
    pub(crate) fn config(mut self, registry: &Registry, aws: &Aws) -> Result<Config, ConfigError> {
        let sinks = self.text("SINKS").unwrap_or("stdout");
        let sinks = registry.build(sinks, self.variables, aws).unwrap_or_else(|issues| {
            self.issues.extend(issues);
            Vec::new()
        });
        let config = Config {
            sinks,
            quarantine: self.quarantine(aws),
            partial_batch_response: self.choose("PARTIAL_BATCH_RESPONSE", &BOOLEANS),
            allowed_sources: self.allowed_sources(),
            connect_at_init: self.choose("CONNECT_AT_INIT", &BOOLEANS),
            metrics: self.choose("METRICS", &METRICS),
            log_level: self.log_level(),
        };
        self.check_log_format(&config);
        if self.issues.is_empty() { Ok(config) } else { Err(ConfigError(self.issues)) }
    }

    /// The variables that state AWS's region, credentials, endpoints and certificates.
    pub(crate) fn aws_settings(&mut self) -> AwsSettings {
        let owned = |name: &str| self.text(name).map(str::to_owned);
        let mut settings = AwsSettings {
            region: owned("AWS_REGION").or_else(|| owned("AWS_DEFAULT_REGION")),
            access_key_id: owned("AWS_ACCESS_KEY_ID"),
            secret_access_key: owned("AWS_SECRET_ACCESS_KEY"),
            session_token: owned("AWS_SESSION_TOKEN"),
            ..AwsSettings::default()
        };
        let is_endpoint = |(name, value): &(&String, &String)| {
            name.starts_with("AWS_ENDPOINT_URL") && !value.is_empty()
        };
        let endpoints = self.variables.iter().filter(is_endpoint);
        settings.endpoints = endpoints.map(|(it, value)| (it.clone(), value.clone())).collect();
        settings.use_fips = self.choose("AWS_USE_FIPS_ENDPOINT", &BOOLEANS);
        settings.use_dual_stack = self.choose("AWS_USE_DUALSTACK_ENDPOINT", &BOOLEANS);
        settings.ca_bundle = self.ca_bundle();
        settings
    }

    /// A variable that is set. Empty counts as absent: Terraform and shells make it hard to omit
    /// one.
    fn text(&self, name: &str) -> Option<&'a str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn ca_bundle(&mut self) -> Option<Vec<u8>> {
        let path = self.text("AWS_CA_BUNDLE")?;
        let read = std::fs::read(path).map_err(|error| ConfigIssue::UnreadableFile {
            variable: "AWS_CA_BUNDLE".into(),
            path: path.into(),
            source: error.into(),
        });
        self.keep(read)
    }

    fn quarantine(&mut self, aws: &Aws) -> Option<Quarantine> {
        let quarantine = Quarantine::new(self.text("QUARANTINE")?, aws);
        let quarantine = self.keep(quarantine)?;
        if quarantine.needs_credentials() && !aws.has_credentials() {
            self.issues.push(ConfigIssue::MissingCredentials { user: "QUARANTINE".into() });
        }
        Some(quarantine)
    }

    fn allowed_sources(&mut self) -> AllowedSources {
        let Some(text) = self.text("ALLOWED_SOURCES") else { return AllowedSources::default() };
        let invalid = |_: InvalidSource| ConfigIssue::Invalid {
            variable: "ALLOWED_SOURCES".into(),
            found: text.into(),
            expected: "region:account:table or region:account:stream/name, comma-separated".into(),
            example: "eu-west-1:123456789012:orders".into(),
        };
        let parsed = text.parse().map_err(invalid);
        self.keep(parsed).unwrap_or_default()
    }

    /// `CHANGEFAN_LOG`, beneath it what Lambda and other Rust programs read. Only the first is
    /// validated: the others have further values.
    fn log_level(&mut self) -> LevelFilter {
        if self.text("CHANGEFAN_LOG").is_some() {
            return self.choose("CHANGEFAN_LOG", &LEVELS);
        }
        let level = |name| {
            let text = self.text(name)?;
            LEVELS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, level)| *level)
        };
        level("AWS_LAMBDA_LOG_LEVEL").or_else(|| level("RUST_LOG")).unwrap_or(LevelFilter::INFO)
    }

    /// With the JSON log format, Lambda drops every line below the level, and a line without a
    /// level counts as INFO.
    fn check_log_format(&mut self, config: &Config) {
        let (format, level) = ("AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL");
        let Some(found) = self.text(level).filter(|_| self.text(format) == Some("JSON")) else {
            return;
        };
        if !["WARN", "ERROR", "FATAL"].contains(&found) {
            return;
        }
        let mut conflict = |second: String, reason: &str| {
            let first = format!("{level}={found}");
            self.issues.push(ConfigIssue::Conflict { first, second, reason: reason.into() });
        };
        for sink in config.sinks.iter().filter(|sink| sink.spec.sink_type == "stdout") {
            let reason = "Lambda would drop the events; set the application log level to INFO, \
                 or remove the sink";
            conflict(format!("the sink `{}`", sink.spec.name), reason);
        }
        if config.metrics != Metrics::None {
            let reason = "Lambda would drop the metrics; set the application log level to INFO, \
                 or METRICS=none";
            conflict("METRICS".into(), reason);
        }
    }

    /// The value that a word selects. The first of `allowed` is the default.
    fn choose<T: Copy>(&mut self, name: &str, allowed: &[(&str, T)]) -> T {
        let (default, value) = allowed[0];
        let Some(text) = self.text(name) else { return value };
        let chosen = allowed.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        if chosen.is_none() {
            let words: Vec<_> = allowed.iter().map(|(word, _)| *word).collect();
            self.issues.push(ConfigIssue::Invalid {
                variable: name.into(),
                found: text.into(),
                expected: format!("one of {}", words.join(", ")),
                example: default.into(),
            });
        }
        chosen.map_or(value, |(_, value)| *value)
    }

    fn keep<T>(&mut self, result: Result<T, ConfigIssue>) -> Option<T> {
        result.map_err(|issue| self.issues.push(issue)).ok()
    }
}

const BOOLEANS: [(&str, bool); 2] = [("false", false), ("true", true)];

const METRICS: [(&str, Metrics); 3] =
    [("basic", Metrics::Basic), ("per_sink", Metrics::PerSink), ("none", Metrics::None)];

const LEVELS: [(&str, LevelFilter); 5] = [
    ("info", LevelFilter::INFO),
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("debug", LevelFilter::DEBUG),
];

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
