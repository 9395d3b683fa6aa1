//! `firehose`: records of a delivery stream, one event or many in each.

use std::ops::Range;
use std::sync::OnceLock;

use async_trait::async_trait;
use aws_sdk_firehose::Client;
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::{PutRecordBatchResponseEntry, Record};
use changefan_events::{ChangeEvent, Encoder, Format};
use futures_util::stream::{self, StreamExt};

use crate::error::Failures;
use crate::limits::calls;
use crate::packing::{Packed, Records};
use crate::{Aws, BoxError, Cause, Deadline, DeliveryError, Options, Sink, aws};

/// Firehose, PutRecordBatch: the records of one call.
const RECORDS_PER_CALL: usize = 500;

/// Firehose, PutRecordBatch: the bytes of one record, 1,000 KiB, before base64.
pub(crate) const BYTES_PER_RECORD: usize = 1_024_000;

/// What a call has at most, in bytes of base64 text, unless one record is larger. Firehose takes 4 MiB (PutRecordBatch),
/// but larger calls take no less time, and the SDK's buffer doubles at 1,024,000 bytes.
const BYTES_PER_CALL: usize = 960_000;

/// Calls under way at once. Firehose promises no order between records, so nothing is lost by it.
const CALLS_AT_ONCE: usize = 8;

struct Firehose {
    stream: String,
    format: Encoder,
    /// Events share a record until it has this many bytes; `None` for a record an event.
    pack: Option<usize>,
    aws: Aws,
    client: OnceLock<Client>,
}

pub(crate) fn build(options: &mut Options, aws: &Aws) -> Box<dyn Sink> {
    let stream = options.required("STREAM", "my-delivery-stream");
    let format = options.encoder(Format::Json);
    let pack = options.optional("PACK").and_then(|text| match text.parse() {
        Ok(bytes) if (1..=BYTES_PER_RECORD).contains(&bytes) => Some(bytes),
        _ => {
            let expected = "expected a number of bytes from 1 to 1024000; for example 102400";
            options.mistake(format!(
                "the option PACK of Firehose {stream} is not valid: found `{text}`, {expected}"
            ));
            None
        }
    });
    Box::new(Firehose { stream, format, pack, aws: aws.clone(), client: OnceLock::new() })
}

#[async_trait]
impl Sink for Firehose {
    async fn deliver(
        &self,
        events: &[ChangeEvent],
        deadline: Deadline,
    ) -> Result<(), DeliveryError> {
        let mut failures = Failures::default();
        let records = Records::new(events, self.format, self.pack, &mut failures);
        let calls = calls(records, RECORDS_PER_CALL, BYTES_PER_CALL)
            .map(|records| self.call(records, deadline));
        let outcomes: Vec<Failures> = stream::iter(calls).buffered(CALLS_AT_ONCE).collect().await;
        outcomes.into_iter().for_each(|outcome| failures.merge(outcome));
        failures.into_result()
    }

    /// Firehose, DescribeDeliveryStream.
    async fn check(&self) -> Result<(), BoxError> {
        let described = self
            .client()
            .describe_delivery_stream()
            .delivery_stream_name(&self.stream)
            .send()
            .await;
        described.map(drop).map_err(|error| {
            format!("delivery stream {}: {}", self.stream, crate::describe(&error)).into()
        })
    }
}

impl Firehose {
    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk_config()))
    }

    async fn call(&self, records: Vec<Packed>, deadline: Deadline) -> Failures {
        let mut failures = Failures::default();
        let (runs, data): (Vec<_>, Vec<_>) =
            records.into_iter().map(|Packed { events, data }| (events, data)).unzip();
        let all = || runs.iter().cloned().flatten();
        let record = |data: String| Record::builder().data(Blob::new(data)).build();
        // All or none: the answer tells of records by their index.
        let built = match data.into_iter().map(record).collect() {
            Ok(built) => built,
            Err(error) => {
                failures.add(all(), Cause::Unknown, BoxError::from(error));
                return failures;
            }
        };
        let put = self
            .client()
            .put_record_batch()
            .delivery_stream_name(&self.stream)
            .set_records(Some(built));
        match deadline.bound(put.send()).await {
            Some(Ok(answer)) => refused(answer.request_responses(), &runs, &mut failures),
            Some(Err(error)) => failures.add(all(), aws::cause(&error), error),
            None => {
                failures.add(all(), Cause::TimedOut, "Firehose did not answer before the deadline")
            }
        }
        failures
    }
}

/// Firehose answers 200 even when it refused records: each has an entry of its own, index for index.
fn refused(
    entries: &[PutRecordBatchResponseEntry],
    records: &[Range<usize>],
    failures: &mut Failures,
) {
    for (index, record) in records.iter().enumerate() {
        match entries.get(index) {
            Some(entry) if entry.error_code().is_none() => {}
            Some(entry) => {
                let code = entry.error_code().unwrap_or_default();
                let cause = if code == "ServiceUnavailableException" {
                    Cause::Throttled
                } else {
                    Cause::Unavailable
                };
                let message = entry.error_message().unwrap_or_default();
                failures.add(record.clone(), cause, format!("{code}: {message}"));
            }
            None => failures.add(
                record.clone(),
                Cause::Unknown,
                "Firehose's answer does not mention the record",
            ),
        }
    }
}
