//! `ALLOWED_SOURCES`: which tables and streams records may come from.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use changefan_events::{ChangeEvent, Operation};

/// The sources that are allowed. Anyone who may write to a Kinesis stream can claim any table.
///
/// ```
/// use changefan::AllowedSources;
///
/// let allowed: AllowedSources =
///     "eu-west-1:123456789012:orders,eu-west-1:123456789012:stream/clicks".parse()?;
/// assert!("orders".parse::<AllowedSources>().is_err());
/// # Ok::<(), changefan::InvalidSource>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedSources(Option<BTreeSet<(String, String, String)>>);

/// An entry of `ALLOWED_SOURCES` that is not valid.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("found `{0}`, expected region:account:table or region:account:stream/name")]
pub struct InvalidSource(String);

/// The part of a resource's name that marks a Kinesis stream.
const STREAM: &str = "stream/";

impl AllowedSources {
    /// Separates the events of allowed sources from the others.
    pub(super) fn partition<'a>(
        &self,
        events: &'a [ChangeEvent],
    ) -> (Vec<&'a ChangeEvent>, Vec<&'a ChangeEvent>) {
        let Some(allowed) = &self.0 else { return (events.iter().collect(), Vec::new()) };
        let mut last: Option<(&ChangeEvent, bool)> = None;
        events.iter().partition(|event| {
            // Events that follow each other mostly have the same source.
            let is_allowed = match last {
                Some((other, is_allowed)) if is_of_same_source(event, other) => is_allowed,
                _ => allowed.contains(&source(event)),
            };
            last = Some((event, is_allowed));
            is_allowed
        })
    }
}

fn is_of_same_source(one: &ChangeEvent, other: &ChangeEvent) -> bool {
    let is_append = |event: &ChangeEvent| event.operation() == Operation::Append;
    is_append(one) == is_append(other) && one.is_of_same_table(other)
}

/// Region, account and table; a stream has a prefix, because a stream and a table may have the same
/// name.
fn source(event: &ChangeEvent) -> (String, String, String) {
    let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
    let prefix = if event.operation() == Operation::Append { STREAM } else { "" };
    let resource = format!("{prefix}{}", event.table().unwrap_or_default());
    (text(event.region()), text(event.account()), resource)
}

/// The entries, sorted; empty if every source is allowed.
impl fmt::Display for AllowedSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (region, account, resource)) in self.0.iter().flatten().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{region}:{account}:{resource}")?;
        }
        Ok(())
    }
}

impl FromStr for AllowedSources {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        let parse = |entry: &str| {
            let mut parts = entry.trim().splitn(3, ':').map(str::to_owned);
            let source = (parts.next(), parts.next(), parts.next());
            let (Some(region), Some(account), Some(resource)) = source else {
                return Err(InvalidSource(entry.trim().to_owned()));
            };
            let complete = [&region, &account, &resource].iter().all(|part| !part.is_empty());
            let source = (region, account, resource);
            complete.then_some(source).ok_or_else(|| InvalidSource(entry.trim().to_owned()))
        };
        text.split(',').map(parse).collect::<Result<_, _>>().map(|sources| Self(Some(sources)))
    }
}

#[cfg(test)]
mod tests {
    use changefan_events::Batch;

    use super::*;

    #[test]
    fn events_of_other_tables_regions_and_accounts_are_separated() {
        let record = |region: &str, account: &str, table: &str| {
            format!(
                r#"{{"eventID":"1","eventName":"REMOVE","eventSource":"aws:dynamodb",
                "awsRegion":"{region}","eventSourceARN":
                "arn:aws:dynamodb:{region}:{account}:table/{table}/stream/2026",
                "dynamodb":{{}}}}"#
            )
        };
        let records = [
            record("eu-west-1", "123456789012", "orders"),
            r#"{"eventID":"shard:1","eventSource":"aws:kinesis","awsRegion":"eu-west-1",
                "eventSourceARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
                "kinesis":{"sequenceNumber":"1","partitionKey":"k","data":"e30="}}"#
                .to_owned(),
            record("eu-west-1", "123456789012", "orders"),
            record("eu-west-1", "123456789012", "orders"),
            record("eu-west-2", "123456789012", "orders"),
            record("eu-west-1", "999999999999", "orders"),
            record("eu-west-1", "123456789012", "stream"),
        ];
        let batch = Batch::decode(format!("[{}]", records.join(",")).into()).unwrap();
        let allowed: AllowedSources = "eu-west-1:123456789012:orders".parse().unwrap();
        let (events, excluded) = allowed.partition(&batch.events);
        let positions = |events: Vec<&ChangeEvent>| {
            events.iter().map(|event| event.position()).collect::<Vec<_>>()
        };
        assert_eq!((positions(events), positions(excluded)), (vec![0, 2, 3], vec![1, 4, 5, 6]));
        let (events, _) = AllowedSources::default().partition(&batch.events);
        assert_eq!(events.len(), 7);
    }

    #[test]
    fn incomplete_entries_are_refused() {
        for text in ["", "orders", "eu-west-1:orders", "eu-west-1::orders", "a:b:c,,"] {
            assert!(text.parse::<AllowedSources>().is_err(), "{text}");
        }
    }
}
