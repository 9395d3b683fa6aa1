//! The key attributes of the exported table, which an export does not name.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Region;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::{KeySchemaElement, KeyType};
use changefan_sinks::{Aws, BoxError};

use super::manifest::Manifest;

/// Keys that are not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeysError {
    #[error("DescribeTable on {table} failed: give the table's key attributes with --keys")]
    Describe { table: String, source: BoxError },
    #[error("DescribeTable on {table} returned no keys: give them with --keys")]
    NoKeys { table: String },
}

/// The names that were given, or else those that DynamoDB reports, the partition key first.
pub(super) async fn keys(
    given: &[String],
    manifest: &Manifest,
    aws: &Aws,
) -> Result<Vec<String>, KeysError> {
    if !given.is_empty() {
        return Ok(given.iter().map(|key| key.trim().to_owned()).collect());
    }
    // The table's ARN, which DescribeTable takes as a name.
    let table = manifest.arn.split("/export/").next().unwrap_or_default();
    let schema = describe(table, aws).await;
    let schema = schema
        .map_err(|source| KeysError::Describe { table: table.to_owned(), source })?
        .ok_or_else(|| KeysError::NoKeys { table: table.to_owned() })?;
    let mut keys = schema;
    keys.sort_by_key(|key| key.key_type != KeyType::Hash);
    Ok(keys.into_iter().map(|key| key.attribute_name).collect())
}

/// DynamoDB, DescribeTable, in the region of the table.
async fn describe(table: &str, aws: &Aws) -> Result<Option<Vec<KeySchemaElement>>, BoxError> {
    let region = table.split(':').nth(3).unwrap_or_default();
    let config = aws_sdk_dynamodb::config::Builder::from(aws.sdk_config())
        .region(Region::new(region.to_owned()))
        .retry_config(RetryConfig::standard());
    let client = Client::from_conf(config.build());
    let described = client.describe_table().table_name(table).send().await?;
    Ok(described.table.and_then(|table| table.key_schema))
}
