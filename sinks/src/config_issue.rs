//! What can be wrong with the configuration.

use std::fmt;

use crate::BoxError;

/// One error in the configuration: what was found, what was expected, and an example.
///
/// All of them are reported together at startup.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigIssue {
    /// `SINKS` names a type that is not registered.
    #[error(
        "SINKS={sinks}: unknown sink type `{found}`, expected one of {}; for example SINKS=stdout",
        List(known)
    )]
    UnknownSinkType {
        /// The value of `SINKS`.
        sinks: String,
        /// The type that it names.
        found: String,
        /// The registered types.
        known: Vec<String>,
    },
    /// A sink's name cannot be the prefix of variables.
    #[error(
        "SINKS={sinks}: `{found}` is not a valid sink name, expected letters, digits, _ and -, \
         without the prefixes aws, changefan and lambda; for example SINKS=audit:s3"
    )]
    InvalidSinkName {
        /// The value of `SINKS`.
        sinks: String,
        /// The name.
        found: String,
    },
    /// Two sinks have the same name.
    #[error(
        "SINKS={sinks}: two sinks have the name `{name}`, expected distinct names; for example \
         SINKS={name},{name}2:{sink_type}"
    )]
    DuplicateSinkName {
        /// The value of `SINKS`.
        sinks: String,
        /// The name.
        name: String,
        /// The type of the second one.
        sink_type: String,
    },
    /// Two sinks write to the same destination.
    #[error(
        "sinks `{first}` and `{second}` share the destination {destination}, expected one sink per \
         destination; set another value, for example {example}"
    )]
    SharedDestination {
        /// The first sink's name.
        first: String,
        /// The second sink's name.
        second: String,
        /// What both write to.
        destination: String,
        /// A variable that separates them.
        example: String,
    },
    /// A required variable is not set.
    #[error("{variable} is not set; for example {variable}={example}")]
    Missing {
        /// The variable.
        variable: String,
        /// A valid value.
        example: String,
    },
    /// A variable has a value that is not valid.
    #[error(
        "{variable}={found} is not valid, expected {expected}; for example {variable}={example}"
    )]
    Invalid {
        /// The variable.
        variable: String,
        /// The value, or `(secret)`.
        found: String,
        /// The values that are valid.
        expected: String,
        /// A valid value.
        example: String,
    },
    /// A variable looks like a misspelt option.
    #[error(
        "{variable} is an unknown option, expected one of {}; did you mean {nearest}?",
        List(known)
    )]
    UnknownOption {
        /// The variable.
        variable: String,
        /// The option that resembles it most.
        nearest: String,
        /// All options of the sink.
        known: Vec<String>,
    },
    /// Options that exclude each other are set.
    #[error("{first} and {second} exclude each other: {reason}")]
    Conflict {
        /// One variable and its value.
        first: String,
        /// The other variable and its value.
        second: String,
        /// Why, and what to do.
        reason: String,
    },
    /// AWS sinks are configured and the environment has no credentials.
    #[error(
        "{user} needs AWS credentials and the environment has none, expected AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, which Lambda sets from the function's role"
    )]
    MissingCredentials {
        /// The sink or the quarantine that needs them.
        user: String,
    },
    /// A file that a variable names cannot be read.
    #[error("{variable}={path} is not a readable file")]
    UnreadableFile {
        /// The variable.
        variable: String,
        /// The path.
        path: String,
        /// What the system reported.
        source: BoxError,
    },
    /// A sink could not be built.
    #[error("cannot build the sink `{sink}`")]
    Build {
        /// The sink's name.
        sink: String,
        /// What the sink reported.
        source: BoxError,
    },
}

/// Words, comma-separated.
struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}
