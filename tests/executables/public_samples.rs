//! Every sample, and every public one if `FIXTURES_DIR` is set, through both executables: the lines
//! of `json` are those of the library, whose values other tests compare with each sample.

use changefan::{Batch, Encoder, Format};

use crate::decoding::snapshots;
use crate::decoding::support::{fixtures, samples};

use super::command_line::changefan;
use super::folder::Folder;
use super::function::start_function;
use changefan_fake_lambda::Answer;

/// All payloads by the file that they come from: most files are one payload, recorded snapshots
/// hold many.
fn payloads() -> Vec<(String, String)> {
    let public = fixtures().unwrap_or_default().into_iter().flat_map(|(name, text)| {
        let inside =
            if name.contains("snapshot") { snapshots::payloads(&text) } else { vec![text] };
        inside.into_iter().map(move |payload| (name.clone(), payload)).collect::<Vec<_>>()
    });
    samples().into_iter().chain(public).collect()
}

/// The expected lines, and whether every record is decoded.
fn decoded(payload: &str) -> (String, bool) {
    let Ok(batch) = Batch::decode(payload.to_owned().into()) else { return (String::new(), false) };
    let mut lines = String::new();
    for event in &batch.events {
        Encoder::from(Format::Json).write(event, &mut lines);
        lines.push('\n');
    }
    (lines, batch.undecodable.is_empty())
}

const JSON: [(&str, &str); 2] = [("SINKS", "stdout"), ("STDOUT_FORMAT", "json")];

#[test]
fn replay_writes_what_the_library_decodes() {
    let folder = Folder::new();
    for (name, payload) in payloads() {
        let finished = changefan(&["replay", &folder.file("payload.json", &payload)], &JSON);
        let (lines, sound) = decoded(&payload);
        assert_eq!(
            (finished.stdout, finished.status == 0),
            (lines, sound),
            "{name}: {}",
            finished.stderr
        );
    }
}

#[test]
fn function_writes_what_the_library_decodes() {
    let function = start_function(&JSON);
    let mut expected = String::new();
    for (name, payload) in payloads() {
        let (lines, sound) = decoded(&payload);
        expected.push_str(&lines);
        assert_eq!(
            matches!(function.invoke(payload.as_str()), Answer::Response(_)),
            sound,
            "{name}"
        );
    }
    assert_eq!(function.stop().stdout, expected);
}
