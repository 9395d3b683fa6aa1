//! Errors of AWS services: their causes, and how to handle them.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::batch::CallError;
use crate::{BoxError, Cause};

/// A call to an AWS service that failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServiceError {
    /// The operation, as in `PutRecordBatch`.
    pub operation: &'static str,
    /// What it was called on, as in `delivery stream orders`.
    pub resource: String,
    /// The HTTP status; `None` if there was no response.
    pub status: Option<u16>,
    /// The error code; empty if there was none.
    pub code: String,
    /// The request id that AWS support asks for.
    pub request_id: Option<String>,
    source: BoxError,
}

impl ServiceError {
    /// What an SDK client reports about a failed call.
    pub fn new<E>(
        operation: &'static str,
        resource: impl Into<String>,
        error: SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let response = error.raw_response();
        let status = response.map(|response| response.status().as_u16());
        let header = |name| response.and_then(|response| response.headers().get(name));
        let request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
        let request_id = request_id.map(str::to_owned);
        let code = error.code().unwrap_or_default().to_owned();
        let resource = resource.into();
        Self { operation, resource, status, code, request_id, source: error.into() }
    }
}

/// A service whose error codes are classified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    CloudWatchLogs,
    EventBridge,
    Firehose,
    S3,
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} failed", self.operation, self.resource)?;
        if let Some(status) = self.status {
            write!(f, " with status {status}")?;
        }
        if !self.code.is_empty() {
            write!(f, " {}", self.code)?;
        }
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl Error for ServiceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// What an SDK client reports about a failed call.
pub(crate) fn call_error<E>(
    service: Service,
    operation: &'static str,
    resource: String,
    error: SdkError<E, HttpResponse>,
) -> CallError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let cause = cause_of_sdk_error(service, &error);
    let source = ServiceError::new(operation, resource, error);
    CallError::new(cause, source.code.clone(), source)
}

fn cause_of_sdk_error<E: ProvideErrorMetadata>(
    service: Service,
    error: &SdkError<E, HttpResponse>,
) -> Cause {
    match error {
        SdkError::TimeoutError(_) => Cause::TimedOut,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Cause::TimedOut,
        // No region or no credentials: the call was not made.
        SdkError::DispatchFailure(failure)
            if failure.is_other() && failure.as_other().is_none() =>
        {
            Cause::Denied
        }
        SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Cause::Unavailable,
        SdkError::ServiceError(error) => {
            let status = error.raw().status().as_u16();
            cause_of(service, status, error.err().code().unwrap_or_default())
        }
        _ => Cause::Unknown,
    }
}

/// The cause that an error code states, or else the HTTP status.
pub(crate) fn cause_of(service: Service, status: u16, code: &str) -> Cause {
    let matches = |row: &&Row| row.0.is_none_or(|it| it == service) && code_matches(row.1, code);
    match CODES.iter().find(matches) {
        Some((_, _, cause)) => *cause,
        None => cause_of_status(status),
    }
}

fn cause_of_status(status: u16) -> Cause {
    match status {
        408 => Cause::TimedOut,
        409 | 500 | 502..=599 => Cause::Unavailable,
        413 => Cause::TooLarge,
        429 => Cause::Throttled,
        301 | 307 | 401 | 403 | 404 | 405 | 501 => Cause::Denied,
        _ => Cause::Unknown,
    }
}

/// A code that ends with `*` matches every code with that prefix.
fn code_matches(pattern: &str, code: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => code.starts_with(start),
        None => pattern == code,
    }
}

