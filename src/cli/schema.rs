//! `changefan schema`: the sink types as JSON.

use serde_json::json;

use crate::Registry;

/// The registered sink types with their options and permissions, indented, with sorted members.
pub(super) fn schema(registry: &Registry) -> String {
    let sinks = json!({ "sinks": registry.types() });
    format!("{sinks:#}")
}
