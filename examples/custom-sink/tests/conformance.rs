//! The sink passes the suite that every sink of changefan passes.

use std::collections::BTreeMap;
use std::sync::Arc;

use changefan::conformance::{self, Subject};
use changefan::{Aws, Sink};
use tempfile::TempDir;

struct Journal {
    folder: TempDir,
    sink: Arc<dyn Sink>,
}

impl Journal {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("changes.jsonl").display().to_string();
        let variables = BTreeMap::from([("JOURNAL_PATH".to_owned(), path)]);
        let sinks = journal::registry().build("journal", &variables, &Aws::new(Default::default()));
        let sink = Arc::clone(&sinks.expect("valid options")[0].sink);
        Self { folder, sink }
    }
}

impl Subject for Journal {
    fn sink(&self) -> &dyn Sink {
        &*self.sink
    }

    fn event_ids(&self) -> Vec<String> {
        let path = self.folder.path().join("changes.jsonl");
        let lines = std::fs::read_to_string(path).unwrap_or_default();
        let id = |line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
            line["event_id"].as_str().expect("an id").to_owned()
        };
        lines.lines().map(id).collect()
    }
}

#[tokio::test]
async fn journal_passes_the_conformance_suite() {
    conformance::check(Journal::new).await;
}
