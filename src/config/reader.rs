//! The variables, each with its values and default, and the errors in them.

use std::collections::BTreeMap;

use changefan_sinks::{Aws, AwsSettings, ConfigIssue, Quarantine, Registry};
use tracing::level_filters::LevelFilter;

use super::{Config, ConfigError};
use crate::observe::metrics::Metrics;
use crate::pipeline::{AllowedSources, InvalidSource};

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
