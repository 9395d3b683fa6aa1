//! `changefan schema`.

use serde_json::Value;

use super::command_line::{changefan, succeeded};
use crate::decoding::support::{file, read};

/// The Terraform module reads the committed file.
#[test]
fn schema_is_what_the_terraform_module_reads() {
    let finished = changefan(&["schema"], &[]);
    assert_eq!(finished, succeeded(finished.stdout.clone(), ""));
    let printed: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let committed = read(&file("terraform/sinks.json"));
    let mut known: Value = serde_json::from_str(&committed).expect("JSON");
    let sinks = known["sinks"].as_object_mut().expect("sinks");
    sinks.retain(|name, _| printed["sinks"].get(name).is_some());
    assert_eq!(printed, known);
    assert_eq!(finished.stdout, format!("{printed:#}\n"));
}

#[test]
fn schema_does_not_read_the_environment() {
    let finished = changefan(&["schema"], &[("SINKS", "kafka")]);
    assert_eq!(finished, changefan(&["schema"], &[]));
}
