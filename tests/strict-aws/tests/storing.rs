//! The service checked with the real SDKs: what it stores, and what it refuses.

use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata as _;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::Record;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use changefan_strict_aws::{LogEvent, Service, StrictAws};

use crate::clients;

const HOUR_MS: i64 = 60 * 60 * 1000;
const NOW_MS: i64 = 1_700_000_000_000;

fn record(data: impl AsRef<[u8]>) -> Record {
    Record::builder().data(Blob::new(data.as_ref())).build().expect("data is set")
}

/// Puts records; the error code is what the service says when it refuses the call.
async fn put_records(aws: &StrictAws, records: Vec<Record>) -> Result<i32, String> {
    let call = clients::firehose(aws).put_record_batch().delivery_stream_name("changes");
    match call.set_records(Some(records)).send().await {
        Ok(answer) => Ok(answer.failed_put_count),
        Err(error) => Err(error.code().unwrap_or_default().to_owned()),
    }
}

#[tokio::test]
async fn firehose_takes_what_fits() {
    let aws = StrictAws::start();
    aws.create_delivery_stream("changes");
    let answer = put_records(&aws, vec![record("a\n"), record("b\n"), record("a\n")]).await;
    assert_eq!(answer, Ok(0));
    assert_eq!(aws.firehose_records("changes"), ["a\n", "b\n", "a\n"].map(Bytes::from));

    let call = &aws.calls()[0];
    assert_eq!(
        (call.info.service, call.info.operation.as_str()),
        (Service::Firehose, "PutRecordBatch")
    );
    assert_eq!((call.info.resource.as_str(), call.info.records), ("changes", 3));
    assert_eq!((call.stored, call.status, call.code.as_deref()), (3, Some(200), None));
    assert!(call.info.bytes > 0);
    assert_eq!(aws.max_concurrent(Service::Firehose), 1);

    assert_eq!(put_records(&aws, vec![record("x"); 500]).await, Ok(0));
    assert_eq!(put_records(&aws, vec![record(vec![b'x'; 1_024_000]); 3]).await, Ok(0));
    aws.forget();
    assert_eq!((aws.firehose_records("changes").len(), aws.calls().len()), (0, 0));
}

#[tokio::test]
async fn firehose_refuses_whole_calls() {
    let aws = StrictAws::start();
    assert_eq!(put_records(&aws, vec![record("a")]).await, Err("ResourceNotFoundException".into()));
    aws.create_delivery_stream("changes");
    // 3 MiB are exactly 4 MiB in base64; one byte more is too much.
    let mut records = vec![record(vec![b'x'; 786_432]); 4];
    assert_eq!(put_records(&aws, records.clone()).await, Ok(0));
    records.push(record("x"));
    assert_eq!(put_records(&aws, records).await, Err("InvalidArgumentException".into()));
    for records in
        [vec![], vec![record("x"); 501], vec![record("")], vec![record(vec![b'x'; 1_024_001])]]
    {
        assert_eq!(put_records(&aws, records).await, Err("ValidationException".into()));
    }
    assert_eq!(aws.firehose_records("changes").len(), 4);
    assert_eq!(
        aws.calls().last().and_then(|call| call.code.clone()).as_deref(),
        Some("ValidationException")
    );
}

#[tokio::test]
async fn firehose_describes_streams() {
    let aws = StrictAws::start();
    aws.create_delivery_stream("changes");
    let firehose = clients::firehose(&aws);
    let answer = firehose.describe_delivery_stream().delivery_stream_name("changes").send().await;
    let description = answer.expect("a description").delivery_stream_description.expect("a stream");
    assert_eq!(description.delivery_stream_status.as_str(), "ACTIVE");
    let answer = firehose.describe_delivery_stream().delivery_stream_name("other").send().await;
    assert_eq!(answer.expect_err("unknown").code(), Some("ResourceNotFoundException"));
}

fn event(timestamp: i64, message: impl Into<String>) -> InputLogEvent {
    InputLogEvent::builder().timestamp(timestamp).message(message).build().expect("both are set")
}

type Rejected = (Option<i32>, Option<i32>, Option<i32>);

