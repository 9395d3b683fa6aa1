//! The sink types, and how the entries of `SINKS` become sinks.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use crate::layers::{Redelivery, Retry};
use crate::objects::ObjectStore;
use crate::options::prefix;
use crate::spec::is_ascii_name;
use crate::{Aws, ConfigIssue, Options, Sink, SinkType};

/// The sink types that are known.
#[derive(Debug)]
pub struct Registry {
    types: BTreeMap<&'static str, SinkType>,
}

/// One entry of `SINKS`: `TYPE`, or `NAME:TYPE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkSpec {
    /// What the sink is called in logs and in the names of its options.
    pub name: String,
    /// A registered type.
    pub sink_type: String,
}

/// A sink that is ready, with its layers.
#[derive(Clone)]
#[non_exhaustive]
pub struct NamedSink {
    /// The entry that it was made of.
    pub spec: SinkSpec,
    /// Its options, defaults included.
    pub options: Options,
    /// Where it delivers to, in words; empty if its type does not declare it.
    pub destination: String,
    /// Redelivery, retry, and the sink itself.
    pub sink: Arc<dyn Sink>,
    /// Where the sink keeps table exports, if it is a lake.
    #[cfg(feature = "exports")]
    pub exports: Option<crate::ExportStore>,
}

impl fmt::Debug for NamedSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedSink").field("spec", &self.spec).finish_non_exhaustive()
    }
}

impl Default for Registry {
    /// All sinks that changefan was built with.
    fn default() -> Self {
        let mut registry = Self { types: BTreeMap::new() };
        registry.register(crate::stdout::sink_type());
        registry.register(crate::objects::file_sink_type());
        #[cfg(feature = "cloudwatch-logs")]
        registry.register(crate::cloudwatch_logs::sink_type());
        #[cfg(feature = "eventbridge")]
        registry.register(crate::eventbridge::sink_type());
        #[cfg(feature = "firehose")]
        registry.register(crate::firehose::sink_type());
        #[cfg(feature = "s3")]
        registry.register(crate::objects::s3_sink_type());
        registry
    }
}

/// Where a quarantine can be, and an example.
#[cfg(feature = "s3")]
pub(crate) const QUARANTINES: [&str; 2] =
    ["s3://bucket/prefix or file:///folder", "s3://my-bucket/quarantine"];

/// Without S3 there are folders only.
#[cfg(not(feature = "s3"))]
pub(crate) const QUARANTINES: [&str; 2] = [
    "file:///folder, because changefan was built without its feature `s3`",
    "file:///mnt/failures/quarantine",
];

/// A bucket for the quarantine, if changefan was built with S3.
#[cfg(feature = "s3")]
pub(crate) fn bucket(name: &str, aws: &Aws) -> Option<Arc<dyn ObjectStore>> {
    Some(Arc::new(crate::objects::Bucket::new(name, aws)))
}

/// No bucket.
#[cfg(not(feature = "s3"))]
pub(crate) fn bucket(_: &str, _: &Aws) -> Option<Arc<dyn ObjectStore>> {
    None
}

impl Registry {
    /// Adds a sink type, or replaces one of the same name.
    pub fn register(&mut self, sink_type: SinkType) {
        self.types.insert(sink_type.name, sink_type);
    }

    /// The registered types, by their names.
    pub fn types(&self) -> &BTreeMap<&'static str, SinkType> {
        &self.types
    }

    /// Builds the sinks that `sinks`, the value of `SINKS`, names. `variables` is the environment.
    ///
    /// # Errors
    ///
    /// Every issue of the entries and of their options.
    pub fn build(
        &self,
        sinks: &str,
        variables: &BTreeMap<String, String>,
        aws: &Aws,
    ) -> Result<Vec<NamedSink>, Vec<ConfigIssue>> {
        let mut issues = Vec::new();
        let specs = self.specs(sinks, &mut issues);
        let mut built = Vec::new();
        for (spec, prefix) in &specs {
            let sink_type = &self.types[spec.sink_type.as_str()];
            let given = variables_of(prefix, &specs, variables);
            let before = issues.len();
            let options = Options::new(sink_type, prefix.clone(), given, &mut issues);
            if !sink_type.permissions.is_empty() && !aws.has_credentials() {
                let user = format!("the sink `{}`", spec.name);
                issues.push(ConfigIssue::MissingCredentials { user });
            }
            if issues.len() == before {
                built.extend(named(spec, sink_type, options, aws, &mut issues));
            }
        }
        shared_destinations(&built, &mut issues);
        if issues.is_empty() { Ok(built) } else { Err(issues) }
    }

    /// The entries that are valid, each with the prefix of its variables.
    fn specs(&self, sinks: &str, issues: &mut Vec<ConfigIssue>) -> Vec<(SinkSpec, String)> {
        let mut specs: Vec<(SinkSpec, String)> = Vec::new();
        for item in sinks.split(',').map(str::trim) {
            let (name, sink_type) = item.split_once(':').unwrap_or((item, item));
            let (name, sink_type) = (name.trim().to_owned(), sink_type.trim().to_owned());
            let prefix = prefix(&name);
            let sinks = sinks.to_owned();
            if !self.types.contains_key(sink_type.as_str()) {
                let known = self.types.keys().map(|name| (*name).to_owned()).collect();
                issues.push(ConfigIssue::UnknownSinkType { sinks, found: sink_type, known });
            } else if !is_valid(&name) {
                issues.push(ConfigIssue::InvalidSinkName { sinks, found: name });
            } else if specs.iter().any(|(_, other)| *other == prefix) {
                issues.push(ConfigIssue::DuplicateSinkName { sinks, name, sink_type });
            } else {
                specs.push((SinkSpec { name, sink_type }, prefix));
            }
        }
        specs
    }
}

