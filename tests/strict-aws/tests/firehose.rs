//! Amazon Data Firehose, through its SDK.

use aws_sdk_firehose::error::ProvideErrorMetadata as _;
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::Record;
use bytes::Bytes;
use changefan_strict_aws::{Service, StrictAws};

use crate::clients;

fn record(data: impl AsRef<[u8]>) -> Record {
    Record::builder().data(Blob::new(data.as_ref())).build().expect("data is set")
}

/// Puts records and returns `FailedPutCount`, or the error code.
async fn put_records(aws: &StrictAws, records: Vec<Record>) -> Result<i32, String> {
    let call = clients::firehose(aws).put_record_batch().delivery_stream_name("changes");
    match call.set_records(Some(records)).send().await {
        Ok(answer) => Ok(answer.failed_put_count),
        Err(error) => Err(error.code().unwrap_or_default().to_owned()),
    }
}

#[tokio::test]
async fn calls_within_the_limits_are_stored() {
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
async fn calls_over_a_limit_are_refused() {
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
async fn streams_are_described() {
    let aws = StrictAws::start();
    aws.create_delivery_stream("changes");
    let firehose = clients::firehose(&aws);
    let answer = firehose.describe_delivery_stream().delivery_stream_name("changes").send().await;
    let description = answer.expect("a description").delivery_stream_description.expect("a stream");
    assert_eq!(description.delivery_stream_status.as_str(), "ACTIVE");
    let answer = firehose.describe_delivery_stream().delivery_stream_name("other").send().await;
    assert_eq!(answer.expect_err("unknown").code(), Some("ResourceNotFoundException"));
}
