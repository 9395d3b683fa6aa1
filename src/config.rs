//! The environment, read once into typed configuration.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use changefan_sinks::{Aws, AwsSettings, Mistake, NamedSink, Quarantine, Registry};
use tracing::level_filters::LevelFilter;

/// All that a user can decide.
pub struct Config {
    /// `SINKS`, with their options.
    pub sinks: Vec<NamedSink>,
    /// `QUARANTINE`: where rejected records are kept.
    pub quarantine: Option<Quarantine>,
    /// `PARTIAL_BATCH_RESPONSE`: whether the caller reads `batchItemFailures`.
    pub partial_batch_response: bool,
    /// `CONNECT_AT_INIT`: whether the function opens its connections before the first batch comes.
    pub connect_at_init: bool,
    /// `METRICS`: whether each invocation logs its metrics.
    pub metrics: bool,
    /// `CHANGEFAN_LOG`: how much is logged.
    pub log_level: LevelFilter,
}

/// Everything that is wrong with the environment.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Mistake>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the environment is not valid")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n- {mistake}"))
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
    /// Reads the variables. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// Every mistake at once.
    pub fn new(
        variables: &BTreeMap<String, String>,
        registry: &Registry,
        aws: &Aws,
    ) -> Result<Self, ConfigError> {
        Config::after(Vec::new(), variables, registry, aws)
    }

    /// The same when mistakes have been found before, in what `aws` was made of.
    pub(crate) fn after(
        mut mistakes: Vec<Mistake>,
        variables: &BTreeMap<String, String>,
        registry: &Registry,
        aws: &Aws,
    ) -> Result<Self, ConfigError> {
        let text =
            |name: &str| variables.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let sinks = registry.build(text("SINKS").unwrap_or("stdout"), variables, aws);
        let sinks = sinks.unwrap_or_else(|found| {
            mistakes.extend(found);
            Vec::new()
        });
        let quarantine = text("QUARANTINE").and_then(|location| {
            Quarantine::new(location, aws)
                .inspect_err(|mistake| mistakes.push(mistake.clone()))
                .ok()
        });
        let partial = text("PARTIAL_BATCH_RESPONSE").unwrap_or("false");
        let connect = text("CONNECT_AT_INIT").unwrap_or("false");
        let level = text("CHANGEFAN_LOG").unwrap_or("info");
        let config = Config {
            sinks,
            quarantine,
            partial_batch_response: choose(
                "PARTIAL_BATCH_RESPONSE",
                partial,
                &BOOLEANS,
                &mut mistakes,
            ),
            connect_at_init: choose("CONNECT_AT_INIT", connect, &BOOLEANS, &mut mistakes),
            metrics: choose("METRICS", text("METRICS").unwrap_or("emf"), &METRICS, &mut mistakes),
            log_level: choose("CHANGEFAN_LOG", level, &LEVELS, &mut mistakes),
        };
        if mistakes.is_empty() { Ok(config) } else { Err(ConfigError(mistakes)) }
    }
}

const BOOLEANS: [(&str, bool); 2] = [("true", true), ("false", false)];

const METRICS: [(&str, bool); 2] = [("emf", true), ("none", false)];

const LEVELS: [(&str, LevelFilter); 5] = [
    ("info", LevelFilter::INFO),
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("debug", LevelFilter::DEBUG),
];

/// The variables that name AWS's region, credentials, endpoints and certificates.
pub(crate) fn aws_settings(
    variables: &BTreeMap<String, String>,
    mistakes: &mut Vec<Mistake>,
) -> AwsSettings {
    let text = |name: &str| variables.get(name).filter(|value| !value.is_empty()).cloned();
    let read = |path: String| {
        let unreadable = |error: &_| {
            mistakes.push(Mistake(format!("AWS_CA_BUNDLE={path} cannot be read: {error}")))
        };
        std::fs::read(&path).inspect_err(unreadable).ok()
    };
    let is_endpoint = |(name, value): &(&String, &String)| {
        name.starts_with("AWS_ENDPOINT_URL") && !value.is_empty()
    };
    AwsSettings {
        region: text("AWS_REGION").or_else(|| text("AWS_DEFAULT_REGION")),
        access_key_id: text("AWS_ACCESS_KEY_ID"),
        secret_access_key: text("AWS_SECRET_ACCESS_KEY"),
        session_token: text("AWS_SESSION_TOKEN"),
        ca_bundle: text("AWS_CA_BUNDLE").and_then(read),
        endpoints: variables
            .iter()
            .filter(is_endpoint)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    }
}

/// `AWS_LAMBDA_MAX_CONCURRENCY`: whether Lambda hands over several invocations at once, as on Managed Instances.
///
/// lambda_runtime reads the variable, too, and asks for as many at once.
pub(crate) fn several_at_once(variables: &BTreeMap<String, String>) -> bool {
    let most =
        variables.get("AWS_LAMBDA_MAX_CONCURRENCY").and_then(|text| text.parse::<u32>().ok());
    most.is_some_and(|most| most > 1)
}

/// What a name stands for; the first of `allowed` stands in for a value that is not valid, which is noted.
fn choose<T: Copy>(
    name: &str,
    value: &str,
    allowed: &[(&str, T)],
    mistakes: &mut Vec<Mistake>,
) -> T {
    let chosen = allowed.iter().find(|(word, _)| word.eq_ignore_ascii_case(value));
    if chosen.is_none() {
        let words: Vec<_> = allowed.iter().map(|(word, _)| *word).collect();
        let (words, example) = (words.join(", "), allowed[0].0);
        mistakes.push(Mistake(format!(
            "{name}={value} is not valid: expected {words}; for example {name}={example}"
        )));
    }
    chosen.unwrap_or(&allowed[0]).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config, String> {
        let variables =
            variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Config::new(&variables, &Registry::default(), &Aws::new(AwsSettings::default()))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn nothing_set_means_standard_output() {
        let config = config(&[("SINKS", ""), ("PATH", "/bin")]).ok().unwrap();
        assert_eq!(config.sinks[0].entry.sink_type, "stdout");
        assert!(!config.partial_batch_response && config.quarantine.is_none());
        assert_eq!(config.log_level, LevelFilter::INFO);
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let variables = [
            ("SINKS", "file,kafka"),
            ("PARTIAL_BATCH_RESPONSE", "yes"),
            ("CHANGEFAN_LOG", "loud"),
            ("QUARANTINE", "bucket/x"),
        ];
        let expected = "the environment is not valid\n\
            - SINKS=file,kafka: `kafka` is no type of sink: expected cloudwatch_logs, file, firehose, s3, stdout; for example SINKS=stdout\n\
            - FILE_DIR is missing: set it, for example FILE_DIR=/tmp/changes\n\
            - QUARANTINE=bucket/x is no place for records: expected s3://bucket/prefix or file:///folder, for example s3://my-bucket/quarantine\n\
            - PARTIAL_BATCH_RESPONSE=yes is not valid: expected true, false; for example PARTIAL_BATCH_RESPONSE=true\n\
            - CHANGEFAN_LOG=loud is not valid: expected info, off, error, warn, debug; for example CHANGEFAN_LOG=info";
        assert_eq!(config(&variables).err().unwrap(), expected);
    }
}
