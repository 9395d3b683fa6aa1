//! The environment variables, as `--help` describes them.

use std::fmt::Write as _;

use changefan_sinks::{OptionKind, OptionSpec, SinkType};

use crate::Registry;

/// The width of the column of variables.
const COLUMN: usize = 26;

/// Describes every variable that the registry's sinks and changefan itself read.
pub(super) fn environment(registry: &Registry) -> String {
    let types: Vec<_> = registry.types().keys().copied().collect();
    let mut text = String::from("Environment:\n");
    row(&mut text, "SINKS", "comma-separated entries TYPE or NAME:TYPE (default: stdout)");
    row(&mut text, "", &format!("types: {}", types.join(", ")));
    for sink_type in registry.types().values() {
        sink(&mut text, sink_type);
    }
    text.push('\n');
    for (variable, help) in GENERAL {
        row(&mut text, variable, help);
    }
    text.push_str(CLOSING);
    text
}

const GENERAL: [(&str, &str); 8] = [
    ("QUARANTINE", "s3://bucket/prefix or file:///folder for rejected records"),
    ("ALLOWED_SOURCES", "region:account:table or region:account:stream/name, comma-separated"),
    ("PARTIAL_BATCH_RESPONSE", "for the function only: false, true (default: false)"),
    ("CONNECT_AT_INIT", "for the function only: false, true (default: false)"),
    ("METRICS", "for the function only: basic, per_sink, none (default: basic)"),
    ("CHANGEFAN_LOG", "off, error, warn, info or debug (default here: off)"),
    ("AWS_PROFILE, AWS_REGION,", "and whatever else AWS's own tools read"),
    ("AWS_ENDPOINT_URL", ""),
];

const CLOSING: &str = "
Exit status: 0 done; 1 an event was not delivered or a destination is not usable; 2 invalid \
arguments or environment

Example:
  SINKS=stdout,file FILE_DIR=/tmp/changes changefan replay events/samples/orders.json";

fn sink(text: &mut String, sink_type: &SinkType) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n  {}: {}", sink_type.name, sink_type.help);
    let prefix = sink_type.name.to_uppercase();
    for option in sink_type.options {
        row(text, &format!("{prefix}_{}", option.name), &description(option));
    }
    if sink_type.options.is_empty() {
        row(text, "", "no options");
    }
}

fn description(option: &OptionSpec) -> String {
    let mut text = option.help.to_owned();
    match option.kind {
        OptionKind::Choice { allowed } => {
            let _ = write!(text, ": {}", allowed.join(", "));
        }
        OptionKind::Number { min, max } => {
            let _ = write!(text, ": {min} to {max}");
        }
        _ => {}
    }
    match option.default {
        Some(default) => {
            let _ = write!(text, " (default: {default})");
        }
        None if option.required => text.push_str(" (required)"),
        None => {}
    }
    text
}

fn row(text: &mut String, variable: &str, help: &str) {
    let _ = writeln!(text, "{}", format!("  {variable:COLUMN$} {help}").trim_end());
}
