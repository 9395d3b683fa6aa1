//! A custom sink that panics.

use changefan::{ChangeEvent, Deadline, Outcome, Registry, Sink, SinkType};

use super::folder::Folder;
use super::function::{in_lambda, start};
use super::log_lines::lines as lines_of;
use super::records::*;
use super::replies::{failed_from, success};

/// Panics for two changes.
struct Fragile;

#[async_trait::async_trait]
impl Sink for Fragile {
    async fn deliver(&self, events: &[&ChangeEvent], _: Deadline) -> Outcome {
        assert_ne!(events.len(), 2, "two changes at once");
        Outcome::delivered()
    }
}

#[test]
#[ignore = "a function that the other test starts as a process"]
fn function() {
    let mut registry = Registry::default();
    registry.register(SinkType::new("fragile", |_, _| Ok(Box::new(Fragile))));
    changefan::run(registry).unwrap();
}

#[test]
fn panic_fails_its_sink_only() {
    let folder = Folder::new();
    let mut command = in_lambda(std::env::current_exe().unwrap());
    command.args(["executables::panics::function", "--exact", "--ignored", "--nocapture"]);
    let function = start(
        command,
        &[
            ("SINKS", "fragile,file"),
            ("FILE_DIR", &folder.path("lake")),
            ("FILE_FORMAT", "dynamodb-json"),
            ("PARTIAL_BATCH_RESPONSE", "true"),
        ],
    );
    assert_eq!(function.invoke(batch([change(1)])), success());
    let both = batch([change(2), change(3)]);
    assert_eq!(function.invoke(both.clone()), failed_from(&sequence_number(2)));
    assert_eq!(function.invoke(batch([change(2)])), success());
    let stderr = function.stop().stderr;
    let mut lines = folder.all_lines("lake");
    lines.sort_by_key(|line| line["dynamodb"]["SequenceNumber"].to_string());
    assert_eq!(lines, [change(1), change(2), change(3)]);
    // The message may hold the contents of a record; the line has the location.
    assert!(!stderr.contains("two changes at once"), "{stderr}");
    let line = lines_of(&stderr).into_iter().find(|line| line["message"] == "panic");
    let line = line.expect("a line");
    assert_eq!((&line["level"], &line["version"]), (&"ERROR".into(), &"$LATEST".into()));
    assert_eq!(line["requestId"], "00000000-0000-4000-8000-000000000001");
    let location = line["location"].as_str().expect("a location");
    assert!(location.starts_with("tests/executables/panics.rs:"), "{location}");
}
