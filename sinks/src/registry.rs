//! The types of sinks, and how the entries of `SINKS` become sinks.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::options::{Mistake, Options, prefix};
use crate::store::ObjectStore;
use crate::{Aws, Retry, Sink};

type Build = Box<dyn Fn(&mut Options, &Aws) -> Box<dyn Sink> + Send + Sync>;

/// The types of sinks that are known.
///
/// ```
/// use changefan_sinks::{Cause, Deadline, DeliveryError, Registry, Sink};
/// use changefan_events::ChangeEvent;
///
/// /// Counts changes, and nothing else.
/// struct Counter;
///
/// #[async_trait::async_trait]
/// impl Sink for Counter {
///     async fn deliver(&self, events: &[ChangeEvent], _: Deadline) -> Result<(), DeliveryError> {
///         eprintln!("{} changes", events.len());
///         Ok(())
///     }
/// }
///
/// let mut registry = Registry::default();
/// registry.register("counter", |_options, _aws| Box::new(Counter));
/// ```
pub struct Registry {
    types: BTreeMap<String, Build>,
}

/// One entry of `SINKS`: `TYPE`, or `NAME:TYPE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the sink is called in logs and in the names of its options.
    pub name: String,
    /// A type that the registry knows.
    pub sink_type: String,
}

/// A sink that is ready, with retries.
#[derive(Clone)]
pub struct NamedSink {
    /// The entry that it was made of.
    pub entry: Entry,
    /// Its options by their variables' names, defaults included.
    pub options: Vec<(String, String)>,
    /// The sink itself.
    pub sink: Arc<Retry<Box<dyn Sink>>>,
}

impl Default for Registry {
    /// All sinks that changefan was built with.
    fn default() -> Self {
        let mut registry = Registry { types: BTreeMap::new() };
        registry.register("stdout", crate::stdout::build);
        registry.register("file", crate::file::build);
        #[cfg(feature = "cloudwatch-logs")]
        registry.register("cloudwatch_logs", crate::cloudwatch_logs::build);
        #[cfg(feature = "firehose")]
        registry.register("firehose", crate::firehose::build);
        #[cfg(feature = "s3")]
        registry.register("s3", crate::s3::build);
        registry
    }
}

/// A bucket for the quarantine, if changefan was built with S3.
#[cfg(feature = "s3")]
pub(crate) fn bucket(name: &str, aws: &Aws) -> Option<Arc<dyn ObjectStore>> {
    Some(Arc::new(crate::s3::Bucket::new(name, aws)))
}

/// Without S3 there are folders only.
#[cfg(not(feature = "s3"))]
pub(crate) fn bucket(_: &str, _: &Aws) -> Option<Arc<dyn ObjectStore>> {
    None
}

impl Registry {
    /// Adds a type of sink, or replaces one.
    ///
    /// `build` is called once for each entry of that type. It asks the options for their values and must not do input or
    /// output: connections are made when they are first used.
    pub fn register(
        &mut self,
        sink_type: &str,
        build: impl Fn(&mut Options, &Aws) -> Box<dyn Sink> + Send + Sync + 'static,
    ) {
        self.types.insert(sink_type.to_owned(), Box::new(build));
    }

    /// Makes the sinks that `entries`, the value of `SINKS`, names. `variables` is the environment.
    ///
    /// # Errors
    ///
    /// Every mistake in the entries and in their options.
    pub fn build(
        &self,
        entries: &str,
        variables: &BTreeMap<String, String>,
        aws: &Aws,
    ) -> Result<Vec<NamedSink>, Vec<Mistake>> {
        let (entries, mut mistakes) = self.entries(entries);
        let mut sinks = Vec::new();
        for (entry, prefix) in &entries {
            let mut options = Options::new(prefix.clone(), options_of(prefix, &entries, variables));
            let Some(build) = self.types.get(&entry.sink_type) else { continue };
            let sink = Arc::new(Retry::new(build(&mut options, aws)));
            let (options, found) = options.finish();
            mistakes.extend(found);
            sinks.push(NamedSink { entry: entry.clone(), options, sink });
        }
        if mistakes.is_empty() { Ok(sinks) } else { Err(mistakes) }
    }

    /// The entries that are valid, each with the prefix of its variables.
    fn entries(&self, text: &str) -> (Vec<(Entry, String)>, Vec<Mistake>) {
        let mut entries = Vec::new();
        let mut mistakes = Vec::new();
        for item in text.split(',').map(str::trim) {
            let (name, sink_type) = item.split_once(':').unwrap_or((item, item));
            let entry =
                Entry { name: name.trim().to_owned(), sink_type: sink_type.trim().to_owned() };
            let prefix = prefix(&entry.name);
            match self.mistake(&entry, &prefix, &entries) {
                Some(mistake) => mistakes.push(Mistake(format!("SINKS={text}: {mistake}"))),
                None => entries.push((entry, prefix)),
            }
        }
        (entries, mistakes)
    }

