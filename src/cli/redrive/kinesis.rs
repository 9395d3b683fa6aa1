//! The shards of Kinesis Data Streams.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::config::{Builder, Region};
use aws_sdk_kinesis::operation::get_shard_iterator::GetShardIteratorError as IteratorError;
use aws_sdk_kinesis::types::{Record, ShardIteratorType};
use base64::prelude::{BASE64_STANDARD, Engine};
use changefan_sinks::{Aws, ServiceError, async_trait};
use serde_json::{Value, json};

use super::arn::region;
use super::failure::ShardRange;
use super::fetch::{Page, Shards, seconds};
use super::sequence::SequenceNumber;
use crate::cli::retries;

/// The streams of a region.
pub(super) struct Kinesis(Client);

impl Kinesis {
    pub(super) fn new(aws: &Aws, stream_arn: &str) -> Self {
        let mut config = Builder::from(aws.sdk_config()).retry_config(retries());
        if let Some(region) = region(stream_arn) {
            config.set_region(Some(Region::new(region.to_owned())));
        }
        Self(Client::from_conf(config.build()))
    }
}

#[async_trait]
impl Shards for Kinesis {
    /// Kinesis, GetShardIterator. With the number of a record that has expired, reading begins with
    /// the oldest record that has not.
    async fn iterator(&self, range: &ShardRange) -> Result<Option<String>, ServiceError> {
        let get = self.0.get_shard_iterator().stream_arn(&range.stream_arn);
        let get = get.shard_id(&range.shard_id);
        let get = get.shard_iterator_type(ShardIteratorType::AtSequenceNumber);
        match get.starting_sequence_number(range.start.as_str()).send().await {
            Ok(response) => Ok(response.shard_iterator),
            Err(error) if is_missing(error.as_service_error()) => Ok(None),
            Err(error) => Err(ServiceError::new("GetShardIterator", range.shard(), error)),
        }
    }

    /// Kinesis, GetRecords.
    async fn page(&self, iterator: &str, range: &ShardRange) -> Result<Page, ServiceError> {
        let get = self.0.get_records().stream_arn(&range.stream_arn).shard_iterator(iterator);
        let response = get
            .send()
            .await
            .map_err(|error| ServiceError::new("GetRecords", range.shard(), error))?;
        let records = response.records.iter().map(|record| numbered(record, range)).collect();
        let is_latest = response.millis_behind_latest == Some(0);
        Ok(Page { records, next: response.next_shard_iterator, is_latest })
    }
}

fn is_missing(error: Option<&IteratorError>) -> bool {
    error.is_some_and(IteratorError::is_resource_not_found_exception)
}

fn numbered(record: &Record, range: &ShardRange) -> (SequenceNumber, Value) {
    (SequenceNumber::new(record.sequence_number()), as_lambda_sends_it(record, range))
}

fn as_lambda_sends_it(record: &Record, range: &ShardRange) -> Value {
    let number = record.sequence_number();
    let mut kinesis = json!({
        "kinesisSchemaVersion": "1.0",
        "partitionKey": record.partition_key(),
        "sequenceNumber": number,
        "data": BASE64_STANDARD.encode(record.data()),
    });
    if let Some(time) = record.approximate_arrival_timestamp() {
        kinesis["approximateArrivalTimestamp"] = seconds(time.secs(), time.subsec_nanos());
    }
    json!({
        "eventID": format!("{}:{number}", range.shard_id),
        "eventName": "aws:kinesis:record",
        "eventVersion": "1.0",
        "eventSource": "aws:kinesis",
        "awsRegion": region(&range.stream_arn),
        "eventSourceARN": range.stream_arn,
        "kinesis": kinesis,
    })
}
