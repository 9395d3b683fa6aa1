//! The envelope, of typed events.

use aws_lambda_events::event::dynamodb::EventRecord;
use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
pub struct Change {
    event_id: String,
    operation: String,
    account: Option<String>,
    table: Option<String>,
    region: String,
    source: &'static str,
    sequence_number: Option<String>,
    timestamp: String,
    actor: &'static str,
    keys: Map<String, Value>,
    old: Option<Map<String, Value>>,
    new: Option<Map<String, Value>>,
    changed: Option<Vec<String>>,
}

impl TryFrom<EventRecord> for Change {
    type Error = serde_dynamo::Error;

    fn try_from(record: EventRecord) -> Result<Self, Self::Error> {
        let created = record.change.approximate_creation_date_time;
        let by_ttl =
            record.user_identity.is_some_and(|user| user.principal_id == "dynamodb.amazonaws.com");
        let (old, new) = (image(record.change.old_image)?, image(record.change.new_image)?);
        Ok(Change {
            event_id: record.event_id,
            operation: record.event_name,
            account: part(record.event_source_arn.as_deref(), ':', 4),
            table: part(record.event_source_arn.as_deref(), '/', 1),
            region: record.aws_region,
            source: "dynamodb",
            sequence_number: record.change.sequence_number,
            timestamp: created.to_rfc3339_opts(SecondsFormat::Millis, true),
            actor: if by_ttl { "ttl" } else { "user" },
            keys: serde_dynamo::from_item(record.change.keys)?,
            changed: old.as_ref().zip(new.as_ref()).map(|(old, new)| changed(old, new)),
            old,
            new,
        })
    }
}

fn part(arn: Option<&str>, separator: char, index: usize) -> Option<String> {
    arn?.split(separator).nth(index).map(String::from)
}

/// A stream that does not carry an image leaves it out.
fn image(item: serde_dynamo::Item) -> Result<Option<Map<String, Value>>, serde_dynamo::Error> {
    if item.is_empty() { Ok(None) } else { serde_dynamo::from_item(item).map(Some) }
}

fn changed(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<String> {
    let differs = |name: &&String| old.get(*name) != new.get(*name);
    let mut names: Vec<_> = old.keys().chain(new.keys()).filter(differs).cloned().collect();
    names.sort();
    names.dedup();
    names
}