/// Puts events; answers with the indexes (too old end, expired end, too new start), or with the error code.
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
async fn logs_take_what_fits() {
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
async fn logs_refuse_whole_calls() {
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
async fn logs_reject_by_time_and_take_the_rest() {
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
async fn logs_describe_groups_and_streams() {
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

const KEY: &str = "a b/table=é+&<x>/1.jsonl";

#[tokio::test]
async fn s3_puts_once_and_reads_back() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let s3 = clients::s3(&aws);
    let put = || s3.put_object().bucket("lake").key(KEY).if_none_match("*");
    let first = put().body(ByteStream::from_static(b"one")).send().await.expect("a new object");
    assert!(first.e_tag().is_some());
    let again = put().content_encoding("gzip").body(ByteStream::from_static(b"two")).send().await;
    assert_eq!(again.expect_err("exists").code(), Some("PreconditionFailed"));
    assert_eq!(aws.objects()[&format!("lake/{KEY}")], "one");

    let attempts = aws.put_attempts(&format!("lake/{KEY}"));
    let encodings: Vec<_> =
        attempts.iter().map(|call| call.info.content_encoding.as_deref()).collect();
    assert_eq!(encodings, [None, Some("gzip")]);
    assert_eq!(attempts.iter().map(|call| call.status).collect::<Vec<_>>(), [Some(200), Some(412)]);

    let object = s3.get_object().bucket("lake").key(KEY).send().await.expect("an object");
    assert_eq!(object.body.collect().await.expect("its body").into_bytes(), "one");
    let head = s3.head_object().bucket("lake").key(KEY).send().await.expect("an object");
    assert_eq!(head.content_length(), Some(3));
    s3.put_object()
        .bucket("lake")
        .key(KEY)
        .body(ByteStream::from_static(b"two"))
        .send()
        .await
        .expect("no condition");
    assert_eq!(aws.objects()[&format!("lake/{KEY}")], "two");
}

#[tokio::test]
async fn s3_lists_by_page() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let s3 = clients::s3(&aws);
    for number in 0..3 {
        s3.put_object()
            .bucket("lake")
            .key(format!("many/<{number}>"))
            .send()
            .await
            .expect("a new object");
    }
    s3.put_object().bucket("lake").key("other").send().await.expect("a new object");
    let list = s3.list_objects_v2().bucket("lake").prefix("many/").max_keys(2);
    let page = list.clone().send().await.expect("a page");
    assert_eq!((page.contents().len(), page.is_truncated()), (2, Some(true)));
    let last =
        list.set_continuation_token(page.next_continuation_token).send().await.expect("a page");
    assert_eq!((last.contents().len(), last.is_truncated()), (1, Some(false)));
    assert_eq!(last.contents()[0].key(), Some("many/<2>"));
}

#[tokio::test]
async fn s3_knows_what_is_missing() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let s3 = clients::s3(&aws);
    s3.head_bucket().bucket("lake").send().await.expect("a bucket");
    assert_eq!(
        s3.head_bucket().bucket("pond").send().await.expect_err("unknown").code(),
        Some("NotFound")
    );
    let head = s3.head_object().bucket("lake").key("k").send().await;
    assert!(head.expect_err("unknown").into_service_error().is_not_found());
    let get = s3.get_object().bucket("lake").key("k").send().await;
    assert!(get.expect_err("unknown").into_service_error().is_no_such_key());
    let put = s3.put_object().bucket("pond").key("k").send().await;
    assert_eq!(put.expect_err("unknown").code(), Some("NoSuchBucket"));
    let put = s3.put_object().bucket("lake").key("k".repeat(1025)).send().await;
    assert_eq!(put.expect_err("too long").code(), Some("KeyTooLongError"));
    assert!(aws.objects().is_empty());
}

#[tokio::test]
async fn s3_takes_streamed_bodies() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    // A body from a file is sent in chunks with the checksum behind it.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let body = ByteStream::from_path(file).await.expect("this package's manifest");
    clients::s3(&aws)
        .put_object()
        .bucket("lake")
        .key("k")
        .body(body)
        .send()
        .await
        .expect("a new object");
    assert_eq!(aws.objects()["lake/k"], std::fs::read(file).expect("the same file"));
    assert_eq!(aws.calls()[0].info.content_encoding, None);
}
