//! The sinks that receive an export.

use serde_json::Value;

use super::command::{backfill, variables};
use super::export::orders;
use super::folders::Place;
use super::lake::{closed, in_folder, rows};

#[test]
fn sink_that_is_no_lake_must_be_named() {
    let place = Place::new(&orders(&[2]));
    let source = place.source();
    let source = source.to_str().unwrap();
    let given = variables(&[("STDOUT_FORMAT", "json")]);
    let finished = backfill(&[source, "--keys", "id"], &given);
    let expected = "error: none of the sinks is a lake, found stdout: set SINKS to an s3 or file \
                    sink, or name others with --sink\n";
    assert_eq!((finished.status, finished.stderr.as_str()), (2, expected));
    let finished = backfill(&[source, "--keys", "id", "--sink", "stdout"], &given);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let lines = finished.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found: Vec<_> = lines.map(|line| line["operation"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, ["READ", "READ", "SNAPSHOT"]);
    assert!(finished.stderr.ends_with("- stdout: 2 READ rows and the SNAPSHOT; 2 deliveries\n"));
}

#[test]
fn formats_without_read_rows_are_refused() {
    let place = Place::new(&orders(&[2]));
    for format in ["log", "dynamodb-json", "debezium"] {
        let finished = place.backfill(&[], &[("LAKE_FORMAT", format)]);
        let expected = format!(
            "error: sink lake writes {format}, and rows of an export exist in rows and json only: \
             set LAKE_FORMAT=json\n"
        );
        assert_eq!((finished.status, finished.stderr), (2, expected));
    }
}

#[test]
fn json_has_read_rows() {
    let place = Place::new(&orders(&[1]));
    let finished = place.backfill(&[], &[("LAKE_FORMAT", "json")]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let rows = rows(&in_folder(&place.lake()));
    assert_eq!(rows[0]["new"]["total"], 0);
    assert_eq!(rows[0]["old"], Value::Null);
    assert_eq!(rows[1]["operation"], "SNAPSHOT");
}

#[test]
fn unknown_sink_is_refused() {
    let finished = Place::new(&orders(&[1])).backfill(&["--sink", "ocean"], &[]);
    let expected = "error: SINKS has no sink `ocean`, expected one of lake\n";
    assert_eq!((finished.status, finished.stderr.as_str()), (2, expected));
}

#[test]
fn every_lake_receives_the_export_and_others_do_not() {
    let place = Place::new(&orders(&[4, 3]));
    let second = place.quarantine();
    let finished = place.backfill(
        &[],
        &[
            ("SINKS", "stdout,lake:file,second:file"),
            ("SECOND_DIR", second.to_str().unwrap()),
            ("SECOND_COMPRESSION", "zstd"),
        ],
    );
    assert_eq!((finished.status, finished.stdout.as_str()), (0, ""), "{}", finished.stderr);
    let objects = in_folder(&place.lake());
    assert_eq!(closed(&objects).0, 7);
    assert_eq!(objects, in_folder(&second));
}