/// Builds a sink and stacks its layers.
fn named(
    spec: &SinkSpec,
    sink_type: &SinkType,
    options: Options,
    aws: &Aws,
    issues: &mut Vec<ConfigIssue>,
) -> Option<NamedSink> {
    match (sink_type.build)(&options, aws) {
        Ok(sink) => Some(NamedSink {
            spec: spec.clone(),
            destination: options.fill(sink_type.destination),
            sink: Arc::new(Redelivery::new(Retry::new(sink, sink_type.ordering))),
            #[cfg(feature = "exports")]
            exports: sink_type.exports.map(|build| build(&options, aws)),
            options,
        }),
        Err(issue) => {
            issues.push(issue);
            None
        }
    }
}

/// Names whose variables would be mistaken for AWS's or changefan's own.
const RESERVED: [&str; 3] = ["aws", "changefan", "lambda"];

fn is_valid(name: &str) -> bool {
    let first = name.split(['_', '-']).next().unwrap_or_default();
    let reserved = RESERVED.iter().any(|it| it.eq_ignore_ascii_case(first));
    !name.is_empty() && is_ascii_name(name, usize::MAX, b"_-") && !reserved
}

/// The variables that begin with a sink's prefix, by the rest of their names, unless another sink's
/// longer prefix matches.
fn variables_of(
    prefix: &str,
    specs: &[(SinkSpec, String)],
    variables: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let is_longer = |name: &str, other: &str| other.len() > prefix.len() && name.starts_with(other);
    let of_another = |name: &str| specs.iter().any(|(_, other)| is_longer(name, other));
    // They are adjacent in the map.
    let from_prefix = variables.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
    from_prefix
        .map_while(|(name, value)| Some((name, name.strip_prefix(prefix)?, value)))
        .filter(|(name, ..)| !of_another(name))
        .map(|(_, option, value)| (option.to_owned(), value.clone()))
        .collect()
}

/// Two sinks in one place would overwrite or hide each other's deliveries.
fn shared_destinations(sinks: &[NamedSink], issues: &mut Vec<ConfigIssue>) {
    for (index, second) in sinks.iter().enumerate() {
        let same = |first: &&NamedSink| {
            first.spec.sink_type == second.spec.sink_type
                && !first.destination.is_empty()
                && normalized(&first.destination) == normalized(&second.destination)
        };
        let Some(first) = sinks[..index].iter().find(same) else { continue };
        let of_prefix = |(name, _): &&(String, String)| name.ends_with("_PREFIX");
        let options = second.options.printable();
        let variable = options.iter().find(of_prefix).or(options.first());
        let (variable, value) = variable.cloned().unwrap_or_default();
        let example = if variable.ends_with("_PREFIX") {
            format!("{variable}={}/", second.spec.name)
        } else {
            format!("{variable}={value}-{}", second.spec.name)
        };
        issues.push(ConfigIssue::SharedDestination {
            first: first.spec.name.clone(),
            second: second.spec.name.clone(),
            destination: second.destination.clone(),
            example,
        });
    }
}

/// A destination without repeated, trailing or `.` path segments, and whether it is an absolute
/// path.
fn normalized(destination: &str) -> (bool, Vec<&str>) {
    let parts = destination.split('/').filter(|part| !part.is_empty() && *part != ".");
    (destination.starts_with('/'), parts.collect())
}
