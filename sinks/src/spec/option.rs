//! The declaration of one option of a sink type.

use serde::Serialize;

/// One option of a sink type.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct OptionSpec {
    /// The name in upper case, without the prefix of the sink's name.
    #[serde(skip)]
    pub name: &'static str,
    /// The values that it takes.
    #[serde(flatten, serialize_with = "kind_members")]
    pub kind: OptionKind,
    /// Whether it must be set.
    pub required: bool,
    /// The value if it is not set.
    pub default: Option<&'static str>,
    /// Whether its value must not be printed.
    pub secret: bool,
    /// A valid value.
    pub example: &'static str,
    /// What it sets, in a few words.
    pub help: &'static str,
}

/// The values that an option takes.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum OptionKind {
    /// Any text.
    Text,
    /// Text that passes a check.
    Checked {
        /// What the check accepts.
        expected: &'static str,
        /// The check.
        is_valid: fn(&str) -> bool,
    },
    /// One of these words.
    Choice {
        /// The words.
        allowed: &'static [&'static str],
    },
    /// A whole number.
    Number {
        /// The smallest.
        min: usize,
        /// The largest.
        max: usize,
    },
}

impl OptionSpec {
    /// An option that must be set.
    pub const fn required(name: &'static str, example: &'static str, help: &'static str) -> Self {
        let kind = OptionKind::Text;
        Self { name, kind, required: true, default: None, secret: false, example, help }
    }

    /// An option that may be absent.
    pub const fn optional(name: &'static str, example: &'static str, help: &'static str) -> Self {
        Self { required: false, ..Self::required(name, example, help) }
    }

    /// An option with a default, which is also the example.
    pub const fn with_default(
        name: &'static str,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self { default: Some(default), ..Self::optional(name, default, help) }
    }

    /// Replaces the example.
    #[must_use]
    pub const fn with_example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    /// Restricts the values to those that pass a check. `expected` states them in an error.
    #[must_use]
    pub const fn checked(self, expected: &'static str, is_valid: fn(&str) -> bool) -> Self {
        Self { kind: OptionKind::Checked { expected, is_valid }, ..self }
    }

    /// Restricts the values to these words.
    #[must_use]
    pub const fn one_of(self, allowed: &'static [&'static str]) -> Self {
        Self { kind: OptionKind::Choice { allowed }, ..self }
    }

    /// Restricts the values to whole numbers of a range.
    #[must_use]
    pub const fn number(self, min: usize, max: usize) -> Self {
        Self { kind: OptionKind::Number { min, max }, ..self }
    }

    /// Marks the value as a secret, which is never printed.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The option `FORMAT`, with the default of the sink.
    pub const fn format(default: &'static str) -> Self {
        Self::with_default("FORMAT", default, "format").one_of(FORMATS)
    }

    /// The option `NUMBERS`: how `json` and `debezium` write numbers. It is not allowed with
    /// `rows`.
    pub const NUMBERS: Self =
        Self::with_default("NUMBERS", "number", "numbers in json and debezium")
            .one_of(&["number", "string"])
            .with_example("string");
}

/// Whether a text has at most this many bytes, all of them letters, digits or these characters.
pub(crate) fn is_ascii_name(text: &str, longest: usize, others: &[u8]) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
    text.len() <= longest && text.bytes().all(is_allowed)
}

/// The names of all formats.
const FORMATS: &[&str] = &["log", "dynamodb-json", "json", "rows", "debezium"];

/// Options of every kind have the same members.
fn kind_members<S: serde::Serializer>(kind: &OptionKind, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Members {
        kind: &'static str,
        allowed: Option<&'static [&'static str]>,
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<usize>,
    }
    let text = Members { kind: "text", allowed: None, min: None, max: None };
    let members = match *kind {
        OptionKind::Text | OptionKind::Checked { .. } => text,
        OptionKind::Choice { allowed } => {
            Members { kind: "choice", allowed: Some(allowed), ..text }
        }
        OptionKind::Number { min, max } => {
            Members { kind: "number", min: Some(min), max: Some(max), ..text }
        }
    };
    members.serialize(serializer)
}
