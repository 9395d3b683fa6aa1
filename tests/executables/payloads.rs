//! Payloads of all shapes, valid or not.

use serde_json::{Value, json};

use super::function::start_function;
use super::records::{batch, change, log, sequence_number, undecodable};
use super::replies::{error, success};
use changefan_fake_lambda::Answer;

#[test]
fn reply_to_a_tumbling_window_has_its_state() {
    let function = start_function(&[("PARTIAL_BATCH_RESPONSE", "true")]);
    let state =
        json!({ "total": 12.5, "text": "a \"quoted\" ü\n", "list": [null, true, { "": [] }] });
    let of_window = |mut payload: Value, is_final: bool| {
        payload["window"] =
            json!({ "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:02:00Z" });
        payload["state"] = state.clone();
        payload["shardId"] = json!("shardId-00000001");
        payload["isFinalInvokeForWindow"] = json!(is_final);
        payload["isWindowTerminatedEarly"] = json!(false);
        payload
    };
    let sound = function.invoke(of_window(batch([change(1)]), false));
    assert_eq!(sound, Answer::Response(json!({ "batchItemFailures": [], "state": state })));
    let failed = function.invoke(of_window(batch([change(1), undecodable(2)]), false));
    let failures = json!([{ "itemIdentifier": sequence_number(2) }]);
    assert_eq!(failed, Answer::Response(json!({ "batchItemFailures": failures, "state": state })));
    for last in [of_window(batch([]), true), of_window(json!({}), true)] {
        let answer = function.invoke(last);
        assert_eq!(answer, Answer::Response(json!({ "batchItemFailures": [], "state": state })));
    }
}

#[test]
fn empty_batch_is_a_success() {
    let function = start_function(&[]);
    assert_eq!(function.invoke(batch([])), success());
    assert_eq!(function.invoke("[]"), success());
    assert_eq!(function.stop().stdout, "");
}

#[test]
fn single_record_is_a_batch_of_one() {
    let function = start_function(&[]);
    assert_eq!(function.invoke(change(1)), success());
    assert_eq!(function.stop().stdout, log(&[change(1)]));
}

#[test]
fn payload_that_is_no_batch_fails_with_what_was_expected() {
    let function = start_function(&[("PARTIAL_BATCH_RESPONSE", "true")]);
    let message = "the payload is not a batch of a stream: expected {\"Records\": […]} from a \
                   DynamoDB or Kinesis event source mapping, an array of records \
                   from EventBridge Pipes, or one such record";
    for payload in [r#"{"hello":"world"}"#, r#"{"Records":7}"#, "{}", "null", "\"text\""] {
        assert_eq!(function.invoke(payload), error("PayloadError", message), "{payload}");
    }
}

#[test]
fn payload_that_is_not_json_fails_with_the_position() {
    let function = start_function(&[]);
    let message = "the payload is not JSON: expected a value at line 1, column 1";
    assert_eq!(function.invoke("hello"), error("PayloadError", message));
    // The function continues with the next invocation.
    assert_eq!(function.invoke(batch([change(2)])), success());
    assert_eq!(function.stop().stdout, log(&[change(2)]));
}

#[test]
fn truncated_payload_delivers_nothing() {
    let function = start_function(&[("PARTIAL_BATCH_RESPONSE", "true")]);
    let whole = batch([change(1), change(2)]).to_string();
    let Answer::Error(found) = function.invoke(&whole[..whole.len() - 1]) else {
        panic!("expected an error")
    };
    let end = format!("line 1, column {}", whole.len());
    assert_eq!(found["errorType"], "PayloadError");
    assert!(
        found["errorMessage"].as_str().is_some_and(|message| message.ends_with(&end)),
        "{found}"
    );
    assert_eq!(function.stop().stdout, "");
}
