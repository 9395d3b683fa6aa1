//! S3 and the sinks fail while objects are redriven.

use std::thread;
use std::time::Duration;

use bytes::Bytes;
use changefan_strict_aws::{CallInfo, Fault, Service, only, seeded};

use super::account::{Account, finish};
use super::failures::*;

const OBJECTS: u32 = 6;

fn account() -> Account {
    let account = Account::new();
    for number in 1..=OBJECTS {
        let object = on_failure(&[change(2 * number), change(2 * number + 1)]);
        account.aws.put_object(&on_failure_key(&number.to_string()), object.to_string());
    }
    account
}

fn all() -> Vec<String> {
    ids(2..2 * OBJECTS + 2)
}

#[test]
fn throttling_server_errors_and_resets_are_retried() {
    for fault in [Fault::Error(503, "SlowDown"), Fault::Status(500), Fault::ConnectionReset] {
        let account = account();
        let first = fault.clone();
        account.aws.set_faults(
            move |call: &CallInfo| {
                if call.attempt == 0 { first.clone() } else { Fault::None }
            },
        );
        let finished = account.redrive(&[]);
        assert!(finished.succeeded, "{fault:?}: {}", finished.stderr);
        assert_eq!((account.lake(), account.keys("kept")), (all(), vec![]), "{fault:?}");
    }
}

#[test]
fn body_that_ends_early_is_read_on_where_it_ended() {
    let account = account();
    account.aws.set_faults(only(Service::S3, |call| match call.operation.as_str() {
        "GetObject" if call.attempt == 0 => Fault::TruncatedAnswer,
        _ => Fault::None,
    }));
    let finished = account.redrive(&[]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!((account.lake(), account.keys("kept")), (all(), vec![]));
}

#[test]
fn body_that_always_ends_early_is_an_error() {
    let account = account();
    account.aws.set_faults(only(Service::S3, |call| match call.operation.as_str() {
        "GetObject" if call.resource.ends_with("-1") => Fault::TruncatedAnswer,
        _ => Fault::None,
    }));
    let finished = account.redrive(&[]);
    let expected = format!("{}: the response for", on_failure_key("1"));
    assert!(!finished.succeeded && finished.stderr.contains(&expected), "{}", finished.stderr);
    assert_eq!(account.lake(), ids(4..2 * OBJECTS + 2));
    assert_eq!(account.keys("kept").len(), 1);
}

#[test]
fn object_that_changes_between_two_reads_is_kept() {
    let account = account();
    let other = Bytes::from(on_failure(&[change(90)]).to_string());
    let replacement = other.clone();
    account.aws.set_faults(only(Service::S3, move |call| match call.operation.as_str() {
        "GetObject" if call.resource.ends_with("-1") && call.attempt == 1 => {
            Fault::ReplaceObject(replacement.clone())
        }
        _ => Fault::None,
    }));
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded);
    assert!(finished.stderr.contains("changed while it was read"), "{}", finished.stderr);
    assert_eq!(account.aws.objects()[&on_failure_key("1")], other);
    account.aws.set_faults(|_: &CallInfo| Fault::None);
    assert!(account.redrive(&[]).succeeded);
    assert_eq!(account.keys("kept"), [""; 0]);
}

#[test]
fn object_that_changes_after_it_was_read_is_not_deleted() {
    let account = Account::new();
    let key = on_failure_key("1");
    account.aws.put_object(&key, on_failure(&[change(1)]).to_string());
    account.aws.set_faults(|call: &CallInfo| match call.operation.as_str() {
        "PutRecordBatch" => Fault::Delay(Duration::from_secs(1)),
        _ => Fault::None,
    });
    let child = account.spawn(&["redrive", "s3://kept/"]);
    while account.firehose().is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
    let other = Bytes::from(on_failure(&[change(2)]).to_string());
    account.aws.put_object(&key, other.clone());
    let finished = finish(child);
    assert!(!finished.succeeded);
    assert!(finished.stderr.contains("changed while it was read"), "{}", finished.stderr);
    assert_eq!(account.aws.objects()[&key], other);
}

#[test]
fn expired_credentials_end_the_run_and_nothing_is_lost() {
    let account = account();
    let gets_in_order = OBJECTS as usize;
    account.aws.set_faults(only(Service::S3, move |call| match call.operation.as_str() {
        "GetObject" if call.nth < gets_in_order + 2 => Fault::None,
        "ListObjectsV2" => Fault::None,
        "PutObject" | "DeleteObject" if call.nth < 2 => Fault::None,
        _ => Fault::Error(400, "ExpiredToken"),
    }));
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded);
    assert!(finished.stderr.contains("ExpiredToken"), "{}", finished.stderr);
    assert_eq!(account.keys("kept").len(), OBJECTS as usize - 2);
    account.aws.set_faults(|_: &CallInfo| Fault::None);
    assert!(account.redrive(&[]).succeeded);
    assert_eq!((account.lake(), account.keys("kept")), (all(), vec![]));
}

#[test]
fn credentials_that_were_never_valid_end_the_run_at_once() {
    let account = account();
    account.aws.set_faults(only(Service::S3, |_| Fault::Error(403, "InvalidAccessKeyId")));
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded);
    assert!(finished.stderr.contains("error: ListObjectsV2 on s3://kept/ failed with status 403"));
    assert_eq!(account.aws.calls().len(), 1);
}

#[test]
fn deletion_that_is_denied_keeps_the_object() {
    let account = account();
    account.aws.set_faults(only(Service::S3, |call| match call.operation.as_str() {
        "DeleteObject" => Fault::Error(403, "AccessDenied"),
        _ => Fault::None,
    }));
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded && finished.stderr.contains("DeleteObject on s3://kept/"));
    assert_eq!(account.keys("kept").len(), OBJECTS as usize);
}

#[test]
fn any_mixture_of_faults_loses_nothing() {
    for seed in 0..3 {
        let account = account();
        let object = lines(&[line(Some("s3"), &change(50)), line(None, &undecodable(51))]);
        account.aws.put_object(&quarantine_key("s3", "q"), object);
        account.aws.set_faults(seeded(seed, 25));
        for _ in 0..10 {
            account.redrive(&[]);
        }
        let mut lake = account.lake();
        lake.sort();
        lake.dedup();
        let mut expected = [all(), ids([50])].concat();
        expected.sort();
        assert_eq!(lake, expected, "{seed}");
        let [kept] = account.quarantine().try_into().expect("one line");
        assert_eq!(kept["record"], undecodable(51).to_string());
        assert_eq!(account.keys("kept").len(), 1, "{seed}");
    }
}

/// The reason of a line changes and changes back, so that what remains is the content of an object
/// that is marked.
#[test]
fn line_that_remains_is_in_an_object_without_a_mark() {
    let account = Account::new();
    account.aws.put_object(&quarantine_key("s3", "a"), lines(&[line(Some("s3"), &change(1))]));
    for code in ["AccessDenied", "AccountProblem", "AccessDenied"] {
        account.aws.set_faults(move |call: &CallInfo| {
            let is_delivery = call.operation == "PutObject" && call.resource.starts_with("lake/");
            if is_delivery { Fault::Error(403, code) } else { Fault::None }
        });
        assert!(!account.redrive(&["--keep"]).succeeded);
    }
    account.aws.set_faults(|_| Fault::None);
    let finished = account.redrive(&["--keep"]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!(account.lake(), ids([1]), "{}", finished.stderr);
}
