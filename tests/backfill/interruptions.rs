//! Runs that are interrupted, and the runs that continue them.

use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use changefan_strict_aws::{Fault, StrictAws};

use super::command::{backfill, finish, in_aws, start};
use super::export::orders;
use super::lake::{Objects, closed, complete, in_bucket};

const ARGUMENTS: [&str; 4] = ["--keys", "id", "--workers", "2"];

/// The objects that an uninterrupted run makes.
fn uninterrupted() -> Objects {
    let (aws, location) = services();
    let finished = backfill(&[&[location.as_str()], &ARGUMENTS[..]].concat(), &in_aws(&aws));
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    in_bucket(&aws)
}

fn services() -> (StrictAws, String) {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let location = orders(&[40, 30, 20, 10, 5, 4, 3, 2, 1]).upload(&aws);
    (aws, location)
}

/// Starts a run whose uploads hang from a number on, and interrupts it there. Returns the exit
/// status, if there is one.
fn interrupt_at(aws: &StrictAws, location: &str, uploads: usize, signal: &str) -> Option<i32> {
    let (reached, wait) = mpsc::channel();
    aws.set_faults(move |call| {
        if call.operation == "PutObject" && call.nth >= uploads {
            // The test may have what it waited for already.
            let _ = reached.send(());
            return Fault::Delay(Duration::from_secs(2));
        }
        Fault::None
    });
    let child = start(&[&[location], &ARGUMENTS[..]].concat(), &in_aws(aws));
    wait.recv().expect("an upload");
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &id]).status().expect("kill");
    assert!(sent.success());
    if signal == "KILL" {
        let mut child = child;
        return child.wait().expect("an end").code();
    }
    let finished = finish(child);
    assert!(
        finished
            .stderr
            .starts_with("stopping; press Ctrl-C again to end at once\nerror: interrupted\n"),
        "{}",
        finished.stderr
    );
    Some(finished.status)
}

fn continues(aws: &StrictAws, location: &str) {
    let before = in_bucket(aws);
    assert_eq!(closed(&before).1, None);
    aws.set_faults(|_| Fault::None);
    let finished = backfill(&[&[location], &ARGUMENTS[..]].concat(), &in_aws(aws));
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let objects = in_bucket(aws);
    assert_eq!(closed(&objects), (115, complete(9, 115)));
    assert_eq!(objects, uninterrupted());
    for key in before.keys() {
        assert_eq!(aws.put_attempts(&format!("lake/{key}")).len(), 1, "{key} is uploaded again");
    }
}

#[test]
fn run_continues_after_ctrl_c() {
    let (aws, location) = services();
    assert_eq!(interrupt_at(&aws, &location, 3, "INT"), Some(130));
    continues(&aws, &location);
}

#[test]
fn run_continues_after_a_kill() {
    let (aws, location) = services();
    assert_eq!(interrupt_at(&aws, &location, 4, "KILL"), None);
    continues(&aws, &location);
}
