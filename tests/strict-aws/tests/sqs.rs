//! Amazon SQS, over plain HTTP.

use changefan_strict_aws::{Fault, StrictAws, in_turn};
use serde_json::{Value, json};

use crate::plain::{SIGNED, refuse, request, send, succeed};

const RECEIVE: &str = "AmazonSQS.ReceiveMessage";
const DELETE: &str = "AmazonSQS.DeleteMessage";
const DELETE_BATCH: &str = "AmazonSQS.DeleteMessageBatch";
const VISIBILITY: &str = "AmazonSQS.ChangeMessageVisibility";
const ATTRIBUTES: &str = "AmazonSQS.GetQueueAttributes";
const NOW_MS: i64 = 1_700_000_000_000;

/// A queue with three messages, and its URL.
fn with_messages() -> (StrictAws, String) {
    let aws = StrictAws::start();
    aws.set_clock(NOW_MS);
    let url = aws.create_queue("letters");
    for body in ["a", "b", "c"] {
        aws.send_message("letters", body);
    }
    (aws, url)
}

fn receive(aws: &StrictAws, url: &str, max: usize) -> Vec<Value> {
    let input = json!({"QueueUrl": url, "MaxNumberOfMessages": max});
    succeed(aws, RECEIVE, &input)["Messages"].as_array().cloned().unwrap_or_default()
}

fn bodies(messages: &[Value]) -> Vec<&str> {
    messages.iter().filter_map(|message| message["Body"].as_str()).collect()
}

#[test]
fn received_messages_are_invisible_for_a_while() {
    let (aws, url) = with_messages();
    assert_eq!(bodies(&receive(&aws, &url, 2)), ["a", "b"]);
    assert_eq!(bodies(&receive(&aws, &url, 10)), ["c"]);
    assert_eq!(receive(&aws, &url, 10), [Value::Null; 0]);
    aws.set_clock(NOW_MS + 29_999);
    assert_eq!(receive(&aws, &url, 10), [Value::Null; 0]);
    aws.set_clock(NOW_MS + 30_000);
    assert_eq!(bodies(&receive(&aws, &url, 10)), ["a", "b", "c"]);
}

#[test]
fn messages_have_their_attributes_on_demand() {
    let (aws, url) = with_messages();
    let input = json!({
        "QueueUrl": url,
        "VisibilityTimeout": 0,
        "MessageSystemAttributeNames": ["ApproximateReceiveCount", "SentTimestamp"],
    });
    succeed(&aws, RECEIVE, &input);
    let message = &succeed(&aws, RECEIVE, &input)["Messages"][0];
    let expected = json!({"ApproximateReceiveCount": "2", "SentTimestamp": NOW_MS.to_string()});
    assert_eq!(message["Attributes"], expected);
    assert_eq!(message["MD5OfBody"], "0cc175b9c0f1b6a831c399e269772661");
    assert!(receive(&aws, &url, 1)[0]["Attributes"].is_null());
}

#[test]
fn deleted_messages_stay_deleted() {
    let (aws, url) = with_messages();
    let messages = receive(&aws, &url, 1);
    let input = json!({"QueueUrl": url, "ReceiptHandle": messages[0]["ReceiptHandle"]});
    for _ in 0..2 {
        assert_eq!(succeed(&aws, DELETE, &input), json!({}));
    }
    assert_eq!(aws.queue_messages("letters"), ["b", "c"]);
}

#[test]
fn outdated_handle_deletes_nothing() {
    let (aws, url) = with_messages();
    let first = receive(&aws, &url, 1);
    aws.set_clock(NOW_MS + 30_000);
    assert_eq!(bodies(&receive(&aws, &url, 1)), ["a"]);
    let input = json!({"QueueUrl": url, "ReceiptHandle": first[0]["ReceiptHandle"]});
    succeed(&aws, DELETE, &input);
    assert_eq!(aws.queue_messages("letters"), ["a", "b", "c"]);
}

