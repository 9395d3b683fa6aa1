//! `changefan replay` of objects and of compressed files.

use std::io::Write;

use bytes::Bytes;
use changefan_strict_aws::{CallInfo, Fault, Service, only};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::account::Account;
use super::failures::*;

fn batch(number: u32) -> String {
    json!({ "Records": [change(number)] }).to_string()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("gzip");
    encoder.finish().expect("gzip")
}

fn zstd(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 1).expect("zstd")
}

#[test]
fn objects_are_replayed_as_files_are() {
    let account = Account::new();
    account.aws.put_object("kept/p/1.json", batch(1));
    account.aws.put_object("kept/p/2.json.gz", gzip(&batch(2)));
    account.aws.put_object("kept/p/3.json.zst", zstd(&batch(3)));
    account.aws.put_object("kept/q", on_failure(&[change(4)]).to_string());
    let finished = account.run(&["replay", "s3://kept/q", "s3://kept/p/"]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!(account.lake(), ids([4, 1, 2, 3]));
    assert_eq!(account.keys("kept").len(), 4);
}

#[test]
fn compressed_files_are_recognized_whatever_their_names() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let account = Account::new();
    let mut arguments = vec!["replay".to_owned()];
    for (number, content) in [(1, gzip(&batch(1))), (2, zstd(&batch(2)))] {
        let path = folder.path().join(number.to_string());
        std::fs::write(&path, content).expect("a file");
        arguments.push(path.to_str().expect("UTF-8").to_owned());
    }
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    assert!(account.run(&arguments).succeeded);
    assert_eq!(account.lake(), ids([1, 2]));
}

#[test]
fn compressed_file_that_was_cut_short_is_named() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("cut.json.gz");
    let content = gzip(&batch(1));
    std::fs::write(&path, &content[..content.len() / 2]).expect("a file");
    let path = path.to_str().expect("UTF-8");
    let finished = Account::new().run(&["replay", path]);
    assert!(!finished.succeeded);
    assert!(finished.stderr.contains(&format!("error: cannot read {path}: ")), "{finished:?}");
}

#[test]
fn nothing_of_an_object_that_changes_is_delivered() {
    let account = Account::new();
    account.aws.put_object("kept/q", batch(1));
    let other = Bytes::from(batch(2));
    account.aws.set_faults(only(Service::S3, move |call| match call.attempt {
        0 if call.operation == "GetObject" => Fault::TruncatedAnswer,
        1 if call.operation == "GetObject" => Fault::ReplaceObject(other.clone()),
        _ => Fault::None,
    }));
    let finished = account.run(&["replay", "s3://kept/q"]);
    assert!(!finished.succeeded);
    assert!(finished.stderr.contains("s3://kept/q changed while it was read"), "{finished:?}");
    assert_eq!(account.lake(), [""; 0]);
}

#[test]
fn missing_object_and_empty_prefix_are_named() {
    let account = Account::new();
    let finished = account.run(&["replay", "s3://kept/q"]);
    assert!(
        !finished.succeeded && finished.stderr.contains("there is no object s3://kept/q\n"),
        "{finished:?}"
    );
    let finished = account.run(&["replay", "s3://kept/p/"]);
    assert!(!finished.succeeded);
    assert!(finished.stderr.contains("there is no object at s3://kept/p/"), "{finished:?}");
    account.aws.set_faults(|_: &CallInfo| Fault::Error(403, "AccessDenied"));
    let finished = account.run(&["replay", "s3://kept/q"]);
    assert!(finished.stderr.contains("GetObject on s3://kept/q failed with status 403"));
}
