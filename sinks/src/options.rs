//! The options of one sink, as its user wrote them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use changefan_events::{Encoder, Format};

/// The options of one entry of `SINKS`.
///
/// A sink asks for each of its options once while it is built. What was asked for is what is allowed; whatever else was
/// given is a mistake. All mistakes are collected, so that a user meets them together.
#[derive(Debug)]
pub struct Options {
    prefix: String,
    given: BTreeMap<String, String>,
    resolved: Vec<(String, String)>,
    mistakes: Vec<Mistake>,
}

/// Something in the configuration that cannot be meant: what was found, what is allowed, an example.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Mistake(pub String);

impl Options {
    /// `given` holds the options by their names in upper case, without `prefix`.
    pub(crate) fn new(prefix: String, given: BTreeMap<String, String>) -> Self {
        Options { prefix, given, resolved: Vec::new(), mistakes: Vec::new() }
    }

    /// An option that must be given. `example` is shown to a user who did not.
    pub fn required(&mut self, name: &str, example: &str) -> String {
        let value = self.take(name);
        if value.is_none() {
            self.mistake(format!(
                "{0}{name} is missing: set it, for example {0}{name}={example}",
                self.prefix
            ));
        }
        self.resolve(name, value.unwrap_or_default())
    }

    /// An option with a default.
    pub fn text(&mut self, name: &str, default: &str) -> String {
        let value = self.take(name).unwrap_or_else(|| default.to_owned());
        self.resolve(name, value)
    }

    /// An option that may be missing.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        match self.take(name) {
            Some(value) => Some(self.resolve(name, value)),
            None => {
                self.resolve(name, "none".into());
                None
            }
        }
    }

    /// An option of some type with a default, which must be valid.
    pub fn parse<T>(&mut self, name: &str, default: &str) -> T
    where
        T: FromStr<Err: Display> + Default,
    {
        let text = self.text(name, default);
        text.parse().unwrap_or_else(|error| {
            self.mistake(format!(
                "{0}{name} is not valid: {error}; for example {0}{name}={default}",
                self.prefix
            ));
            T::default()
        })
    }

    /// The options `FORMAT` and `NUMBERS`, which every sink that writes JSON has.
    pub fn encoder(&mut self, default: Format) -> Encoder {
        let format = self.text("FORMAT", default.as_str());
        let format = format.parse().unwrap_or_else(|error| {
            self.mistake(format!(
                "{0}FORMAT is not valid: {error}; for example {0}FORMAT={1}",
                self.prefix,
                default.as_str()
            ));
            default
        });
        Encoder { format, numbers: self.parse("NUMBERS", "number") }
    }

    /// Reports a mistake that the sink has found itself. Name the option, what was found and what is expected.
    pub fn mistake(&mut self, text: impl Into<String>) {
        self.mistakes.push(Mistake(text.into()));
    }

    /// All options with their values, defaults included, and all mistakes, options that are unknown included.
    pub(crate) fn finish(mut self) -> (Vec<(String, String)>, Vec<Mistake>) {
        let allowed =
            || self.resolved.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        for name in self.given.into_keys() {
            let allowed = allowed();
            let text = format!(
                "{}{name} is no option of this sink: expected one of {allowed}",
                self.prefix
            );
            self.mistakes.push(Mistake(text));
        }
        (self.resolved, self.mistakes)
    }

    /// An empty value counts as none: Terraform and shells make it hard to leave a variable out.
    fn take(&mut self, name: &str) -> Option<String> {
        self.given.remove(name).filter(|value| !value.is_empty())
    }

    fn resolve(&mut self, name: &str, value: String) -> String {
        self.resolved.push(([&self.prefix, name].concat(), value.clone()));
        value
    }
}

/// `audit-log` has its options in `AUDIT_LOG_…`. Names are ASCII.
pub(crate) fn prefix(entry: &str) -> String {
    let upper = |letter: char| if letter == '-' { '_' } else { letter.to_ascii_uppercase() };
    entry.chars().map(upper).chain(['_']).collect()
}
