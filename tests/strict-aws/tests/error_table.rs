//! Any status and error code of any service, as the SDKs receive it.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use changefan_strict_aws::{Fault, Service, StrictAws, only};
use serde_json::json;

use crate::clients;
use crate::plain::call;

const S3_ERRORS: [(u16, &str); 17] = [
    (301, "PermanentRedirect"),
    (307, "TemporaryRedirect"),
    (400, "AuthorizationHeaderMalformed"),
    (400, "EntityTooLarge"),
    (400, "ExpiredToken"),
    (400, "InvalidArgument"),
    (400, "KeyTooLongError"),
    (400, "KMS.DisabledException"),
    (400, "RequestTimeout"),
    (403, "AccessDenied"),
    (403, "InvalidAccessKeyId"),
    (403, "SignatureDoesNotMatch"),
    (404, "NoSuchBucket"),
    (405, "MethodNotAllowed"),
    (409, "ConditionalRequestConflict"),
    (501, "NotImplemented"),
    (503, "SlowDown"),
];

const JSON_ERRORS: [(u16, &str); 7] = [
    (400, "ExpiredTokenException"),
    (400, "InvalidArgumentException"),
    (400, "InvalidKMSResourceException"),
    (400, "InvalidSourceException"),
    (400, "SerializationException"),
    (413, "RequestEntityTooLargeException"),
    (503, "ServiceUnavailableException"),
];

/// The status and the code of an error response.
fn seen<E: ProvideErrorMetadata>(
    error: &SdkError<E, aws_sdk_s3::config::http::HttpResponse>,
) -> (Option<u16>, Option<&str>) {
    let status = error.raw_response().map(|response| response.status().as_u16());
    (status, error.as_service_error().and_then(ProvideErrorMetadata::code))
}

#[tokio::test]
async fn s3_returns_any_error_as_xml() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let s3 = clients::s3(&aws);
    for (status, code) in S3_ERRORS {
        aws.set_faults(move |_| Fault::Error(status, code));
        let error = s3.put_object().bucket("lake").key("k").send().await.expect_err("a fault");
        assert_eq!(seen(&error), (Some(status), Some(code)));
    }
    assert!(aws.objects().is_empty());
}

#[tokio::test]
async fn json_services_return_any_error() {
    let aws = StrictAws::start();
    let (firehose, logs) = (clients::firehose(&aws), clients::logs(&aws));
    for (status, code) in JSON_ERRORS {
        aws.set_faults(move |_| Fault::Error(status, code));
        let error = firehose.describe_delivery_stream().delivery_stream_name("s").send().await;
        assert_eq!(seen(&error.expect_err("a fault")), (Some(status), Some(code)));
        let error = logs.describe_log_groups().send().await.expect_err("a fault");
        assert_eq!(seen(&error), (Some(status), Some(code)));
    }
}

#[test]
fn every_json_service_returns_its_own_default() {
    let aws = StrictAws::start();
    let throttling = "ThrottlingException";
    let dynamodb = "com.amazonaws.dynamodb.v20120810#ThrottlingException";
    for (target, code) in [
        ("Firehose_20150804.PutRecordBatch", throttling),
        ("Logs_20140328.PutLogEvents", throttling),
        ("AWSEvents.PutEvents", throttling),
        ("AmazonSQS.ReceiveMessage", "com.amazonaws.sqs#ThrottlingException"),
        ("DynamoDB_20120810.DescribeTable", dynamodb),
        ("DynamoDBStreams_20120810.GetRecords", dynamodb),
        ("Kinesis_20131202.GetRecords", "ProvisionedThroughputExceededException"),
    ] {
        aws.set_faults(|_| Fault::Status(400));
        let (status, body) = call(&aws, target, &json!({}));
        assert_eq!((status, body["__type"].as_str()), (400, Some(code)), "{target}");
    }
}

#[tokio::test]
async fn other_services_are_spared() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    aws.set_faults(only(Service::Logs, |_| Fault::Error(403, "AccessDeniedException")));
    let error = clients::logs(&aws).describe_log_groups().send().await.expect_err("a fault");
    assert_eq!(seen(&error), (Some(403), Some("AccessDeniedException")));
    let put = clients::s3(&aws).put_object().bucket("lake").key("k").send().await;
    assert!(put.is_ok(), "{put:?}");
}