#[test]
fn batches_delete_each_entry() {
    let (aws, url) = with_messages();
    let messages = receive(&aws, &url, 3);
    aws.set_faults(in_turn([Fault::RejectRecords(vec![1])]));
    let handles = messages.iter().map(|message| &message["ReceiptHandle"]);
    let entry =
        |(id, handle): (usize, &Value)| json!({"Id": id.to_string(), "ReceiptHandle": handle});
    let mut entries: Vec<Value> = handles.enumerate().map(entry).collect();
    entries.push(json!({"Id": "3", "ReceiptHandle": "none"}));
    let answer = succeed(&aws, DELETE_BATCH, &json!({"QueueUrl": url, "Entries": entries}));
    assert_eq!(answer["Successful"], json!([{"Id": "0"}, {"Id": "2"}]));
    let failed = answer["Failed"].as_array().expect("a list");
    let codes: Vec<&Value> = failed.iter().map(|entry| &entry["Code"]).collect();
    assert_eq!(codes, ["InternalError", "ReceiptHandleIsInvalid"]);
    assert_eq!(aws.queue_messages("letters"), ["b"]);
    for (count, code) in [(0, "EmptyBatchRequest"), (11, "TooManyEntriesInBatchRequest")] {
        let entry = |id: usize| json!({"Id": id.to_string(), "ReceiptHandle": "none"});
        let entries: Vec<Value> = (0..count).map(entry).collect();
        let input = json!({"QueueUrl": url, "Entries": entries});
        assert_eq!(refuse(&aws, DELETE_BATCH, &input), (400, code.to_owned()));
    }
}

#[test]
fn visibility_changes_while_in_flight() {
    let (aws, url) = with_messages();
    let message = &receive(&aws, &url, 1)[0];
    let input = |seconds: i64| {
        let handle = &message["ReceiptHandle"];
        json!({"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": seconds})
    };
    succeed(&aws, VISIBILITY, &input(60));
    aws.set_clock(NOW_MS + 59_999);
    assert_eq!(bodies(&receive(&aws, &url, 10)), ["b", "c"]);
    succeed(&aws, VISIBILITY, &input(0));
    assert_eq!(refuse(&aws, VISIBILITY, &input(5)), (400, "MessageNotInflight".to_owned()));
    assert_eq!(bodies(&receive(&aws, &url, 10)), ["a"]);
    let over = refuse(&aws, VISIBILITY, &input(43_201));
    assert_eq!(over, (400, "InvalidParameterValue".to_owned()));
}

#[test]
fn attributes_count_messages() {
    let (aws, url) = with_messages();
    receive(&aws, &url, 1);
    let input = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    let attributes = &succeed(&aws, ATTRIBUTES, &input)["Attributes"];
    assert_eq!(attributes["ApproximateNumberOfMessages"], "2");
    assert_eq!(attributes["ApproximateNumberOfMessagesNotVisible"], "1");
    let found = succeed(&aws, "AmazonSQS.GetQueueUrl", &json!({"QueueName": "letters"}));
    assert_eq!(found["QueueUrl"], json!(url));
}

#[test]
fn empty_receives_are_on_demand() {
    let (aws, url) = with_messages();
    aws.set_faults(in_turn([Fault::EmptyPage]));
    assert_eq!(receive(&aws, &url, 10), [Value::Null; 0]);
    assert_eq!(receive(&aws, &url, 10).len(), 3);
}

#[test]
fn invalid_calls_are_refused() {
    let (aws, url) = with_messages();
    for max in [0, 11] {
        let refused = refuse(&aws, RECEIVE, &json!({"QueueUrl": url, "MaxNumberOfMessages": max}));
        assert_eq!(refused, (400, "InvalidParameterValue".to_owned()));
    }
    assert_eq!(refuse(&aws, RECEIVE, &json!({})), (400, "MissingParameter".to_owned()));
    let missing = refuse(&aws, RECEIVE, &json!({"QueueUrl": format!("{url}-other")}));
    assert_eq!(missing, (400, "QueueDoesNotExist".to_owned()));
    let input = json!({"QueueUrl": url, "ReceiptHandle": "none"});
    assert_eq!(refuse(&aws, DELETE, &input), (404, "ReceiptHandleIsInvalid".to_owned()));
}

#[test]
fn errors_name_the_code_of_the_query_protocol() {
    let aws = StrictAws::start();
    let headers = format!("{SIGNED}x-amz-target: {RECEIVE}\r\n");
    let answer = send(&aws, &request("POST /", &headers, r#"{"QueueUrl":"http://x/1/none"}"#));
    let code = "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n";
    assert!(answer.contains(code), "{answer}");
    assert!(answer.contains("content-type: application/x-amz-json-1.0\r\n"), "{answer}");
    assert!(answer.contains("com.amazonaws.sqs#QueueDoesNotExist"), "{answer}");
}
