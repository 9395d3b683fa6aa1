//! Every sample in every format, byte for byte. `UPDATE_GOLDEN=1 cargo test golden` rewrites the
//! files: review the difference, line by line, before committing it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use changefan::{Encoder, Format};

use super::support::{LAYOUTS, decode, file, line, read, samples};

#[test]
fn samples_equal_their_golden_files() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut differences = Vec::new();
    for (name, payload) in samples() {
        for format in LAYOUTS {
            let (path, found) = (golden_file(&name, format), lines(&payload, format));
            if update {
                fs::write(&path, &found).unwrap();
            }
            differences.extend(
                difference(&read(&path), &found).map(|what| format!("{}: {what}", path.display())),
            );
        }
    }
    assert!(
        differences.is_empty(),
        "{}\n(UPDATE_GOLDEN=1 writes the new text)",
        differences.join("\n")
    );
}

#[test]
fn golden_files_match_samples_and_formats() {
    let expected: BTreeSet<PathBuf> = samples()
        .iter()
        .flat_map(|(name, _)| LAYOUTS.map(|format| golden_file(name, format)))
        .collect();
    let found = fs::read_dir(file("tests/decoding/golden"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(expected, found);
}

fn golden_file(sample: &str, format: Format) -> PathBuf {
    let name = sample.trim_end_matches(".json");
    file("tests/decoding/golden").join(format!("{name}.{}.jsonl", format.as_str()))
}

fn lines(payload: &str, format: Format) -> String {
    let events = decode(payload.to_owned()).events;
    events.iter().map(|event| line(event, Encoder::from(format)) + "\n").collect()
}

/// A readable description of the first line that differs.
fn difference(expected: &str, found: &str) -> Option<String> {
    if expected == found {
        return None;
    }
    let (mut expected_lines, mut found_lines) = (expected.lines(), found.lines());
    for number in 1.. {
        match (expected_lines.next(), found_lines.next()) {
            (None, None) => return Some("the line breaks differ".to_owned()),
            (expected, found) if expected == found => {}
            (expected, found) => {
                let [expected, found] =
                    [expected, found].map(|line| line.unwrap_or("no such line"));
                let same = expected
                    .bytes()
                    .zip(found.bytes())
                    .take_while(|(expected, found)| expected == found)
                    .count();
                return Some(format!(
                    "line {number}, byte {same}:\n  expected {expected}\n  found    {found}"
                ));
            }
        }
    }
    None
}

#[test]
fn difference_has_line_and_byte() {
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(
        difference("a\nbcd\n", "a\nbxd\n").unwrap(),
        "line 2, byte 1:\n  expected bcd\n  found    bxd"
    );
    assert_eq!(
        difference("a\n", "").unwrap(),
        "line 1, byte 0:\n  expected a\n  found    no such line"
    );
    assert_eq!(difference("a\n", "a").unwrap(), "the line breaks differ");
}
