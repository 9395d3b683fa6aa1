//! CloudWatch Logs: order, time spans, ages and the log stream.

use changefan::{Cause, Failure};

use changefan_strict_aws::refuse_calls_containing;

use super::destination::Destination;
use super::{SAMPLE_TIME, changes, in_time, small_changes};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn logs() -> Destination {
    Destination::new("cloudwatch_logs", &[("CLOUDWATCH_LOGS_GROUP", "/changes")])
}

fn causes(error: &[Failure]) -> Vec<(usize, Cause)> {
    error.iter().map(|failure| (failure.ordinal, failure.cause)).collect()
}

#[tokio::test]
async fn missing_log_stream_is_created() {
    let it = logs();
    it.deliver(&small_changes(1), in_time()).await.unwrap();
    it.deliver(&small_changes(1), in_time()).await.unwrap();
    let operations: Vec<_> = it.aws.calls().into_iter().map(|call| call.info.operation).collect();
    assert_eq!(operations, ["PutLogEvents", "CreateLogStream", "PutLogEvents", "PutLogEvents"]);
}

#[tokio::test]
async fn events_are_sent_in_the_order_of_their_times() {
    let it = logs();
    it.deliver(&changes([30, 10, 20].map(|second| SAMPLE_TIME + second), 10), in_time())
        .await
        .unwrap();
    let events = it.aws.log_events("/changes", "changefan");
    let times: Vec<_> =
        events.iter().map(|event| event.timestamp_ms / 1000 - SAMPLE_TIME).collect();
    assert_eq!(times, [10, 20, 30]);
    assert_eq!(it.ids(), ["id-1", "id-2", "id-0"]);
}

#[tokio::test]
async fn events_over_a_day_apart_form_separate_calls() {
    let it = logs();
    let times = [-3 * DAY, -2 * DAY, -2 * DAY + 1, -HOUR, 0].map(|second| SAMPLE_TIME + second);
    it.deliver(&changes(times, 10), in_time()).await.unwrap();
    let puts: Vec<_> =
        it.aws.calls().into_iter().filter(|call| call.stored > 0).map(|call| call.stored).collect();
    assert_eq!(puts, [1, 2, 2]);
}

#[tokio::test]
async fn events_rejected_inside_a_200_response_are_failures() {
    let it = logs();
    let times = [-15 * DAY, 0, 3 * HOUR, -HOUR].map(|second| SAMPLE_TIME + second);
    let error = it.deliver(&changes(times, 10), in_time()).await.unwrap_err();
    assert_eq!(causes(&error), [(0, Cause::TimestampOutOfRange), (2, Cause::TimestampOutOfRange)]);
    assert_eq!(it.ids(), ["id-3", "id-1"]);
}

#[tokio::test]
async fn events_older_than_the_retention_are_rejected() {
    let it = logs();
    it.aws.set_retention_days("/changes", 1);
    let times = [-2 * DAY, -HOUR, 0].map(|second| SAMPLE_TIME + second);
    let error = it.deliver(&changes(times, 10), in_time()).await.unwrap_err();
    assert_eq!(causes(&error), [(0, Cause::TimestampOutOfRange)]);
    assert_eq!(it.ids(), ["id-1", "id-2"]);
}

#[tokio::test]
async fn event_over_the_limit_is_rejected_alone() {
    let it = logs();
    let mut events = small_changes(3);
    events[1] = changes([SAMPLE_TIME; 2], 1_048_576).remove(1);
    let error = it.deliver(&events, in_time()).await.unwrap_err();
    assert_eq!(causes(&error), [(1, Cause::TooLarge)]);
    assert_eq!(it.ids(), ["id-0", "id-2"]);
}

#[tokio::test]
async fn call_refused_for_one_event_is_bisected() {
    let it = logs();
    it.aws.set_faults(refuse_calls_containing("\"id-5\"", 400, "InvalidParameterException"));
    let error = it.deliver(&small_changes(20), in_time()).await.unwrap_err();
    assert_eq!(causes(&error), [(5, Cause::Invalid)]);
    let expected: Vec<_> = (0..20).filter(|&it| it != 5).map(|it| format!("id-{it}")).collect();
    assert_eq!(it.ids(), expected);
}

#[tokio::test]
async fn call_refused_for_every_event_needs_an_operator() {
    let it = logs();
    it.aws.set_faults(refuse_calls_containing("\"id-", 400, "InvalidParameterException"));
    let error = it.deliver(&small_changes(3), in_time()).await.unwrap_err();
    assert_eq!(causes(&error), [0, 1, 2].map(|ordinal| (ordinal, Cause::Denied)));
}

#[tokio::test]
async fn forged_metrics_are_rejected() {
    let record = |id: &str, aws: &str| {
        format!(
            r#"{{{aws}"eventID":"{id}","eventName":"REMOVE","eventSource":"aws:dynamodb",
            "dynamodb":{{"ApproximateCreationDateTime":{SAMPLE_TIME}}}}}"#
        )
    };
    let forged = [r#""_aws":{},"#, r#""\u005faws":{},"#].map(|aws| record("forged", aws));
    let payload = format!("[{},{},{}]", record("genuine", ""), forged[0], forged[1]);
    let events = changefan::Batch::decode(payload.into()).unwrap().events;
    for format in ["log", "dynamodb-json"] {
        let options = [("CLOUDWATCH_LOGS_GROUP", "/changes"), ("CLOUDWATCH_LOGS_FORMAT", format)];
        let it = Destination::new("cloudwatch_logs", &options);
        let error = it.deliver(&events, in_time()).await.unwrap_err();
        assert_eq!(causes(&error), [(1, Cause::Invalid), (2, Cause::Invalid)], "{format}");
        assert_eq!(it.ids(), ["genuine"], "{format}");
    }
    let options = [("CLOUDWATCH_LOGS_GROUP", "/changes"), ("CLOUDWATCH_LOGS_FORMAT", "json")];
    Destination::new("cloudwatch_logs", &options).deliver(&events, in_time()).await.unwrap();
}
