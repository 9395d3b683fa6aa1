//! Exports in folders, lakes in folders.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use super::command::{Finished, backfill, variables};
use super::export::{ARN, Export, ID, line, orders};
use super::lake::{FOLDER, closed, complete, in_folder, names, rows};

/// A folder with an export and a lake.
pub(super) struct Place {
    folder: TempDir,
}

impl Place {
    pub(super) fn new(export: &Export) -> Self {
        let place = Self { folder: TempDir::new().expect("a folder") };
        export.write(&place.source());
        place
    }

    pub(super) fn source(&self) -> PathBuf {
        self.folder.path().join("AWSDynamoDB").join(ID)
    }

    pub(super) fn lake(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    pub(super) fn quarantine(&self) -> PathBuf {
        self.folder.path().join("quarantine")
    }

    /// Backfills with a `file` sink and zstd.
    pub(super) fn backfill(&self, arguments: &[&str], further: &[(&str, &str)]) -> Finished {
        let (source, lake) = (self.source(), self.lake());
        let mut all = vec![text(&source), "--keys", "id"];
        all.extend(arguments);
        let mut given = variables(&[
            ("SINKS", "lake:file"),
            ("LAKE_DIR", text(&lake)),
            ("LAKE_COMPRESSION", "zstd"),
        ]);
        given.extend(variables(further));
        backfill(&all, &given)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

pub(super) fn summary_of(items: usize, files: usize, lake: &str) -> String {
    format!("export {ID} of table orders: {items} items in {files} files\n- lake: {lake}\n")
}

#[test]
fn each_item_becomes_a_read_row_and_a_snapshot_closes() {
    let typed = json!({
        "tags": {"SS": ["b", "a"]},
        "id": {"S": "é\"1"},
        "raw": {"B": "AA=="},
        "big": {"N": "12345678901234567890123456789012345678"},
    });
    let place = Place::new(&Export::new(vec![vec![line(&typed)]]));
    let finished = place.backfill(&[], &[]);
    assert_eq!((finished.status, finished.stdout.as_str()), (0, ""), "{}", finished.stderr);
    let objects = in_folder(&place.lake());
    assert_eq!(names(&objects), ["00000-00000-1-last", "snapshot"]);
    let place = "123456789012/eu-west-1/orders/";
    let row = |id: &str, operation: &str, images: [serde_json::Value; 3]| {
        let [keys, new, types] = images;
        json!({
            "change_id": format!("{place}{id}"), "event_id": id, "operation": operation,
            "account": "123456789012", "region": "eu-west-1", "table": "orders",
            "source": "export", "sequence_number": null, "version": "0",
            "timestamp": "2023-11-14T22:13:20.000000Z", "actor": "user",
            "keys": keys, "old": null, "new": new, "types": types, "changed": null,
        })
    };
    // SHA-256 of the export's ARN, a line feed and the keys.
    let read = row(
        "d8bc248703893e7893198f59b91e0c53",
        "READ",
        [
            json!(r#"{"id":"é\"1"}"#),
            json!(concat!(
                r#"{"big":12345678901234567890123456789012345678,"id":"é\"1","#,
                r#""raw":"AA==","tags":["a","b"]}"#
            )),
            json!(r#"{"keys":{},"old":{},"new":{"/raw":"B","/tags":"SS"}}"#),
        ],
    );
    let new = format!(r#"{{"export_arn":"{ARN}","files":1,"items":1,"missing":0}}"#);
    let snapshot =
        row("ac05e7a096600c0411c30da9070bc510", "SNAPSHOT", [json!("{}"), json!(new), json!(null)]);
    assert_eq!(rows(&objects), [read, snapshot]);
}

#[test]
fn same_export_makes_the_same_objects() {
    let export = orders(&[300, 0, 200]);
    let [first, second] = [Place::new(&export), Place::new(&export)];
    let finished = first.backfill(&["--workers", "1"], &[]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert_eq!(second.backfill(&["--workers", "3"], &[]).status, 0);
    let objects = in_folder(&first.lake());
    assert_eq!(names(&objects), ["00000-00000-300-last", "00002-00000-200-last", "snapshot"]);
    assert_eq!(closed(&objects), (500, complete(3, 500)));
    assert_eq!(objects, in_folder(&second.lake()));
}

#[test]
fn complete_export_is_not_written_again() {
    let place = Place::new(&orders(&[30, 20]));
    let finished = place.backfill(&[], &[]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let objects = in_folder(&place.lake());
    let finished = place.backfill(&[], &[]);
    let lake = "50 READ rows and the SNAPSHOT; 0 objects written (0.0 kB), 1 present";
    assert_eq!(finished.stderr, summary_of(50, 2, lake));
    assert_eq!((finished.status, in_folder(&place.lake())), (0, objects));
}

#[test]
fn missing_objects_are_written_again() {
    let place = Place::new(&orders(&[30, 20, 10]));
    assert_eq!(place.backfill(&[], &[]).status, 0);
    let objects = in_folder(&place.lake());
    for key in objects.keys().filter(|key| !key.contains("00001-00000")) {
        fs::remove_file(place.lake().join(key)).expect("an object");
    }
    // A complete file is not read again.
    let data = place.source().join(format!("data/{:026}.json.gz", 1));
    fs::write(data, "not read").expect("a file");
    let finished = place.backfill(&[], &[]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert_eq!(in_folder(&place.lake()), objects);
}

#[test]
fn file_of_more_than_64_mb_of_text_makes_several_objects() {
    let item = |index: usize| {
        line(&json!({"id": {"S": index.to_string()}, "text": {"S": "x".repeat(390_000)}}))
    };
    let place = Place::new(&Export::new(vec![(0..170).map(item).collect()]));
    let finished = place.backfill(&[], &[]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let objects = in_folder(&place.lake());
    assert_eq!(
        names(&objects),
        ["00000-00000-164-", "00000-00001-6-last", "snapshot"].map(|it| it.trim_end_matches('-'))
    );
    assert_eq!(closed(&objects), (170, complete(1, 170)));
    // Without its second part, the file is read again and its first part stays.
    let second = objects.keys().find(|key| key.contains("-00001-")).expect("a part");
    fs::remove_file(place.lake().join(second)).expect("an object");
    let finished = place.backfill(&[], &[]);
    assert!(
        finished.stderr.contains("1 objects written") && finished.stderr.contains(", 2 present"),
        "{}",
        finished.stderr
    );
    assert_eq!(in_folder(&place.lake()), objects);
}

#[test]
fn objects_made_with_other_options_are_a_conflict() {
    let place = Place::new(&orders(&[30]));
    assert_eq!(place.backfill(&[], &[]).status, 0);
    let objects = in_folder(&place.lake());
    for key in objects.keys().filter(|key| key.contains("00000-last") || key.contains("snapshot")) {
        fs::remove_file(place.lake().join(key)).expect("an object");
    }
    let kept = objects.keys().next().expect("an object");
    let other = kept.replace("-last", "");
    fs::create_dir_all(place.lake().join(FOLDER)).expect("a folder");
    fs::rename(place.lake().join(kept), place.lake().join(&other)).expect("an object");
    let finished = place.backfill(&[], &[]);
    assert_eq!(finished.status, 1);
    let expected = format!("error: sink lake holds {other}, but the same rows make {kept} now");
    assert!(finished.stderr.starts_with(&expected), "{}", finished.stderr);
}

#[test]
fn several_exports_are_read_in_one_run() {
    let place = Place::new(&orders(&[3]));
    let mut other = orders(&[2]);
    let mut summary = super::export::summary(2);
    summary["exportArn"] = json!(ARN.replace("orders", "customers"));
    other.set_summary(&summary);
    let folder = place.source().parent().expect("a folder").join("other");
    other.write(&folder);
    let finished = place.backfill(&[text(&folder)], &[]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let tables: Vec<_> = rows(&in_folder(&place.lake()))
        .iter()
        .map(|row| {
            format!("{}:{}", row["table"].as_str().unwrap(), row["operation"].as_str().unwrap())
        })
        .collect();
    let expected = [
        "customers:READ",
        "customers:READ",
        "customers:SNAPSHOT",
        "orders:READ",
        "orders:READ",
        "orders:READ",
        "orders:SNAPSHOT",
    ];
    assert_eq!(tables, expected);
}

#[test]
fn dry_run_states_what_is_left_and_writes_nothing() {
    let place = Place::new(&orders(&[30, 0, 20]));
    let finished = place.backfill(&["--dry-run"], &[]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let mut lines = finished.stdout.lines();
    let mut next = || lines.next().unwrap_or_default().to_owned();
    assert_eq!(next(), format!("export {ID} of table orders, 2023-11-14T22:13:20.000Z"));
    assert_eq!(next(), "- 50 items in 3 files");
    assert!(next().starts_with("- to read: 3 files, "));
    assert_eq!(next(), format!("- lake: 0 objects present below {FOLDER}, about 3 PUT requests"));
    assert!(next().starts_with("- about 1 s with "));
    assert!(!place.lake().exists());
    assert_eq!(place.backfill(&[], &[]).status, 0);
    let finished = place.backfill(&["--dry-run"], &[]);
    let line = format!("- lake: 3 objects present below {FOLDER}, about 0 PUT requests\n");
    assert!(finished.stdout.contains(&line), "{}", finished.stdout);
}
