//! The declaration of a sink type: everything that help, checks, the README and Terraform know
//! about it.

mod option;

use std::fmt;

use serde::Serialize;

pub(crate) use self::option::is_ascii_name;
pub use self::option::{OptionKind, OptionSpec};
use crate::{Aws, ConfigIssue, Options, Sink};

/// Builds a sink from validated options. It does no input or output: connections are opened on
/// first use.
pub type Build =
    Box<dyn Fn(&Options, &Aws) -> Result<Box<dyn Sink>, ConfigIssue> + Send + Sync + 'static>;

/// A sink type, declared beside its code.
///
/// ```
/// use changefan_sinks::{async_trait, Deadline, OptionSpec, Ordering, Outcome};
/// use changefan_sinks::{Registry, Sink, SinkType};
/// use changefan_events::ChangeEvent;
///
/// struct Journal(String);
///
/// #[async_trait]
/// impl Sink for Journal {
///     async fn deliver(&self, _: &[&ChangeEvent], _: Deadline) -> Outcome {
///         Outcome::delivered()
///     }
/// }
///
/// const OPTIONS: &[OptionSpec] =
///     &[OptionSpec::required("PATH", "/mnt/journal", "file to append to")];
///
/// let journal = SinkType::new("journal", |options, _aws| {
///     Ok(Box::new(Journal(options.text("PATH").into())))
/// })
/// .with_options(OPTIONS)
/// .with_ordering(Ordering::Total)
/// .with_destination("{path}");
/// let mut registry = Registry::default();
/// registry.register(journal);
/// ```
#[derive(Serialize)]
#[non_exhaustive]
pub struct SinkType {
    /// The name that `SINKS` uses.
    #[serde(skip)]
    pub name: &'static str,
    /// What arrives, in a few words.
    pub help: &'static str,
    /// The order that the sink keeps.
    pub ordering: Ordering,
    /// The batch size of an event source mapping that suits the sink, in records.
    pub recommended_batch_size: u32,
    /// The options.
    #[serde(serialize_with = "options_by_name")]
    pub options: &'static [OptionSpec],
    /// The IAM permissions that the sink needs.
    pub permissions: &'static [Permission],
    /// Identifies the destination, with options as `{name}`: two sinks with the same destination
    /// are refused. Empty if sinks may share a destination.
    #[serde(skip)]
    pub destination: &'static str,
    #[serde(skip)]
    pub(crate) build: Build,
    #[cfg(feature = "exports")]
    #[serde(skip)]
    pub(crate) exports: Option<fn(&Options, &Aws) -> crate::ExportStore>,
}

/// The order in which a sink delivers the events of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ordering {
    /// Events may arrive in any order.
    #[default]
    None,
    /// The changes of one item arrive in their order.
    PerKey,
    /// All events of a shard arrive in their order.
    Total,
}

/// IAM permissions on one resource.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct Permission {
    /// IAM actions.
    pub actions: &'static [&'static str],
    /// The ARN, with `{partition}`, `{region}`, `{account}` and the sink's options in lower case as
    /// `{name}`.
    pub resource: &'static str,
}

impl SinkType {
    /// A sink type without options, permissions or ordering, with a recommended batch size of 500.
    pub fn new<B>(name: &'static str, build: B) -> Self
    where
        B: Fn(&Options, &Aws) -> Result<Box<dyn Sink>, ConfigIssue> + Send + Sync + 'static,
    {
        Self {
            name,
            help: "",
            ordering: Ordering::None,
            recommended_batch_size: 500,
            options: &[],
            permissions: &[],
            destination: "",
            build: Box::new(build),
            #[cfg(feature = "exports")]
            exports: None,
        }
    }

    /// Describes what arrives, in a few words.
    #[must_use]
    pub fn with_help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// Declares the options.
    #[must_use]
    pub fn with_options(self, options: &'static [OptionSpec]) -> Self {
        Self { options, ..self }
    }

    /// Declares the order that the sink keeps.
    #[must_use]
    pub fn with_ordering(self, ordering: Ordering) -> Self {
        Self { ordering, ..self }
    }

    /// Declares the IAM permissions. A sink with permissions needs credentials.
    #[must_use]
    pub fn with_permissions(self, permissions: &'static [Permission]) -> Self {
        Self { permissions, ..self }
    }

    /// Declares the batch size that suits the sink, in records.
    #[must_use]
    pub fn with_recommended_batch_size(self, records: u32) -> Self {
        Self { recommended_batch_size: records, ..self }
    }

    /// Declares where table exports are kept: the sink is a lake.
    #[cfg(feature = "exports")]
    pub(crate) fn with_exports(self, exports: fn(&Options, &Aws) -> crate::ExportStore) -> Self {
        Self { exports: Some(exports), ..self }
    }

    /// Declares what identifies the destination, with options in lower case as `{name}`.
    #[must_use]
    pub fn with_destination(self, destination: &'static str) -> Self {
        Self { destination, ..self }
    }
}

impl fmt::Debug for SinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkType").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Permission {
    /// Permissions on one resource.
    pub const fn new(actions: &'static [&'static str], resource: &'static str) -> Self {
        Self { actions, resource }
    }
}

fn options_by_name<S: serde::Serializer>(
    options: &&'static [OptionSpec],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    // Sorted, as Terraform reads them in lower case.
    let by_name: std::collections::BTreeMap<_, _> =
        options.iter().map(|option| (option.name.to_lowercase(), option)).collect();
    serializer.collect_map(by_name)
}
