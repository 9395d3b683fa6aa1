//! Ctrl-C in the middle of a run, and what a second run does.

use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use changefan_strict_aws::{CallInfo, Fault};

use super::account::{Account, finish};
use super::failures::*;

const OBJECTS: u32 = 12;

/// An account whose lake takes a moment per object.
fn account() -> Account {
    let account = Account::new().with("SINKS", "s3");
    for number in 1..=OBJECTS {
        let object = on_failure(&[change(number)]).to_string();
        account.aws.put_object(&on_failure_key(&number.to_string()), object);
    }
    account.aws.set_faults(|call: &CallInfo| match call.operation.as_str() {
        "PutObject" => Fault::Delay(Duration::from_millis(300)),
        _ => Fault::None,
    });
    account
}

/// Starts a run, waits until an object is done, and sends a signal.
fn interrupted(account: &Account, signal: &str) -> Child {
    let child = account.spawn(&["redrive", "s3://kept/"]);
    while account.keys("kept").len() == OBJECTS as usize {
        thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
    child
}

#[test]
fn interrupted_run_finishes_its_object_and_is_continued() {
    let account = account();
    let finished = finish(interrupted(&account, "-INT"));
    assert!(!finished.succeeded);
    assert!(finished.stderr.ends_with("interrupted: run the command again to continue\n"));
    let (left, done) = (account.keys("kept").len(), account.lake());
    assert!((1..OBJECTS as usize).contains(&left));
    assert_eq!(done, ids(1..=OBJECTS - left as u32));
    let finished = account.redrive(&[]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!((account.lake(), account.keys("kept")), (ids(1..=OBJECTS), vec![]));
}

#[test]
fn killed_run_loses_nothing_and_is_continued() {
    let account = account();
    finish(interrupted(&account, "-KILL"));
    assert!(!account.keys("kept").is_empty());
    assert!(account.redrive(&[]).succeeded);
    // An object whose deletion was cut off is written once: the same records make the same key.
    assert_eq!((account.lake(), account.keys("kept")), (ids(1..=OBJECTS), vec![]));
}
