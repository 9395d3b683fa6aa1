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
    assert_eq!(printed, serde_json::from_str::<Value>(&committed).expect("JSON"));
    assert_eq!(finished.stdout, committed);
}

#[test]
fn schema_does_not_read_the_environment() {
    let finished = changefan(&["schema"], &[("SINKS", "kafka")]);
    assert_eq!(finished, changefan(&["schema"], &[]));
}
