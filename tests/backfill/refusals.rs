//! Exports that are not read, and exports that are not closed.

use std::fs;

use serde_json::json;

use super::export::{ARN, Export, item, line, orders, summary};
use super::folders::Place;
use super::lake::{closed, in_folder, names};

/// Runs a backfill that fails. Returns the message.
fn refused(place: &Place, arguments: &[&str]) -> String {
    let finished = place.backfill(arguments, &[]);
    assert_eq!(finished.status, 1, "{}", finished.stderr);
    let (message, next) = finished.stderr.split_once('\n').expect("two lines");
    assert!(next.ends_with(" is not complete: run the same command again to continue\n"), "{next}");
    message.to_owned()
}

fn with_summary(change: impl Fn(&mut serde_json::Value)) -> Place {
    let mut export = orders(&[3]);
    let mut summary = summary(3);
    change(&mut summary);
    export.set_summary(&summary);
    Place::new(&export)
}

#[test]
fn ion_is_refused() {
    let place = with_summary(|summary| summary["outputFormat"] = json!("ION"));
    let expected = "error: the export is in format ION, expected DYNAMODB_JSON: export the table \
                    again with --export-format DYNAMODB_JSON";
    assert_eq!(refused(&place, &[]), expected);
}

#[test]
fn incremental_export_is_refused() {
    let place = with_summary(|summary| summary["exportType"] = json!("INCREMENTAL_EXPORT"));
    let message = refused(&place, &[]);
    assert!(message.starts_with("error: the export is incremental: "), "{message}");
    assert!(message.contains("--export-type FULL_EXPORT"), "{message}");
}

#[test]
fn unfinished_export_is_refused() {
    let mut export = orders(&[3]);
    export.files.remove("manifest-summary.json");
    let message = refused(&Place::new(&export), &[]);
    assert!(
        message.contains("manifest-summary.json does not exist: expected the folder"),
        "{message}"
    );
    assert!(message.contains("unfinished or has failed"), "{message}");
}

#[test]
fn arn_of_another_thing_is_refused() {
    let place = with_summary(|summary| {
        summary["exportArn"] = json!(ARN.replace("/export/", "/backup/"));
        summary["manifestFilesS3Key"] = json!(null);
    });
    let message = refused(&place, &[]);
    assert!(message.contains("expected an ARN such as arn:aws:dynamodb:"), "{message}");
}

#[test]
fn manifest_that_was_altered_is_refused() {
    let mut export = orders(&[3]);
    export.files.get_mut("manifest-files.json").expect("a manifest").push(b'\n');
    let message = refused(&Place::new(&export), &[]);
    assert!(message.contains("manifest-files.json has MD5 "), "{message}");
}

#[test]
fn manifests_that_disagree_are_refused() {
    let place = with_summary(|summary| summary["itemCount"] = json!(4));
    let expected = "error: the manifests disagree: 4 items according to manifest-summary.json, 3 \
                    in the files";
    assert_eq!(refused(&place, &[]), expected);
}

#[test]
fn missing_data_file_is_named_before_anything_is_written() {
    let mut export = orders(&[3, 2]);
    export.files.remove(&format!("data/{:026}.json.gz", 1));
    let place = Place::new(&export);
    let message = refused(&place, &[]);
    assert!(message.contains("00001.json.gz is missing"), "{message}");
    assert!(!place.lake().exists());
}

#[test]
fn altered_data_file_leaves_the_export_open() {
    let place = Place::new(&orders(&[3, 2]));
    let data = place.source().join(format!("data/{:026}.json.gz", 0));
    fs::write(&data, super::export::gzip(&format!("{}\n", line(&item(0))).repeat(3))).unwrap();
    let message = refused(&place, &["--workers", "1"]);
    assert!(message.contains(".json.gz has MD5 "), "{message}");
    assert!(!in_folder(&place.lake()).keys().any(|key| key.contains("snapshot")));
}

#[test]
fn truncated_data_file_leaves_the_export_open() {
    let place = Place::new(&orders(&[300]));
    let data = place.source().join(format!("data/{:026}.json.gz", 0));
    let content = fs::read(&data).unwrap();
    fs::write(&data, &content[..content.len() - 5]).unwrap();
    let message = refused(&place, &[]);
    assert!(message.starts_with("error: cannot read "), "{message}");
    assert!(in_folder(&place.lake()).is_empty());
}

#[test]
fn item_that_is_no_item_stops_the_backfill() {
    let lines = vec![line(&item(0)), line(&json!({"other": {"S": "a secret"}}))];
    let place = Place::new(&Export::new(vec![lines]));
    let message = refused(&place, &[]);
    assert!(message.starts_with("error: an item was not delivered: line 2 of "), "{message}");
    assert!(
        message.contains("the item has no value for key attribute 1 of the table"),
        "{message}"
    );
    assert!(!message.contains("secret"), "{message}");
    assert!(in_folder(&place.lake()).is_empty());
}

#[test]
fn accepted_items_are_kept_and_counted() {
    let bad = line(&json!({"other": {"S": "x"}}));
    let place = Place::new(&Export::new(vec![vec![line(&item(0)), bad.clone(), line(&item(2))]]));
    let quarantine = format!("file://{}", place.quarantine().display());
    let finished =
        place.backfill(&["--accept-missing", "2"], &[("QUARANTINE", quarantine.as_str())]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let objects = in_folder(&place.lake());
    assert_eq!(names(&objects), ["00000-00000-2-last", "snapshot"]);
    let new =
        format!(r#"{{"accept_missing":2,"export_arn":"{ARN}","files":1,"items":2,"missing":1}}"#);
    assert_eq!(closed(&objects), (2, Some(new)));
    let kept = in_folder(&place.quarantine());
    let [kept] = kept.values().collect::<Vec<_>>()[..] else { panic!("one object: {kept:?}") };
    let kept: serde_json::Value = serde_json::from_slice(kept).expect("a line");
    assert_eq!((&kept["record"], &kept["quarantined"]["position"]), (&json!(bad), &json!(1)));
    // A later run without the argument does not close what it would not have closed.
    for key in objects.keys().filter(|key| key.contains("snapshot")) {
        fs::remove_file(place.lake().join(key)).expect("an object");
    }
    let expected = "error: 1 items are not delivered, and --accept-missing is 0";
    assert_eq!(refused(&place, &[]), expected);
}

#[test]
fn more_items_than_accepted_leave_the_export_open() {
    let bad = line(&json!({"other": {"S": "x"}}));
    let place = Place::new(&Export::new(vec![vec![bad.clone(), line(&item(0)), bad]]));
    let quarantine = format!("file://{}", place.quarantine().display());
    let finished =
        place.backfill(&["--accept-missing", "1"], &[("QUARANTINE", quarantine.as_str())]);
    assert_eq!(finished.status, 1, "{}", finished.stderr);
    assert!(in_folder(&place.lake()).is_empty());
}
