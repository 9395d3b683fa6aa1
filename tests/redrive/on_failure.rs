//! Objects of on-failure destinations.

use serde_json::json;

use super::account::Account;
use super::failures::*;

#[test]
fn batches_go_to_all_sinks_in_the_order_of_the_shard() {
    let account = Account::new();
    let batches = [("b", 9..11), ("c", 1..3), ("a", 12..14)];
    for (name, numbers) in batches {
        let records: Vec<_> = numbers.map(change).collect();
        account.aws.put_object(&on_failure_key(name), on_failure(&records).to_string());
    }
    let finished = account.redrive(&[]);
    assert!(finished.succeeded, "{}", finished.stderr);
    let expected = ids([1, 2, 9, 10, 12, 13]);
    assert_eq!((account.lake(), account.firehose()), (expected.clone(), expected));
    assert_eq!(account.keys("kept"), [""; 0]);
    assert_eq!(
        finished.stderr,
        "6 records redriven: 6 changes to firehose, 6 changes to s3\n3 objects done\n"
    );
}

#[test]
fn payload_that_is_text_is_delivered() {
    let account = Account::new();
    let mut object = on_failure(&[change(1)]);
    object["payload"] = json!(object["payload"].to_string());
    account.aws.put_object(&on_failure_key("a"), object.to_string());
    assert!(account.redrive(&[]).succeeded);
    assert_eq!(account.lake(), ids([1]));
}

#[test]
fn rejected_record_is_quarantined_as_by_the_function() {
    let account = Account::new().with("QUARANTINE", "s3://kept/quarantine");
    let records = [change(1), undecodable(2), change(3)];
    account.aws.put_object(&on_failure_key("a"), on_failure(&records).to_string());
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded && finished.stderr.contains("1 record quarantined\n"));
    assert_eq!(account.lake(), ids([1, 3]));
    let [line] = account.quarantine().try_into().expect("one line");
    assert_eq!(line["record"], undecodable(2).to_string());
    assert_eq!(account.keys("kept").len(), 1);
}

#[test]
fn without_a_quarantine_the_object_is_kept_whole() {
    let account = Account::new();
    let body = on_failure(&[change(1), undecodable(2)]).to_string();
    account.aws.put_object(&on_failure_key("a"), body.clone());
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded && finished.stderr.contains("set QUARANTINE"), "{finished:?}");
    assert_eq!(account.aws.objects()[&on_failure_key("a")], body);
}

#[test]
fn failed_batch_holds_back_its_shard_and_no_other() {
    let account = Account::new().with("FIREHOSE_STREAM", "missing").with("SINKS", "s3,firehose");
    for number in [1, 2] {
        let object = on_failure(&[change(number)]);
        account.aws.put_object(&on_failure_key(&number.to_string()), object.to_string());
    }
    let mut other = on_failure(&[change(5)]);
    other["DDBStreamBatchInfo"]["shardId"] = json!("shardId-00000002");
    account.aws.put_object("kept/aws/lambda/0a1b/other", other.to_string());
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded);
    assert_eq!(account.lake(), ids([1, 5]));
    assert_eq!(account.keys("kept").len(), 3);
    assert!(finished.stderr.contains("sink firehose: denied: "), "{}", finished.stderr);
    assert!(finished.stderr.contains("held back: an earlier batch"), "{}", finished.stderr);
}

/// They say nothing about the destinations, and so do not end the run.
#[test]
fn objects_that_are_no_batches_do_not_stop_the_others() {
    let account = Account::new();
    for shard in 0..6 {
        let mut object = on_failure(&[change(1)]);
        object["DDBStreamBatchInfo"]["shardId"] = json!(format!("shardId-0000000{shard}"));
        object["payload"] = json!({ "Records": "none" });
        account.aws.put_object(&format!("kept/aws/lambda/0a1b/{shard}"), object.to_string());
    }
    let mut last = on_failure(&[change(2)]);
    last["DDBStreamBatchInfo"]["shardId"] = json!("shardId-00000009");
    account.aws.put_object("kept/aws/lambda/0a1b/9", last.to_string());
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded);
    assert_eq!((account.lake(), account.keys("kept").len()), (ids([2]), 6), "{}", finished.stderr);
}

#[test]
fn object_of_another_kind_is_left_alone() {
    let account = Account::new();
    account.aws.put_object("kept/notes.txt", "hello");
    let finished = account.redrive(&[]);
    assert!(!finished.succeeded);
    assert!(finished.stderr.contains("s3://kept/notes.txt: expected an object of"));
    assert_eq!(account.keys("kept"), ["notes.txt"]);
}

#[test]
fn folder_is_redriven_as_a_bucket() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("failed.json");
    std::fs::write(&path, on_failure(&[change(1)]).to_string()).expect("a file");
    let account = Account::new();
    let location = folder.path().to_str().expect("UTF-8");
    let finished = account.run(&["redrive", location, "--keep"]);
    assert!(finished.succeeded, "{}", finished.stderr);
    assert_eq!(account.lake(), ids([1]));
    assert!(!path.exists() && folder.path().join("failed.json.redriven").exists());
    assert!(account.run(&["redrive", location]).stderr.starts_with("0 records redriven"));
}
