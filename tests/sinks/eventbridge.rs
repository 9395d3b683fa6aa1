//! EventBridge: rejections inside a 200, sizes, names and missing buses.

use std::time::Duration;

use changefan::{Cause, Deadline};
use changefan_strict_aws::{AbsentBus, Fault, Service, only};

use super::destination::Destination;
use super::{SAMPLE_TIME, changes, in_time, small_changes};

fn bus(options: &[(&str, &str)]) -> Destination {
    let options: Vec<_> = [("EVENTBRIDGE_BUS", "changes")].iter().chain(options).copied().collect();
    Destination::new("eventbridge", &options)
}

#[tokio::test]
async fn events_carry_source_operation_time_and_detail() {
    let it = bus(&[]);
    it.deliver(&small_changes(1), in_time()).await.unwrap();
    let event = it.aws.bus_events("changes").remove(0);
    assert_eq!((event.source.as_str(), event.detail_type.as_str()), ("changefan", "INSERT"));
    assert_eq!(event.time_ms, Some(SAMPLE_TIME * 1000));
    let detail: serde_json::Value = serde_json::from_str(&event.detail).unwrap();
    assert_eq!(detail["new"]["padding"], "xxxxxxxxxx");
}

#[tokio::test]
async fn names_come_from_options() {
    let it = bus(&[("EVENTBRIDGE_SOURCE", "orders"), ("EVENTBRIDGE_DETAIL_TYPE", "Order changed")]);
    it.deliver(&small_changes(1), in_time()).await.unwrap();
    let event = it.aws.bus_events("changes").remove(0);
    assert_eq!((event.source.as_str(), event.detail_type.as_str()), ("orders", "Order changed"));
}

#[tokio::test]
async fn entries_rejected_inside_a_200_are_retried_alone() {
    let it = bus(&[]);
    let mut first = true;
    it.aws.set_faults(only(Service::EventBridge, move |call| {
        let fails = call.operation == "PutEvents" && std::mem::take(&mut first);
        if fails { Fault::RejectRecords(vec![1, 3]) } else { Fault::None }
    }));
    it.deliver(&small_changes(5), in_time()).await.unwrap();
    assert_eq!(it.ids(), ["id-0", "id-2", "id-4", "id-1", "id-3"]);
}

#[tokio::test]
async fn malformed_detail_is_rejected_alone() {
    let it = bus(&[]);
    it.aws.set_faults(|call| match call.operation.as_str() {
        "PutEvents" => Fault::RejectRecordsWith("MalformedDetail", vec![2]),
        _ => Fault::None,
    });
    let error = it.deliver(&small_changes(5), in_time()).await.unwrap_err();
    let failures: Vec<_> = error.iter().map(|it| (it.ordinal, it.cause)).collect();
    assert_eq!(failures, [(2, Cause::Invalid)]);
    assert_eq!(it.ids(), ["id-0", "id-1", "id-3", "id-4"]);
}

#[tokio::test]
async fn event_over_the_limit_is_rejected_alone() {
    let it = bus(&[]);
    let mut events = small_changes(3);
    events[1] = changes([SAMPLE_TIME; 2], 1_048_576).remove(1);
    let error = it.deliver(&events, in_time()).await.unwrap_err();
    let failures: Vec<_> = error.iter().map(|it| (it.ordinal, it.cause)).collect();
    assert_eq!(failures, [(1, Cause::TooLarge)]);
    assert_eq!(it.ids(), ["id-0", "id-2"]);
}

#[tokio::test]
async fn missing_bus_needs_an_operator_whatever_put_events_says() {
    for absent in [AbsentBus::Refused, AbsentBus::Discarded] {
        let it = Destination::new("eventbridge", &[("EVENTBRIDGE_BUS", "nosuch")]);
        it.aws.set_absent_buses(absent);
        let deadline = Deadline::after(Duration::from_secs(60));
        let error = it.deliver(&small_changes(2), deadline).await.unwrap_err();
        assert_eq!(error.iter().map(|it| it.cause).collect::<Vec<_>>(), [Cause::Denied; 2]);
    }
}

/// The function's process may live for hours.
#[tokio::test]
async fn bus_that_was_deleted_is_noticed_after_a_minute() {
    let it = bus(&[]);
    it.deliver(&small_changes(2), in_time()).await.unwrap();
    it.deliver(&small_changes(2), in_time()).await.unwrap();
    assert_eq!(it.aws.calls_of("DescribeEventBus", "changes").len(), 1);
    it.aws.set_absent_buses(AbsentBus::Discarded);
    it.aws.delete_event_bus("changes");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60)).await;
    tokio::time::resume();
    let error = it.deliver(&small_changes(2), in_time()).await.unwrap_err();
    assert_eq!(error.iter().map(|it| it.cause).collect::<Vec<_>>(), [Cause::Denied; 2]);
}
