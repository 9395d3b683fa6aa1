//! The sinks that receive an export.

use std::sync::Arc;

use changefan_sinks::{ExportStore, NamedSink, Sink};

/// A sink that receives an export.
#[derive(Clone)]
pub(super) struct Target {
    pub name: String,
    pub receiver: Receiver,
}

#[derive(Clone)]
pub(super) enum Receiver {
    /// It keeps exports as objects, by which an interrupted backfill continues.
    Lake(ExportStore),
    /// It receives events and does not say later what it has received.
    Stream(Arc<dyn Sink>),
}

/// Sinks that cannot receive an export.
#[derive(Debug, thiserror::Error)]
pub(super) enum TargetError {
    #[error(
        "none of the sinks is a lake, found {found}: set SINKS to an s3 or file sink, or name \
         others with --sink"
    )]
    NoLake { found: String },
    #[error("SINKS has no sink `{name}`, expected one of {known}")]
    Unknown { name: String, known: String },
    #[error(
        "sink {sink} writes {found}, and rows of an export exist in rows and json only: set \
         {variable}=json"
    )]
    Format { sink: String, variable: String, found: String },
}

/// The sinks with these names, or else every lake.
pub(super) fn select(sinks: &[NamedSink], names: &[String]) -> Result<Vec<Target>, TargetError> {
    let all = || sinks.iter().map(|sink| sink.spec.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut selected: Vec<&NamedSink> = Vec::new();
    for name in names {
        let sink = sinks.iter().find(|sink| sink.spec.name == *name);
        let unknown = || TargetError::Unknown { name: name.clone(), known: all() };
        let sink = sink.ok_or_else(unknown)?;
        if !selected.iter().any(|other| other.spec == sink.spec) {
            selected.push(sink);
        }
    }
    if names.is_empty() {
        selected.extend(sinks.iter().filter(|sink| sink.exports.is_some()));
    }
    if selected.is_empty() {
        return Err(TargetError::NoLake { found: all() });
    }
    selected.into_iter().map(target).collect()
}

fn target(sink: &NamedSink) -> Result<Target, TargetError> {
    let mut options = sink.options.printable().into_iter();
    let format = options.find(|(variable, _)| variable.ends_with("_FORMAT"));
    if let Some((variable, found)) = format
        && !matches!(found.as_str(), "rows" | "json")
    {
        let sink = sink.spec.name.clone();
        return Err(TargetError::Format { sink, variable, found });
    }
    let receiver = match &sink.exports {
        Some(exports) => Receiver::Lake(exports.clone()),
        None => Receiver::Stream(Arc::clone(&sink.sink)),
    };
    Ok(Target { name: sink.spec.name.clone(), receiver })
}