/// A service, or any; an error code; its cause.
type Row = (Option<Service>, &'static str, Cause);

const ANY: Option<Service> = None;
const LOGS: Option<Service> = Some(Service::CloudWatchLogs);
const EVENTBRIDGE: Option<Service> = Some(Service::EventBridge);
const FIREHOSE: Option<Service> = Some(Service::Firehose);
const S3: Option<Service> = Some(Service::S3);

/// The error codes whose cause the HTTP status does not state. The first matching row counts.
pub(crate) const CODES: &[Row] = &[
    // "Common errors" of the query and JSON protocols: every service's API reference.
    (ANY, "Throttling*", Cause::Throttled),
    (ANY, "RequestLimitExceeded", Cause::Throttled),
    (ANY, "RequestThrottled*", Cause::Throttled),
    (ANY, "TooManyRequests*", Cause::Throttled),
    (ANY, "ProvisionedThroughputExceeded*", Cause::Throttled),
    (ANY, "ServiceUnavailable*", Cause::Unavailable),
    (ANY, "InternalFailure", Cause::Unavailable),
    (ANY, "InternalServerError", Cause::Unavailable),
    (ANY, "RequestTimeout*", Cause::Unavailable),
    (ANY, "AccessDenied*", Cause::Denied),
    (ANY, "ExpiredToken*", Cause::Denied),
    (ANY, "InvalidAccessKeyId", Cause::Denied),
    (ANY, "InvalidClientTokenId", Cause::Denied),
    (ANY, "InvalidToken", Cause::Denied),
    (ANY, "UnrecognizedClient*", Cause::Denied),
    (ANY, "SignatureDoesNotMatch", Cause::Denied),
    (ANY, "InvalidSignature*", Cause::Denied),
    (ANY, "IncompleteSignature*", Cause::Denied),
    (ANY, "MissingAuthenticationToken*", Cause::Denied),
    (ANY, "OptInRequired", Cause::Denied),
    (ANY, "NotAuthorized", Cause::Denied),
    (ANY, "ResourceNotFound*", Cause::Denied),
    (ANY, "KMS*", Cause::Denied),
    (ANY, "InvalidKMSResource*", Cause::Denied),
    (ANY, "SerializationException", Cause::Invalid),
    (ANY, "ValidationException", Cause::Invalid),
    (ANY, "ValidationError", Cause::Invalid),
    // S3 API reference, "List of error codes".
    (S3, "SlowDown", Cause::Throttled),
    (S3, "PermanentRedirect", Cause::Denied),
    (S3, "TemporaryRedirect", Cause::Unavailable),
    (S3, "AuthorizationHeaderMalformed", Cause::Denied),
    (S3, "AuthorizationQueryParametersError", Cause::Denied),
    (S3, "IllegalLocationConstraintException", Cause::Denied),
    (S3, "NoSuchBucket", Cause::Denied),
    (S3, "InvalidBucketName", Cause::Denied),
    (S3, "InvalidBucketState", Cause::Denied),
    (S3, "AllAccessDisabled", Cause::Denied),
    (S3, "AccountProblem", Cause::Denied),
    (S3, "InvalidObjectState", Cause::Denied),
    (S3, "MethodNotAllowed", Cause::Denied),
    (S3, "NotImplemented", Cause::Denied),
    (S3, "NotSignedUp", Cause::Denied),
    (S3, "RequestTimeTooSkewed", Cause::Unavailable),
    (S3, "InvalidRequest", Cause::Denied),
    (S3, "InvalidArgument", Cause::Invalid),
    (S3, "InvalidURI", Cause::Invalid),
    (S3, "KeyTooLongError", Cause::Invalid),
    (S3, "EntityTooLarge", Cause::TooLarge),
    (S3, "MaxMessageLengthExceeded", Cause::TooLarge),
    // Firehose API reference, PutRecordBatch.
    (FIREHOSE, "LimitExceededException", Cause::Throttled),
    (FIREHOSE, "InvalidArgumentException", Cause::Invalid),
    (FIREHOSE, "InvalidSourceException", Cause::Denied),
    // EventBridge API reference, PutEvents and PutEventsResultEntry.
    (EVENTBRIDGE, "InternalException", Cause::Unavailable),
    (EVENTBRIDGE, "MalformedDetail", Cause::Invalid),
    (EVENTBRIDGE, "InvalidArgument", Cause::Invalid),
    (EVENTBRIDGE, "InvalidParameter", Cause::Invalid),
    (EVENTBRIDGE, "NotAuthorizedForSource*", Cause::Denied),
    (EVENTBRIDGE, "OperationDisabledException", Cause::Denied),
    // CloudWatch Logs API reference, PutLogEvents.
    (LOGS, "LimitExceededException", Cause::Throttled),
    (LOGS, "OperationAbortedException", Cause::Unavailable),
    (LOGS, "InvalidParameterException", Cause::Invalid),
    (LOGS, "InvalidOperationException", Cause::Denied),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_decides_when_the_code_is_unknown() {
        for (status, cause) in [
            (301, Cause::Denied),
            (400, Cause::Unknown),
            (403, Cause::Denied),
            (405, Cause::Denied),
            (409, Cause::Unavailable),
            (413, Cause::TooLarge),
            (429, Cause::Throttled),
            (500, Cause::Unavailable),
            (501, Cause::Denied),
            (503, Cause::Unavailable),
        ] {
            assert_eq!(cause_of(Service::S3, status, "Other"), cause, "{status}");
        }
    }

    #[test]
    fn codes_of_a_service_apply_to_it_alone() {
        assert_eq!(cause_of(Service::S3, 400, "InvalidArgument"), Cause::Invalid);
        assert_eq!(cause_of(Service::Firehose, 400, "InvalidArgument"), Cause::Unknown);
        assert_eq!(cause_of(Service::S3, 400, "KMS.DisabledException"), Cause::Denied);
    }
}