    fn mistake(&self, entry: &Entry, prefix: &str, others: &[(Entry, String)]) -> Option<String> {
        let Entry { name, sink_type } = entry;
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !self.types.contains_key(sink_type) {
            let known: Vec<_> = self.types.keys().map(String::as_str).collect();
            Some(format!(
                "`{sink_type}` is no type of sink: expected {}; for example SINKS=stdout",
                known.join(", ")
            ))
        } else if name.is_empty()
            || !name.bytes().all(valid)
            || RESERVED.iter().any(|it| it.eq_ignore_ascii_case(name))
        {
            let reserved = RESERVED.join(", ");
            Some(format!(
                "`{name}` cannot name a sink: expected letters, digits, _ and -, and none of {reserved}"
            ))
        } else if others.iter().any(|(_, other)| other == prefix) {
            Some(format!(
                "two sinks are named `{name}`: name one of them, for example SINKS={name},{name}2:{sink_type}"
            ))
        } else {
            None
        }
    }
}

/// Names whose option variables would be taken for AWS's or changefan's own.
const RESERVED: [&str; 3] = ["aws", "changefan", "lambda"];

/// The variables that begin with an entry's prefix, unless another entry's longer prefix fits too.
fn options_of(
    prefix: &str,
    entries: &[(Entry, String)],
    variables: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let longer = |name: &str| {
        entries
            .iter()
            .any(|(_, other)| other.len() > prefix.len() && name.starts_with(other.as_str()))
    };
    // They stand side by side in the map.
    let from_prefix = variables.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
    let options =
        from_prefix.map_while(|(name, value)| Some((name, name.strip_prefix(prefix)?, value)));
    let own = options.filter(|(name, ..)| !longer(name));
    own.map(|(_, option, value)| (option.to_owned(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(entries: &str, variables: &[(&str, &str)]) -> Result<Vec<NamedSink>, Vec<String>> {
        let variables =
            variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let aws = Aws::new(Default::default());
        let mistakes =
            |mistakes: Vec<Mistake>| mistakes.into_iter().map(|mistake| mistake.0).collect();
        Registry::default().build(entries, &variables, &aws).map_err(mistakes)
    }

    #[test]
    fn entries_may_have_names_of_their_own() {
        let sinks = build("stdout, audit:file", &[("AUDIT_DIR", "/tmp/a")]).unwrap();
        let names: Vec<_> = sinks
            .iter()
            .map(|sink| (sink.entry.name.as_str(), sink.entry.sink_type.as_str()))
            .collect();
        assert_eq!(names, [("stdout", "stdout"), ("audit", "file")]);
        assert!(sinks[1].options.contains(&("AUDIT_DIR".into(), "/tmp/a".into())));
        assert!(sinks[1].options.contains(&("AUDIT_PREFIX".into(), "changes/".into())));
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let mistakes =
            build("stdout,stdout,nosuch,file", &[("STDOUT_FORMAT", "xml"), ("FILE_DIRR", "/x")]);
        let mistakes = mistakes.err().unwrap().join("\n");
        for part in [
            "two sinks are named `stdout`",
            "`nosuch` is no type of sink: expected ",
            "STDOUT_FORMAT is not valid: found `xml`, expected one of log, dynamodb-json, json, debezium; for example STDOUT_FORMAT=log",
            "FILE_DIR is missing: set it, for example FILE_DIR=/tmp/changes",
            "FILE_DIRR is no option of this sink: expected one of FILE_DIR, FILE_PREFIX, FILE_COMPRESSION, FILE_FORMAT, FILE_NUMBERS",
        ] {
            assert!(mistakes.contains(part), "{part}\nis not in\n{mistakes}");
        }
    }

    #[test]
    fn the_longest_prefix_owns_a_variable() {
        let variables = [("FILE_DIR", "/a"), ("FILE_AUDIT_DIR", "/b")];
        let sinks = build("file,file_audit:file", &variables).unwrap();
        assert!(sinks[0].options.contains(&("FILE_DIR".into(), "/a".into())));
        assert!(sinks[1].options.contains(&("FILE_AUDIT_DIR".into(), "/b".into())));
    }

    #[test]
    fn names_that_would_claim_others_variables_are_refused() {
        assert!(build("aws:stdout", &[]).is_err());
        assert!(build("a b:stdout", &[]).is_err());
        assert!(build("", &[]).is_err());
    }
}
