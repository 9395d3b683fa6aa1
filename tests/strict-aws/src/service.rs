//! The services and what their protocols differ in.

use hyper::HeaderMap;

/// The services that this endpoint provides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Service {
    /// Amazon S3.
    S3,
    /// Amazon Data Firehose.
    Firehose,
    /// CloudWatch Logs.
    Logs,
    /// Amazon EventBridge.
    EventBridge,
    /// Amazon SQS.
    Sqs,
    /// Amazon DynamoDB.
    DynamoDb,
    /// Amazon DynamoDB Streams.
    DynamoDbStreams,
    /// Amazon Kinesis Data Streams.
    Kinesis,
    /// A JSON request for none of the above: always refused.
    Unknown,
}

/// The prefix of `X-Amz-Target` per JSON service: the name and version of its API.
const TARGETS: [(&str, Service); 7] = [
    ("Firehose_20150804", Service::Firehose),
    ("Logs_20140328", Service::Logs),
    ("AWSEvents", Service::EventBridge),
    ("AmazonSQS", Service::Sqs),
    ("DynamoDB_20120810", Service::DynamoDb),
    ("DynamoDBStreams_20120810", Service::DynamoDbStreams),
    ("Kinesis_20131202", Service::Kinesis),
];

impl Service {
    /// The header that names the operation of a JSON request; a request to S3 has none.
    pub(crate) const TARGET: &str = "x-amz-target";

    /// The service that a request is for.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let Some(target) = headers.get(Self::TARGET) else {
            return Self::S3;
        };
        let prefix = target.to_str().ok().and_then(|target| Some(target.split_once('.')?.0));
        let known = TARGETS.iter().find(|(name, _)| Some(*name) == prefix);
        known.map_or(Self::Unknown, |(_, service)| *service)
    }

    /// The type of a response's body, unless the response has its own.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::S3 => "application/xml",
            Self::Sqs | Self::DynamoDb | Self::DynamoDbStreams => "application/x-amz-json-1.0",
            _ => "application/x-amz-json-1.1",
        }
    }

    /// The namespace of an error's `__type`: AWS JSON 1.0 sends one.
    pub(crate) fn error_namespace(self) -> &'static str {
        match self {
            Self::Sqs => "com.amazonaws.sqs#",
            Self::DynamoDb | Self::DynamoDbStreams => "com.amazonaws.dynamodb.v20120810#",
            _ => "",
        }
    }

    /// The error code of input that does not fit the API's model.
    pub(crate) fn invalid_input(self) -> &'static str {
        match self {
            Self::Logs => "InvalidParameterException",
            Self::Sqs => "InvalidParameterValue",
            _ => "ValidationException",
        }
    }
}
