//! CloudWatch Logs, through its SDK.

use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata as _;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use changefan_strict_aws::{LogEvent, StrictAws};

use crate::clients;

const HOUR_MS: i64 = 60 * 60 * 1000;
const NOW_MS: i64 = 1_700_000_000_000;

fn event(timestamp: i64, message: impl Into<String>) -> InputLogEvent {
    InputLogEvent::builder().timestamp(timestamp).message(message).build().expect("both are set")
}

/// The ends of what is too old and of what has expired, and the start of what is too new.
type Rejected = (Option<i32>, Option<i32>, Option<i32>);

/// Puts events and returns the indexes of rejected ones, or the error code.
async fn put_events(
    aws: &StrictAws,
    events: Vec<InputLogEvent>,
) -> Result<Option<Rejected>, String> {
    let call =
        clients::logs(aws).put_log_events().log_group_name("group").log_stream_name("stream");
    match call.set_log_events(Some(events)).send().await {
        Ok(answer) => Ok(answer.rejected_log_events_info.map(|info| {
            (
                info.too_old_log_event_end_index,
                info.expired_log_event_end_index,
                info.too_new_log_event_start_index,
            )
        })),
        Err(error) => Err(error.code().unwrap_or_default().to_owned()),
    }
}

async fn with_log_stream() -> StrictAws {
    let aws = StrictAws::start();
    aws.set_clock(NOW_MS);
    aws.create_log_group("group");
    let create =
        clients::logs(&aws).create_log_stream().log_group_name("group").log_stream_name("stream");
    create.clone().send().await.expect("a new stream");
    assert_eq!(
        create.send().await.expect_err("exists").code(),
        Some("ResourceAlreadyExistsException")
    );
    aws
}

#[tokio::test]
async fn calls_within_the_limits_are_stored() {
    let aws = with_log_stream().await;
    assert_eq!(put_events(&aws, vec![event(NOW_MS, "a"), event(NOW_MS, "é")]).await, Ok(None));
    let stored = LogEvent { timestamp_ms: NOW_MS, message: "é".into() };
    assert_eq!(aws.log_events("group", "stream")[1], stored);
    assert_eq!(put_events(&aws, vec![event(NOW_MS, "x"); 10_000]).await, Ok(None));
    assert_eq!(put_events(&aws, vec![event(NOW_MS, "x".repeat(1_048_550))]).await, Ok(None));
    let day = vec![event(NOW_MS - 24 * HOUR_MS, "a"), event(NOW_MS, "b")];
    assert_eq!(put_events(&aws, day).await, Ok(None));
    aws.forget();
    assert_eq!(aws.log_events("group", "stream"), []);
}

#[tokio::test]
async fn calls_over_a_limit_are_refused() {
    let aws = with_log_stream().await;
    let too_long = "é".repeat(1_048_550 / 2) + "x";
    let unordered = vec![event(NOW_MS, "a"), event(NOW_MS - 1, "b")];
    let too_far = vec![event(NOW_MS - 24 * HOUR_MS - 1, "a"), event(NOW_MS, "b")];
    let sum = vec![event(NOW_MS, "x".repeat(524_262)), event(NOW_MS, "x".repeat(524_263))];
    let (none, too_many) = (vec![], vec![event(NOW_MS, "x"); 10_001]);
    let (empty, negative) = (vec![event(NOW_MS, "")], vec![event(-1, "x")]);
    for events in
        [vec![event(NOW_MS, too_long)], unordered, too_far, sum, none, too_many, empty, negative]
    {
        assert_eq!(put_events(&aws, events).await, Err("InvalidParameterException".into()));
    }
    assert_eq!(aws.log_events("group", "stream"), []);
}

#[tokio::test]
async fn events_outside_the_time_limits_are_rejected() {
    let aws = with_log_stream().await;
    let edges =
        vec![event(NOW_MS + 2 * HOUR_MS, "fits"), event(NOW_MS + 2 * HOUR_MS + 1, "too new")];
    assert_eq!(put_events(&aws, edges).await, Ok(Some((None, None, Some(1)))));
    let fortnight = NOW_MS - 14 * 24 * HOUR_MS;
    let edges = vec![event(fortnight - 1, "too old"), event(fortnight, "fits")];
    assert_eq!(put_events(&aws, edges).await, Ok(Some((Some(1), None, None))));
    aws.set_retention_days("group", 1);
    let edges =
        vec![event(NOW_MS - 24 * HOUR_MS - 1, "expired"), event(NOW_MS - 24 * HOUR_MS, "fits")];
    assert_eq!(put_events(&aws, edges).await, Ok(Some((None, Some(1), None))));
    let stored = aws.log_events("group", "stream");
    assert_eq!(stored.iter().map(|event| event.message.as_str()).collect::<Vec<_>>(), ["fits"; 3]);
    assert_eq!(aws.calls().last().map(|call| call.stored), Some(1));
}

#[tokio::test]
async fn groups_and_streams_are_described() {
    let aws = with_log_stream().await;
    let logs = clients::logs(&aws);
    let groups =
        logs.describe_log_groups().log_group_name_prefix("gr").send().await.expect("groups");
    assert_eq!(groups.log_groups().len(), 1);
    let streams =
        logs.describe_log_streams().log_group_name("group").send().await.expect("streams");
    assert_eq!(streams.log_streams()[0].log_stream_name(), Some("stream"));
    let missing = logs.describe_log_streams().log_group_name("other").send().await;
    assert_eq!(missing.expect_err("unknown").code(), Some("ResourceNotFoundException"));
    let missing = logs.put_log_events().log_group_name("group").log_stream_name("other");
    let missing = missing.log_events(event(NOW_MS, "x")).send().await;
    assert_eq!(missing.expect_err("unknown").code(), Some("ResourceNotFoundException"));
}
