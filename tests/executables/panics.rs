//! A custom sink that panics.

use changefan::{ChangeEvent, Deadline, Outcome, Registry, Sink, SinkType};

use super::function::{in_lambda, start};
use super::records::*;
use super::replies::success;
use changefan_fake_lambda::Answer;

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
fn panic_fails_its_invocation_only() {
    let mut command = in_lambda(std::env::current_exe().unwrap());
    command.args(["executables::panics::function", "--exact", "--ignored", "--nocapture"]);
    let function = start(command, &[("SINKS", "fragile"), ("PARTIAL_BATCH_RESPONSE", "true")]);
    assert_eq!(function.invoke(batch([change(1)])), success());
    let message = "Lambda panicked: assertion `left != right` failed: two changes at once\n  \
                   left: 2\n right: 2";
    let Answer::Error(error) = function.invoke(batch([change(2), change(3)])) else {
        panic!("expected an error")
    };
    assert_eq!(error["errorMessage"], message);
    assert_eq!(function.invoke(batch([change(4)])), success());
    // The message may hold the contents of a record; the line has the location.
    let line = function.stop().stderr;
    let line = line.lines().find(|line| line.contains("\"panic\"")).expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!((&line["level"], &line["version"]), (&"ERROR".into(), &"$LATEST".into()));
    assert_eq!(line["requestId"], "00000000-0000-4000-8000-000000000001");
    let location = line["location"].as_str().expect("a location");
    assert!(location.starts_with("tests/executables/panics.rs:"), "{location}");
}
