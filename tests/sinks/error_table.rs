//! The cause of every error code, through the sinks and over the wire.

use std::time::Duration;

use changefan::{Cause, Class, Deadline};
use changefan_strict_aws::Fault;

use super::destination::Destination;
use super::small_changes;

/// A sink's type, an HTTP status, an error code, and its cause for a delivery of one event.
const TABLE: &[(&str, u16, &str, Cause)] = &[
    ("s3", 301, "PermanentRedirect", Cause::Denied),
    ("s3", 400, "AuthorizationHeaderMalformed", Cause::Denied),
    ("s3", 400, "ExpiredToken", Cause::Denied),
    ("s3", 400, "InvalidToken", Cause::Denied),
    ("s3", 400, "KMS.DisabledException", Cause::Denied),
    ("s3", 400, "KMS.NotFoundException", Cause::Denied),
    ("s3", 403, "AccessDenied", Cause::Denied),
    ("s3", 403, "InvalidAccessKeyId", Cause::Denied),
    ("s3", 403, "SignatureDoesNotMatch", Cause::Denied),
    ("s3", 403, "RequestTimeTooSkewed", Cause::Unavailable),
    ("s3", 404, "NoSuchBucket", Cause::Denied),
    ("s3", 405, "MethodNotAllowed", Cause::Denied),
    ("s3", 409, "ConditionalRequestConflict", Cause::Unavailable),
    ("s3", 501, "NotImplemented", Cause::Denied),
    ("s3", 503, "SlowDown", Cause::Throttled),
    ("s3", 400, "RequestTimeout", Cause::Unavailable),
    ("s3", 400, "InvalidArgument", Cause::Invalid),
    ("s3", 400, "KeyTooLongError", Cause::Invalid),
    ("s3", 400, "EntityTooLarge", Cause::TooLarge),
    ("firehose", 400, "ExpiredTokenException", Cause::Denied),
    ("firehose", 400, "InvalidKMSResourceException", Cause::Denied),
    ("firehose", 400, "InvalidSourceException", Cause::Denied),
    ("firehose", 400, "ResourceNotFoundException", Cause::Denied),
    ("firehose", 400, "AccessDeniedException", Cause::Denied),
    ("firehose", 400, "UnrecognizedClientException", Cause::Denied),
    ("firehose", 400, "InvalidArgumentException", Cause::Invalid),
    ("firehose", 400, "SerializationException", Cause::Invalid),
    ("firehose", 400, "ValidationException", Cause::Invalid),
    ("firehose", 413, "RequestEntityTooLarge", Cause::TooLarge),
    ("firehose", 400, "LimitExceededException", Cause::Throttled),
    ("firehose", 400, "ThrottlingException", Cause::Throttled),
    ("firehose", 503, "ServiceUnavailableException", Cause::Unavailable),
    ("eventbridge", 400, "ExpiredTokenException", Cause::Denied),
    ("eventbridge", 400, "AccessDeniedException", Cause::Denied),
    ("eventbridge", 400, "ResourceNotFoundException", Cause::Denied),
    ("eventbridge", 400, "ValidationException", Cause::Invalid),
    ("eventbridge", 413, "RequestEntityTooLarge", Cause::TooLarge),
    ("eventbridge", 400, "ThrottlingException", Cause::Throttled),
    ("eventbridge", 500, "InternalException", Cause::Unavailable),
    ("cloudwatch_logs", 400, "ExpiredTokenException", Cause::Denied),
    ("cloudwatch_logs", 400, "InvalidOperationException", Cause::Denied),
    ("cloudwatch_logs", 400, "InvalidParameterException", Cause::Invalid),
    ("cloudwatch_logs", 400, "ThrottlingException", Cause::Throttled),
    ("cloudwatch_logs", 400, "OperationAbortedException", Cause::Unavailable),
    ("cloudwatch_logs", 500, "InternalFailure", Cause::Unavailable),
];

fn destination(sink_type: &'static str) -> Destination {
    let options = match sink_type {
        "s3" => [("S3_BUCKET", "lake")],
        "firehose" => [("FIREHOSE_STREAM", "changes")],
        "eventbridge" => [("EVENTBRIDGE_BUS", "changes")],
        _ => [("CLOUDWATCH_LOGS_GROUP", "/changes")],
    };
    Destination::new(sink_type, &options)
}

#[tokio::test]
async fn every_error_code_has_its_cause() {
    for &(sink_type, status, code, cause) in TABLE {
        let it = destination(sink_type);
        it.aws.set_faults(move |_| Fault::Error(status, code));
        // Retryable failures are retried until the deadline.
        let retryable = cause.class() == Class::Retryable;
        let time = Duration::from_millis(if retryable { 300 } else { 60_000 });
        let deadline = Deadline::after(time);
        let error = it.deliver(&small_changes(1), deadline).await.unwrap_err();
        let found = error[0].cause;
        let late = found == Cause::TimedOut && retryable;
        assert!(found == cause || late, "{sink_type} {status} {code}: {found}");
        assert!(error[0].reason().contains(code) || late, "{}", error[0].reason());
        if !retryable {
            assert_eq!(it.aws.calls().len(), 1, "{sink_type} {code} is not retried");
        }
    }
}
