//! CloudWatch Logs: order, time spans, ages and the log stream.

use changefan::Cause;

use super::destination::Destination;
use super::{SAMPLE_TIME, changes, in_time, small_changes};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn logs() -> Destination {
    Destination::new("cloudwatch_logs", &[("CLOUDWATCH_LOGS_GROUP", "/changes")])
}

fn causes(error: &changefan::DeliveryError) -> Vec<(usize, Cause)> {
    error.failures().iter().map(|failure| (failure.index, failure.cause)).collect()
}

#[tokio::test]
async fn a_missing_log_stream_is_made() {
    let it = logs();
    it.sink.deliver(&small_changes(1), in_time()).await.unwrap();
    it.sink.deliver(&small_changes(1), in_time()).await.unwrap();
    let operations: Vec<_> = it.aws.calls().into_iter().map(|call| call.info.operation).collect();
    assert_eq!(operations, ["PutLogEvents", "CreateLogStream", "PutLogEvents", "PutLogEvents"]);
}

#[tokio::test]
async fn events_carry_the_time_of_the_change_and_go_in_its_order() {
    let it = logs();
    it.sink
        .deliver(&changes([30, 10, 20].map(|second| SAMPLE_TIME + second), 10), in_time())
        .await
        .unwrap();
    let events = it.aws.log_events("/changes", "changefan");
    let times: Vec<_> =
        events.iter().map(|event| event.timestamp_ms / 1000 - SAMPLE_TIME).collect();
    assert_eq!(times, [10, 20, 30]);
    assert_eq!(it.ids(), ["id-1", "id-2", "id-0"]);
}

#[tokio::test]
async fn more_than_a_day_is_more_than_a_call() {
    let it = logs();
    let times = [-3 * DAY, -2 * DAY, -2 * DAY + 1, -HOUR, 0].map(|second| SAMPLE_TIME + second);
    it.sink.deliver(&changes(times, 10), in_time()).await.unwrap();
    let puts: Vec<_> =
        it.aws.calls().into_iter().filter(|call| call.stored > 0).map(|call| call.stored).collect();
    assert_eq!(puts, [1, 2, 2]);
}

#[tokio::test]
async fn what_is_too_old_or_too_new_is_rejected_though_the_answer_is_200() {
    let it = logs();
    let times = [-15 * DAY, 0, 3 * HOUR, -HOUR].map(|second| SAMPLE_TIME + second);
    let error = it.sink.deliver(&changes(times, 10), in_time()).await.unwrap_err();
    assert_eq!(causes(&error), [(0, Cause::OutOfTime), (2, Cause::OutOfTime)]);
    assert_eq!(it.ids(), ["id-3", "id-1"]);
}

#[tokio::test]
async fn what_is_older_than_the_retention_is_rejected() {
    let it = logs();
    it.aws.set_retention_days("/changes", 1);
    let times = [-2 * DAY, -HOUR, 0].map(|second| SAMPLE_TIME + second);
    let error = it.sink.deliver(&changes(times, 10), in_time()).await.unwrap_err();
    assert_eq!(causes(&error), [(0, Cause::OutOfTime)]);
    assert_eq!(it.ids(), ["id-1", "id-2"]);
}

#[tokio::test]
async fn an_event_over_the_limit_is_told_and_its_neighbours_go_through() {
    let it = logs();
    let mut events = small_changes(3);
    events[1] = changes([SAMPLE_TIME], 1_048_576).remove(0);
    let error = it.sink.deliver(&events, in_time()).await.unwrap_err();
    assert_eq!(causes(&error), [(1, Cause::TooLarge)]);
    assert_eq!(it.ids(), ["id-0", "id-2"]);
}
