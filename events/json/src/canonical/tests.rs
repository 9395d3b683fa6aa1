//! Canonical text beside that of maps and of serde_json.

mod value;

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use self::value::{OTHER, SET, Value, objects, quote, records};
use super::*;

fn describe(kind: u8) -> &'static str {
    if kind == SET { "set" } else { "other" }
}

/// What is written of objects in one text, as these versions in turn, and of their labels.
fn written(
    text: &str,
    labels: &[Label],
    starts: &[usize],
    versions: &[Version],
    scratch: &mut Scratch,
) -> Vec<[String; 2]> {
    let mut canonical = Canonical::new(text, labels, |kind| kind == SET, scratch);
    let mut out = Output::new();
    let mut ends = Vec::new();
    let mut labelled = Vec::new();
    for (&start, &version) in starts.iter().zip(versions.iter().cycle()) {
        labelled.push(canonical.write_in_string(start, version, &mut out));
        ends.push(out.len());
    }
    for labelled in &labelled {
        canonical.write_labels_in_string(labelled, describe, &mut out);
        ends.push(out.len());
    }
    let out = out.into_text().unwrap();
    let part = |index: usize| {
        let start = if index == 0 { 0 } else { ends[index - 1] };
        serde_json::from_str::<String>(&format!("\"{}\"", &out[start..ends[index]])).unwrap()
    };
    (0..starts.len()).map(|index| [part(index), part(starts.len() + index)]).collect()
}

fn expected(object: &Value) -> [String; 2] {
    let mut pointers = BTreeMap::new();
    let text = object.canonical("", &mut pointers);
    let pointers: Vec<String> = pointers
        .iter()
        .map(|(pointer, kind)| format!("{}:\"{}\"", quote(pointer, false), describe(*kind)))
        .collect();
    [text, pointers.join(",")]
}

const VERSIONS: [Version; 3] = [Version::Old, Version::New, Version::Only];

proptest! {
    #[test]
    fn objects_are_canonical(
        (old, new) in objects(),
        escape: bool,
        space in prop_oneof![Just(""), Just(" "), Just("\n\t ")],
        ending in prop_oneof![Just(0_usize), Just(100)],
    ) {
        let (mut text, mut labels) = (String::new(), Vec::new());
        let mut starts = Vec::new();
        for object in [&old, &new, &old] {
            starts.push(text.len());
            object.write(escape, space, &mut text, &mut labels);
        }
        text.push_str(&"x".repeat(ending));
        let mut scratch = Scratch::default();
        for order in [[0, 1, 2], [1, 0, 0]] {
            let starts = order.map(|at| starts[at]);
            let found = written(&text, &labels, &starts, &VERSIONS, &mut scratch);
            let objects = order.map(|at| expected([&old, &new, &old][at]));
            prop_assert_eq!(found, objects.to_vec());
        }
    }

    /// More shapes than are known at a time.
    #[test]
    fn records_are_canonical(records in vec(records(), 1..30), ending in 0_usize..200) {
        let (mut text, mut labels) = (String::new(), Vec::new());
        let mut starts = Vec::new();
        let versions: Vec<&Value> = records.iter().flatten().collect();
        for version in &versions {
            starts.push(text.len());
            version.write(false, "", &mut text, &mut labels);
        }
        text.push_str(&"x".repeat(ending));
        let mut scratch = Scratch::default();
        let found = written(&text, &labels, &starts, &VERSIONS[..2], &mut scratch);
        let expected: Vec<_> = versions.into_iter().map(expected).collect();
        prop_assert_eq!(found, expected);
    }
}

/// The new version is the same as the old one, and begins as an object of another shape does.
#[test]
fn new_version_has_the_order_of_its_own_names() {
    let [old, other] = [r#"{"id":"a","n":1}"#, r#"{"id":"a","b":1}"#];
    let text = [old, other, old].concat() + &" ".repeat(64);
    let [first, second, third] = [0, old.len(), old.len() + other.len()];
    let mut scratch = Scratch::default();
    for new in [second, second, third] {
        let found = written(&text, &[], &[first, new], &VERSIONS, &mut scratch);
        let expected = if new == third { old } else { r#"{"b":1,"id":"a"}"# };
        assert_eq!([&found[0][0], &found[1][0]], [old, expected]);
    }
}

/// The text of the new version is the same, but an array of the old one is a set now, and a string
/// has lost its label.
#[test]
fn new_version_has_its_own_labels() {
    let object = r#"{"a":1,"s":"7","l":["c","b"],"z":"end"}"#;
    let text = object.repeat(3) + &" ".repeat(64);
    let at = |object_at: usize, value: &str| (object_at + object.find(value).unwrap()) as u32;
    let [old, new] = [object.len(), 2 * object.len()];
    let labels =
        [Label { at: at(old, "\"7"), kind: OTHER }, Label { at: at(new, "[\"c"), kind: SET }];
    let mut scratch = Scratch::default();
    // The first one teaches the shape.
    written(&text, &labels, &[0], &VERSIONS, &mut scratch);
    let found = written(&text, &labels, &[old, new], &VERSIONS, &mut scratch);
    let expected = [
        [r#"{"a":1,"l":["c","b"],"s":"7","z":"end"}"#, r#""/s":"other""#],
        [r#"{"a":1,"l":["b","c"],"s":"7","z":"end"}"#, r#""/l":"set""#],
    ];
    assert_eq!(found, expected);
}

/// Each object of this one is tried with the shape of another. Without a limit the innermost one
/// would be read two to the power of their number times.
#[test]
fn nested_objects_of_other_shapes_are_read_a_few_times() {
    let like = r#"{"a":1,"b":2}"#;
    let nested = format!("{}1{}", r#"{"a":"#.repeat(60), r#","c":2}"#.repeat(60));
    let text = format!("{like}{nested}");
    let mut scratch = Scratch::default();
    let [[like_written, _], [nested_written, _]] =
        &written(&text, &[], &[0, like.len()], &VERSIONS, &mut scratch)[..]
    else {
        panic!("two objects are written")
    };
    assert_eq!([like_written, nested_written], [like, &nested]);
}
