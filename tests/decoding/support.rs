//! Samples, fixtures and short ways to look at what was decoded.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Once;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use changefan::{Batch, ChangeEvent, Encoder, Format};
use changefan_events::DecodeReason;

pub(crate) const LAYOUTS: [Format; 5] =
    [Format::Log, Format::DynamoDbJson, Format::Json, Format::Rows, Format::Debezium];

pub(crate) fn decode(payload: impl Into<Bytes>) -> Batch {
    Batch::decode(payload.into()).expect("a batch")
}

/// A batch of a mapping that holds these records.
pub(crate) fn decode_records(records: &[impl AsRef<str>]) -> Batch {
    let records: Vec<&str> = records.iter().map(AsRef::as_ref).collect();
    decode(format!(r#"{{"Records":[{}]}}"#, records.join(",")))
}

/// A record whose `dynamodb` member is this.
pub(crate) fn change(dynamodb: &str) -> String {
    format!(
        "{{\"eventID\":\"1\",\"eventName\":\"MODIFY\",\"eventSource\":\"aws:dynamodb\",\
         \"dynamodb\":{dynamodb}}}"
    )
}

/// A Kinesis record with this content.
pub(crate) fn kinesis(content: &str) -> String {
    let data = STANDARD.encode(content);
    format!(
        "{{\"eventID\":\"shard:1\",\"eventSource\":\"aws:kinesis\",\
         \"kinesis\":{{\"sequenceNumber\":\"1\",\"data\":\"{data}\"}}}}"
    )
}

/// What is wrong with the only record of a batch.
pub(crate) fn reason(batch: &Batch) -> &DecodeReason {
    assert_eq!((batch.events.len(), batch.undecodable.len()), (0, 1));
    &batch.undecodable[0].reason
}

pub(crate) fn line(event: &ChangeEvent, format: impl Into<Encoder>) -> String {
    let mut line = String::new();
    format.into().write(event, &mut line);
    line
}

/// The event's scalars in one line: what was done, id, table, region, sequence number, time and
/// actor.
pub(crate) fn summary(event: &ChangeEvent) -> String {
    let time = event.timestamp().map_or("-".to_owned(), |timestamp| timestamp.to_string());
    let [table, region, number] =
        [event.table(), event.region(), event.sequence_number()].map(|part| part.unwrap_or("-"));
    let (operation, id, actor) =
        (event.operation().as_str(), event.event_id(), event.actor().as_str());
    format!("{operation} {id} {table} {region} {number} {time} {actor}")
}

pub(crate) fn summaries(batch: &Batch) -> Vec<String> {
    batch.events.iter().map(summary).collect()
}

pub(crate) fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn sample(name: &str) -> String {
    read(&file("events/samples").join(name))
}

/// Name and text of every sample, in the order of their names.
pub(crate) fn samples() -> Vec<(String, String)> {
    json_files(&file("events/samples"))
}

/// A payload that only tests have a use for.
pub(crate) fn payload(name: &str) -> String {
    read(&file("tests/decoding/payloads").join(name))
}

/// Name and text of every public sample; `None` without `FIXTURES_DIR`.
pub(crate) fn fixtures() -> Option<Vec<(String, String)>> {
    fixtures_dir().map(|dir| json_files(&dir))
}

pub(crate) fn fixture(name: &str) -> Option<String> {
    fixtures_dir().map(|dir| read(&dir.join(name)))
}

/// The folder of public samples: payloads that AWS and others have published, which are not part of
/// the repository.
///
/// Without it, tests of them are skipped with a note.
pub(crate) fn fixtures_dir() -> Option<PathBuf> {
    static NOTE: Once = Once::new();
    let dir = std::env::var_os("FIXTURES_DIR").filter(|dir| !dir.is_empty());
    if dir.is_none() {
        NOTE.call_once(|| note("tests of public samples are skipped: FIXTURES_DIR is not set"));
    }
    dir.map(PathBuf::from)
}

/// Prints a note even if the test passes: the test harness captures what `eprintln!` prints.
fn note(text: &str) {
    // A closed standard error must not fail the test.
    let _ = writeln!(std::io::stderr(), "note: {text}");
}

fn json_files(dir: &Path) -> Vec<(String, String)> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), read(&dir.join(name)))).collect()
}
