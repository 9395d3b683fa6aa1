//! What is selected, and what a run does with it.

use changefan_strict_aws::Service;

use super::account::Account;
use super::failures::*;

/// Two on-failure objects and two objects of the quarantine.
fn account() -> Account {
    let account = Account::new();
    for (name, number) in [("a", 1), ("b", 2)] {
        let mut object = on_failure(&[change(number)]);
        object["timestamp"] = format!("2026-01-0{number}T12:00:00Z").into();
        object["requestContext"]["condition"] =
            if number == 1 { "RetryAttemptsExhausted" } else { "RecordAgeExceeded" }.into();
        account.aws.put_object(&format!("kept/aws/lambda/0a1b/{SHARD}/{name}"), object.to_string());
    }
    for (sink, number) in [("s3", 3), ("firehose", 4)] {
        let object = lines(&[line(Some(sink), &change(number))]);
        account.aws.put_object(&quarantine_key(sink, "c"), object);
    }
    account
}

fn delivered(options: &[&str]) -> (Vec<String>, Vec<String>) {
    let account = account();
    let finished = account.redrive(options);
    assert!(finished.succeeded, "{}", finished.stderr);
    (account.lake(), account.firehose())
}

#[test]
fn filters_select_by_time_sink_and_reason() {
    for (options, lake, firehose) in [
        (["--since", "2026-01-02T00:00:00Z"].as_slice(), [2, 3].as_slice(), [2, 4].as_slice()),
        (&["--until", "2026-01-02"], &[1], &[1]),
        (&["--since", "2026-01-02", "--until", "2026-01-02T04:00:00Z"], &[3], &[4]),
        (&["--sink", "s3"], &[3], &[]),
        (&["--reason", "too large"], &[3], &[4]),
        (&["--reason", "RecordAgeExceeded"], &[2], &[2]),
    ] {
        let expected = (ids(lake.iter().copied()), ids(firehose.iter().copied()));
        assert_eq!(delivered(options), expected, "{options:?}");
    }
}

#[test]
fn unselected_lines_of_an_object_stay_as_they_are() {
    let account = Account::new();
    let mut other = line(Some("s3"), &change(2));
    other["quarantined"]["reason"] = "invalid: something else".into();
    let object = lines(&[line(Some("s3"), &change(1)), other.clone()]);
    account.aws.put_object(&quarantine_key("s3", "a"), object);
    assert!(account.redrive(&["--reason", "too large"]).succeeded);
    assert_eq!((account.lake(), account.quarantine()), (ids([1]), vec![other]));
}

#[test]
fn dry_run_changes_nothing() {
    let account = account();
    let before = account.aws.objects();
    let finished = account.redrive(&["--dry-run"]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!(finished.stderr, "4 records of 4 objects would be redriven\n");
    assert_eq!(finished.stdout.lines().count(), 4);
    let line =
        format!("s3://{}: 1 record, to s3: too large: 2000000 bytes", quarantine_key("s3", "c"));
    assert!(finished.stdout.lines().any(|it| it == line), "{}", finished.stdout);
    assert_eq!(account.aws.objects(), before);
    let reads = ["ListObjectsV2", "GetObject"];
    let calls = account.aws.calls();
    assert!(calls.iter().all(|call| reads.contains(&call.info.operation.as_str())));
}

#[test]
fn kept_objects_are_tagged_and_not_read_again() {
    let account = account();
    let before = account.keys("kept");
    assert!(account.redrive(&["--tag"]).succeeded);
    assert_eq!(account.keys("kept"), before);
    let tags = account.aws.object_tags(&quarantine_key("s3", "c"));
    assert_eq!(tags.get("changefan").map(String::as_str), Some("redriven"));
    let stored = (account.lake(), account.firehose());
    let finished = account.redrive(&[]);
    assert!(
        finished.succeeded && finished.stderr.starts_with("0 records redriven"),
        "{finished:?}"
    );
    assert_eq!((account.lake(), account.firehose()), stored);
}

#[test]
fn listing_is_read_to_its_end() {
    let account = account();
    account.aws.set_page_size(1);
    assert!(account.redrive(&[]).succeeded);
    assert_eq!(account.keys("kept"), [""; 0]);
    let lists = account.aws.calls_of("ListObjectsV2", "kept");
    assert!(lists.len() >= 4 && lists[0].info.service == Service::S3);
}

#[test]
fn arguments_that_exclude_each_other_are_refused() {
    let account = Account::new();
    for arguments in [
        ["redrive"].as_slice(),
        &["redrive", "s3:///a"],
        &["redrive", "s3://kept/", "--queue", "http://127.0.0.1/q"],
        &["redrive", "s3://kept/", "--since", "yesterday"],
    ] {
        let finished = account.run(arguments);
        assert!(!finished.succeeded && finished.stderr.starts_with("error: "), "{arguments:?}");
    }
    assert_eq!(account.aws.calls().len(), 0);
}
