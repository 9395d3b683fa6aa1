//! Keeps records from becoming CloudWatch metrics.

use changefan_events::{ChangeEvent, Format};

use crate::{BoxError, Cause};

/// Why an event must not be written to a log group in a format that holds the unchanged record;
/// `None` if it may.
///
/// CloudWatch extracts embedded metrics from every log line with a member `_aws`. No record of
/// DynamoDB or Kinesis has one, but anyone who may write to a Kinesis stream can forge it.
pub(crate) fn refusal(event: &ChangeEvent, format: Format) -> Option<(Cause, BoxError)> {
    let as_it_came = matches!(format, Format::Log | Format::DynamoDbJson);
    (as_it_came && event.has_embedded_metrics()).then(|| {
        let reason = "the record has a member _aws, which CloudWatch would read as metrics";
        (Cause::Invalid, reason.into())
    })
}
