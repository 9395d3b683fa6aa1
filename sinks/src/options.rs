//! The options of one sink, validated against its declaration.

use std::collections::BTreeMap;

use changefan_events::{Encoder, Format, Numbers};

use crate::spec::{OptionKind, OptionSpec};
use crate::{ConfigIssue, SinkType};

/// The validated options of one entry of `SINKS`.
///
/// Values are looked up by the names that the [`SinkType`] declares.
///
/// ```
/// # use changefan_sinks::Options;
/// fn folder(options: &Options) -> String {
///     options.text("DIR").to_owned() // declared as required
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    prefix: String,
    specs: &'static [OptionSpec],
    values: BTreeMap<&'static str, String>,
}

impl Options {
    /// Validates variables, by their names without `prefix`, and adds every issue to `issues`.
    pub(crate) fn new(
        sink_type: &SinkType,
        prefix: String,
        mut given: BTreeMap<String, String>,
        issues: &mut Vec<ConfigIssue>,
    ) -> Self {
        let mut options = Self { prefix, specs: sink_type.options, values: BTreeMap::new() };
        let numbers = given.get(NUMBERS).filter(|value| !value.is_empty()).cloned();
        for spec in sink_type.options {
            // An empty value counts as absent: Terraform and shells make it hard to omit a
            // variable.
            let value = given.remove(spec.name).filter(|value| !value.is_empty());
            match value.or_else(|| spec.default.map(str::to_owned)) {
                Some(value) => options.insert(spec, value, issues),
                None if spec.required => issues.push(ConfigIssue::Missing {
                    variable: options.variable(spec.name),
                    example: spec.example.to_owned(),
                }),
                None => {}
            }
        }
        issues.extend(given.keys().filter_map(|name| options.misspelt(name)));
        options.check_numbers(numbers, issues);
        options
    }

    /// The value of an option that is required or has a default.
    ///
    /// # Panics
    ///
    /// If the sink type declares the option neither as required nor with a default.
    pub fn text(&self, name: &str) -> &str {
        self.optional(name)
            .unwrap_or_else(|| panic!("option {name} is neither required nor has a default"))
    }

    /// The value of an option; `None` if it is not set and has no default.
    ///
    /// # Panics
    ///
    /// If the sink type does not declare the option.
    pub fn optional(&self, name: &str) -> Option<&str> {
        assert!(self.specs.iter().any(|spec| spec.name == name), "option {name} is not declared");
        self.values.get(name).map(String::as_str)
    }

    /// The value of an option that is declared as a number.
    ///
    /// # Panics
    ///
    /// If the sink type does not declare the option as a number.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.optional(name).map(|value| value.parse().expect("declared as a number and validated"))
    }

    /// The encoder that the options `FORMAT` and `NUMBERS` select.
    ///
    /// # Panics
    ///
    /// If the sink type does not declare both options.
    pub fn encoder(&self) -> Encoder {
        let format: Format = self.text("FORMAT").parse().expect("a declared format");
        let numbers = match self.optional("NUMBERS") {
            Some("string") => Numbers::String,
            _ => Numbers::Number,
        };
        Encoder { format, numbers }
    }

    /// The name of the variable that sets an option.
    pub fn variable(&self, name: &str) -> String {
        [&self.prefix, name].concat()
    }

    /// Every option that has a value, by its variable, in the order of the declaration. Secrets are
    /// masked.
    pub fn printable(&self) -> Vec<(String, String)> {
        let value = |spec: &OptionSpec| {
            let value = self.values.get(spec.name)?;
            Some(if spec.secret { "(secret)".to_owned() } else { value.clone() })
        };
        let printable = |spec| Some((self.variable(spec_name(spec)), value(spec)?));
        self.specs.iter().filter_map(printable).collect()
    }

    /// A template with the options as `{name}`, in lower case.
    pub(crate) fn fill(&self, template: &str) -> String {
        let mut parts = template.split('{');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            let is_named = |(option, _): &(&&str, &String)| option.eq_ignore_ascii_case(name);
            filled.extend(self.values.iter().find(is_named).map(|(_, value)| value.as_str()));
            filled.push_str(rest);
        }
        filled
    }

    fn insert(&mut self, spec: &OptionSpec, value: String, issues: &mut Vec<ConfigIssue>) {
        if let Some(expected) = mismatch(spec.kind, &value) {
            issues.push(ConfigIssue::Invalid {
                variable: self.variable(spec.name),
                found: if spec.secret { "(secret)".to_owned() } else { value.clone() },
                expected,
                example: spec.example.to_owned(),
            });
        }
        self.values.insert(spec.name, value);
    }

    /// A variable that resembles an option. Any other variable belongs to something else.
    fn misspelt(&self, name: &str) -> Option<ConfigIssue> {
        let distance = |spec: &&OptionSpec| strsim::osa_distance(spec.name, name);
        let nearest = self.specs.iter().min_by_key(distance)?;
        let close = nearest.name.len().min(name.len()).div_ceil(4).min(2);
        (distance(&nearest) <= close).then(|| ConfigIssue::UnknownOption {
            variable: self.variable(name),
            nearest: self.variable(nearest.name),
            known: self.specs.iter().map(|spec| self.variable(spec.name)).collect(),
        })
    }

    /// `rows` defines how numbers are written.
    fn check_numbers(&mut self, given: Option<String>, issues: &mut Vec<ConfigIssue>) {
        if self.values.get("FORMAT").is_none_or(|format| format != "rows") {
            return;
        }
        self.values.remove(NUMBERS);
        if let Some(numbers) = given {
            issues.push(ConfigIssue::Conflict {
                first: format!("{}=rows", self.variable("FORMAT")),
                second: format!("{}={numbers}", self.variable(NUMBERS)),
                reason: "rows keeps every digit; unset the second".to_owned(),
            });
        }
    }
}

const NUMBERS: &str = OptionSpec::NUMBERS.name;

fn spec_name(spec: &OptionSpec) -> &'static str {
    spec.name
}

/// What was expected if a value does not fit.
fn mismatch(kind: OptionKind, value: &str) -> Option<String> {
    match kind {
        OptionKind::Checked { expected, is_valid } if !is_valid(value) => Some(expected.to_owned()),
        OptionKind::Choice { allowed } if !allowed.contains(&value) => {
            Some(format!("one of {}", allowed.join(", ")))
        }
        OptionKind::Number { min, max }
            if !value.parse().is_ok_and(|number: usize| (min..=max).contains(&number)) =>
        {
            Some(format!("a whole number from {min} to {max}"))
        }
        _ => None,
    }
}

/// The prefix of a sink's variables: `audit-log` has its options in `AUDIT_LOG_…`. Names are ASCII.
pub(crate) fn prefix(name: &str) -> String {
    let upper = |letter: char| if letter == '-' { '_' } else { letter.to_ascii_uppercase() };
    name.chars().map(upper).chain(['_']).collect()
}
