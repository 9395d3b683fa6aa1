//! Faults and schedules, through the SDK of Firehose.

use std::time::{Duration, Instant};

use aws_sdk_firehose::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_firehose::operation::put_record_batch::{PutRecordBatchError, PutRecordBatchOutput};
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::Record;
use changefan_strict_aws::{
    CallInfo, Fault, Service, StrictAws, hang_calls, in_turn, refuse_calls_containing, seeded,
};

use crate::clients;

type Answer = Result<PutRecordBatchOutput, SdkError<PutRecordBatchError>>;

fn with_stream() -> StrictAws {
    let aws = StrictAws::start();
    aws.create_delivery_stream("changes");
    aws
}

async fn put(aws: &StrictAws, records: &[&str]) -> Answer {
    let record =
        |data: &&str| Record::builder().data(Blob::new(*data)).build().expect("data is set");
    let records = records.iter().map(record).collect();
    let call = clients::firehose(aws).put_record_batch().delivery_stream_name("changes");
    call.set_records(Some(records)).send().await
}

/// Waits until the service has had this many calls.
async fn called(aws: &StrictAws, calls: usize) {
    while aws.calls().len() < calls {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Makes a call that meets this fault. Returns its result and the number of stored records.
async fn meet(fault: Fault) -> (Answer, usize) {
    let aws = with_stream();
    aws.set_faults(in_turn([fault.clone()]));
    let answer = put(&aws, &["a", "b"]).await;
    let calls = aws.calls();
    assert_eq!((calls.len(), &calls[0].fault), (1, &fault));
    let stored = aws.firehose_records("changes").len();
    assert_eq!(calls[0].stored, stored);
    assert!(put(&aws, &["c"]).await.is_ok(), "only the first call is to fail");
    (answer, stored)
}

#[tokio::test]
async fn errors_are_shaped_by_the_service() {
    for (status, code) in [
        (400, "ThrottlingException"),
        (403, "AccessDeniedException"),
        (429, "ThrottlingException"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailableException"),
    ] {
        let (answer, stored) = meet(Fault::Status(status)).await;
        let error = answer.expect_err("a fault");
        assert_eq!(error.raw_response().map(|response| response.status().as_u16()), Some(status));
        assert_eq!((error.code(), stored), (Some(code), 0));
    }
    let (answer, stored) = meet(Fault::Error(400, "ExpiredTokenException")).await;
    assert_eq!((answer.expect_err("a fault").code(), stored), (Some("ExpiredTokenException"), 0));
}

#[tokio::test]
async fn s3_errors_are_xml() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    for (status, code) in
        [(409, "ConditionalRequestConflict"), (500, "InternalError"), (503, "SlowDown")]
    {
        aws.set_faults(move |_| Fault::Status(status));
        let answer = clients::s3(&aws).put_object().bucket("lake").key("k").send().await;
        assert_eq!(answer.expect_err("a fault").code(), Some(code));
    }
    assert!(aws.objects().is_empty());
    let attempts = aws.put_attempts("lake/k");
    assert_eq!(attempts.iter().map(|call| call.info.attempt).collect::<Vec<_>>(), [0, 1, 2]);
}

#[tokio::test]
async fn single_records_are_rejected() {
    for (fault, code) in [
        (Fault::RejectRecords(vec![1, 7]), "ServiceUnavailableException"),
        (Fault::RejectRecordsWith("InternalFailure", vec![1]), "InternalFailure"),
        (Fault::RejectContaining("b"), "ServiceUnavailableException"),
    ] {
        let (answer, stored) = meet(fault).await;
        let answer = answer.expect("a partial failure is a success");
        assert_eq!((answer.failed_put_count, stored), (1, 1));
        let entries = answer.request_responses();
        assert!(entries[0].record_id().is_some() && entries[0].error_code().is_none());
        assert_eq!(entries[1].error_code(), Some(code));
    }
}

#[tokio::test]
async fn lost_answers_leave_the_data_stored() {
    let (answer, stored) = meet(Fault::AcceptThenStatus(500)).await;
    assert_eq!((answer.expect_err("a fault").code(), stored), (Some("InternalFailure"), 2));
    let (answer, stored) = meet(Fault::AcceptThenDrop).await;
    assert!(matches!(answer, Err(SdkError::DispatchFailure(_))), "{answer:?}");
    assert_eq!(stored, 2);
    let (answer, stored) = meet(Fault::TruncatedAnswer).await;
    assert!(matches!(answer, Err(SdkError::ResponseError(_))), "{answer:?}");
    assert_eq!(stored, 2);
}

#[tokio::test]
async fn connections_are_reset() {
    let (answer, stored) = meet(Fault::ConnectionReset).await;
    assert!(format!("{answer:?}").contains("ConnectionReset"), "{answer:?}");
    assert_eq!(stored, 0);

    let aws = with_stream();
    aws.reset_next_connections(1);
    assert!(matches!(put(&aws, &["a"]).await, Err(SdkError::DispatchFailure(_))));
    assert!(aws.calls().is_empty());
    assert!(put(&aws, &["a"]).await.is_ok());
}

#[tokio::test]
async fn unanswered_calls_time_out() {
    let (hang, accept, late) = tokio::join!(
        meet(Fault::Hang),
        meet(Fault::AcceptThenHang),
        meet(Fault::Delay(clients::PATIENCE * 2)),
    );
    // A call that was carried out stays so, whether or not its response arrives.
    for ((answer, stored), expected) in [(hang, 0), (accept, 2), (late, 2)] {
        assert!(matches!(answer, Err(SdkError::TimeoutError(_))), "{answer:?}");
        assert_eq!(stored, expected);
    }
}

#[tokio::test]
async fn abandoned_call_is_no_longer_in_progress() {
    let aws = with_stream();
    aws.set_faults(|_| Fault::Hang);
    for calls in 1..=3 {
        tokio::select! {
            answer = put(&aws, &["a"]) => panic!("an answer: {answer:?}"),
            () = called(&aws, calls) => {}
        }
    }
    aws.set_faults(|_| Fault::None);
    assert!(put(&aws, &["a"]).await.is_ok());
    // The service may detect a closed connection late.
    assert!(aws.max_concurrent(Service::Firehose) <= 2);
}

#[tokio::test]
async fn calls_overlap_and_wait() {
    let aws = with_stream();
    aws.set_latency(Duration::from_millis(500));
    aws.set_faults(in_turn([Fault::Delay(Duration::from_millis(100))]));
    let start = Instant::now();
    let (one, two) = tokio::join!(put(&aws, &["a"]), put(&aws, &["b"]));
    assert!(one.is_ok() && two.is_ok());
    assert!(start.elapsed() >= Duration::from_millis(600));
    assert_eq!(aws.max_concurrent(Service::Firehose), 2);
    assert_eq!(aws.max_concurrent(Service::S3), 0);
}

#[tokio::test]
async fn schedules_see_the_call() {
    let aws = with_stream();
    aws.create_delivery_stream("other");
    aws.set_faults(|call| match call {
        CallInfo { service: Service::Firehose, attempt: 0, records: 2.., .. }
            if call.resource == "changes" =>
        {
            Fault::Status(503)
        }
        _ => Fault::None,
    });
    assert!(put(&aws, &["a", "b"]).await.is_err());
    assert!(put(&aws, &["a", "b"]).await.is_ok());
    assert_eq!(aws.calls().iter().map(|call| call.info.number).collect::<Vec<_>>(), [0, 1]);
}

#[tokio::test]
async fn chosen_calls_hang() {
    let aws = with_stream();
    aws.set_faults(hang_calls("PutRecordBatch", [0, 2]));
    assert!(matches!(put(&aws, &["a"]).await, Err(SdkError::TimeoutError(_))));
    let describe = clients::firehose(&aws).describe_delivery_stream();
    assert!(describe.delivery_stream_name("changes").send().await.is_ok());
    assert!(put(&aws, &["b"]).await.is_ok());
    assert!(matches!(put(&aws, &["c"]).await, Err(SdkError::TimeoutError(_))));
    assert!(put(&aws, &["d"]).await.is_ok());
    assert_eq!(aws.firehose_records("changes"), ["b", "d"]);
}

#[tokio::test]
async fn call_is_refused_for_one_record() {
    let aws = with_stream();
    aws.set_faults(refuse_calls_containing("poison", 400, "InvalidArgumentException"));
    let error = put(&aws, &["a", "a poison", "b"]).await.expect_err("a poisoned call");
    assert_eq!(error.code(), Some("InvalidArgumentException"));
    assert!(put(&aws, &["a", "b"]).await.is_ok());
    assert_eq!(aws.firehose_records("changes"), ["a", "b"]);

    aws.create_log_group("group");
    let logs = clients::logs(&aws);
    let (group, stream) = ("group", "stream");
    let create = logs.create_log_stream().log_group_name(group).log_stream_name(stream);
    create.send().await.expect("a new stream");
    let event = aws_sdk_cloudwatchlogs::types::InputLogEvent::builder().timestamp(0);
    let event = event.message("a poison").build().expect("both are set");
    let call = logs.put_log_events().log_group_name(group).log_stream_name(stream);
    let error = call.log_events(event).send().await.expect_err("a poisoned call");
    assert_eq!(error.code(), Some("InvalidArgumentException"));
}

#[tokio::test]
async fn seeded_faults_repeat() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let aws = with_stream();
        aws.set_faults(seeded(7, 50));
        for _ in 0..40 {
            // Only the faults are compared, not the results.
            let _ = put(&aws, &["a", "b", "c"]).await;
        }
        runs.push(aws.calls().into_iter().map(|call| call.fault).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1]);
    let faults = runs[0].iter().filter(|fault| **fault != Fault::None).count();
    assert!((5..35).contains(&faults), "{faults} of 40");
}
