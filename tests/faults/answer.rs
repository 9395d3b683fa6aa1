//! How a source reads the end of an invocation.

use serde_json::Value;

/// How an invocation ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The function returned this response.
    Replied(Value),
    /// It failed, timed out, or was killed.
    Failed,
}

/// What follows for a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is processed.
    Success,
    /// It is processed up to the record at this position.
    From(usize),
    /// None of it is processed.
    Whole,
}

/// Reads a response as the documentation of mappings and of Pipes specifies.
///
/// Without `ReportBatchItemFailures` (`reads_failures`), every response is a success.
/// An identifier that was not in the batch is not documented; in the model the whole batch fails.
pub(super) fn read(ended: &Ended, reads_failures: bool, identifiers: &[&str]) -> Answer {
    let Ended::Replied(reply) = ended else { return Answer::Whole };
    match reply.get("batchItemFailures").filter(|_| reads_failures) {
        None | Some(Value::Null) => Answer::Success,
        Some(Value::Array(failures)) if failures.is_empty() => Answer::Success,
        Some(Value::Array(failures)) => {
            let position = |failure| position(failure, identifiers);
            failures
                .iter()
                .map(position)
                .collect::<Option<Vec<_>>>()
                .and_then(lowest)
                .unwrap_or(Answer::Whole)
        }
        Some(_) => Answer::Whole,
    }
}

fn position(failure: &Value, identifiers: &[&str]) -> Option<usize> {
    let named = failure.get("itemIdentifier")?.as_str().filter(|named| !named.is_empty())?;
    identifiers.iter().position(|identifier| *identifier == named)
}

fn lowest(positions: Vec<usize>) -> Option<Answer> {
    positions.into_iter().min().map(Answer::From)
}

#[test]
fn responses_are_read_as_documented() {
    use serde_json::json;
    let list = |failures: Value| json!({ "batchItemFailures": failures });
    let item = |identifier: Value| json!({ "itemIdentifier": identifier });
    for (reply, answer) in [
        (Value::Null, Answer::Success),
        (json!({}), Answer::Success),
        (list(Value::Null), Answer::Success),
        (list(json!([])), Answer::Success),
        (list(json!([item("b".into())])), Answer::From(1)),
        (list(json!([item("c".into()), item("b".into())])), Answer::From(1)),
        (list(json!([item("".into())])), Answer::Whole),
        (list(json!([item(Value::Null)])), Answer::Whole),
        (list(json!([{ "wrong": "b" }])), Answer::Whole),
        (list(json!([{}])), Answer::Whole),
        (list(json!([item("unknown".into())])), Answer::Whole),
    ] {
        assert_eq!(read(&Ended::Replied(reply.clone()), true, &["a", "b", "c"]), answer, "{reply}");
    }
    assert_eq!(read(&Ended::Failed, true, &["a"]), Answer::Whole);
    let unread = Ended::Replied(list(json!([item("a".into())])));
    assert_eq!(read(&unread, false, &["a"]), Answer::Success);
}
