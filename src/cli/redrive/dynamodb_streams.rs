//! The shards of DynamoDB Streams.

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::config::{Builder, Region};
use aws_sdk_dynamodbstreams::operation::get_shard_iterator::GetShardIteratorError as IteratorError;
use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, ShardIteratorType, StreamRecord};
use base64::prelude::{BASE64_STANDARD, Engine};
use changefan_sinks::{Aws, ServiceError, async_trait};
use serde_json::{Map, Value, json};

use super::arn::region;
use super::failure::ShardRange;
use super::fetch::{Page, Shards, seconds};
use super::sequence::SequenceNumber;
use crate::cli::retries;

/// The streams of a region.
pub(super) struct DynamoDbStreams(Client);

impl DynamoDbStreams {
    pub(super) fn new(aws: &Aws, stream_arn: &str) -> Self {
        let mut config = Builder::from(aws.sdk_config()).retry_config(retries());
        if let Some(region) = region(stream_arn) {
            config.set_region(Some(Region::new(region.to_owned())));
        }
        Self(Client::from_conf(config.build()))
    }
}

#[async_trait]
impl Shards for DynamoDbStreams {
    /// DynamoDB Streams, GetShardIterator. It refuses the number of a record that has expired.
    async fn iterator(&self, range: &ShardRange) -> Result<Option<String>, ServiceError> {
        let get = self.0.get_shard_iterator().stream_arn(&range.stream_arn);
        let get = get.shard_id(&range.shard_id);
        let at = get
            .clone()
            .shard_iterator_type(ShardIteratorType::AtSequenceNumber)
            .sequence_number(range.start.as_str());
        let response = match at.send().await {
            Err(error) if is_trimmed(error.as_service_error()) => {
                get.shard_iterator_type(ShardIteratorType::TrimHorizon).send().await
            }
            response => response,
        };
        match response {
            Ok(response) => Ok(response.shard_iterator),
            Err(error) if is_missing(error.as_service_error()) => Ok(None),
            Err(error) => Err(ServiceError::new("GetShardIterator", range.shard(), error)),
        }
    }

    /// DynamoDB Streams, GetRecords.
    async fn page(&self, iterator: &str, range: &ShardRange) -> Result<Page, ServiceError> {
        let response = self.0.get_records().shard_iterator(iterator).send().await;
        let response =
            response.map_err(|error| ServiceError::new("GetRecords", range.shard(), error))?;
        let records = response.records.unwrap_or_default();
        let records = records.iter().map(|record| numbered(record, &range.stream_arn)).collect();
        Ok(Page { records, next: response.next_shard_iterator, is_latest: false })
    }
}

fn is_trimmed(error: Option<&IteratorError>) -> bool {
    error.is_some_and(IteratorError::is_trimmed_data_access_exception)
}

fn is_missing(error: Option<&IteratorError>) -> bool {
    error.is_some_and(IteratorError::is_resource_not_found_exception)
}

fn numbered(record: &Record, stream_arn: &str) -> (SequenceNumber, Value) {
    let number = record.dynamodb().and_then(StreamRecord::sequence_number).unwrap_or_default();
    (SequenceNumber::new(number), as_lambda_sends_it(record, stream_arn))
}

/// Lambda adds the stream's ARN and writes the members of `userIdentity` in lower case.
fn as_lambda_sends_it(record: &Record, stream_arn: &str) -> Value {
    let mut members = Map::new();
    let texts = [
        ("eventID", record.event_id()),
        ("eventName", record.event_name().map(|name| name.as_str())),
        ("eventVersion", record.event_version()),
        ("eventSource", record.event_source()),
        ("awsRegion", record.aws_region()),
        ("eventSourceARN", Some(stream_arn)),
    ];
    texts.into_iter().for_each(|(name, text)| insert(&mut members, name, text));
    if let Some(identity) = record.user_identity() {
        let (kind, principal) = (identity.r#type(), identity.principal_id());
        let identity = json!({ "type": kind, "principalId": principal });
        members.insert("userIdentity".into(), identity);
    }
    members.insert("dynamodb".into(), record.dynamodb().map_or(json!({}), change));
    members.into()
}

fn change(change: &StreamRecord) -> Value {
    let mut members = Map::new();
    if let Some(time) = change.approximate_creation_date_time() {
        let time = seconds(time.secs(), time.subsec_nanos());
        members.insert("ApproximateCreationDateTime".into(), time);
    }
    let images = [
        ("Keys", change.keys()),
        ("NewImage", change.new_image()),
        ("OldImage", change.old_image()),
    ];
    for (name, image) in images.into_iter().filter_map(|(name, image)| Some((name, image?))) {
        members.insert(name.into(), object(image));
    }
    insert(&mut members, "SequenceNumber", change.sequence_number());
    if let Some(size) = change.size_bytes() {
        members.insert("SizeBytes".into(), size.into());
    }
    insert(&mut members, "StreamViewType", change.stream_view_type().map(|view| view.as_str()));
    members.into()
}

fn insert(members: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        members.insert(name.into(), text.into());
    }
}

fn object<'a>(attributes: impl IntoIterator<Item = (&'a String, &'a AttributeValue)>) -> Value {
    attributes.into_iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

fn attribute(value: &AttributeValue) -> Value {
    let base64 = |blob: &aws_sdk_dynamodbstreams::primitives::Blob| BASE64_STANDARD.encode(blob);
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(blob) => json!({ "B": base64(blob) }),
        AttributeValue::Bool(value) => json!({ "BOOL": value }),
        AttributeValue::Null(value) => json!({ "NULL": value }),
        AttributeValue::M(members) => json!({ "M": object(members) }),
        AttributeValue::L(values) => {
            json!({ "L": values.iter().map(attribute).collect::<Vec<_>>() })
        }
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(numbers) => json!({ "NS": numbers }),
        AttributeValue::Bs(blobs) => json!({ "BS": blobs.iter().map(base64).collect::<Vec<_>>() }),
        // A type that this SDK does not know. Decoding rejects it, so that the record is kept.
        _ => json!({ "UNKNOWN": null }),
    }
}
