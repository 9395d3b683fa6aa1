//! `firehose`: records of a delivery stream, with one event or several per record.

use std::sync::OnceLock;

use async_trait::async_trait;
use aws_sdk_firehose::Client;
use aws_sdk_firehose::error::BuildError;
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::{PutRecordBatchResponseEntry, Record};

use crate::batch::{BatchApi, BatchSink, CallError, Entry, Limits};
use crate::service_error::{Service, call_error};
use crate::spec::is_ascii_name;
use crate::{
    Aws, BoxError, Cause, ConfigIssue, OptionSpec, Options, Outcome, Permission, Sink, SinkType,
};

/// Firehose, PutRecordBatch: records per call.
const RECORDS_PER_CALL: usize = 500;

/// Firehose, PutRecordBatch: bytes per record, 1,000 KiB, before base64.
const BYTES_PER_RECORD: usize = 1_024_000;

/// Bytes of base64 text per call, unless one record is larger: six records of 100 KiB. Firehose
/// accepts 4 MiB (PutRecordBatch), but all calls in flight are held in memory.
const BYTES_PER_CALL: usize = 820_000;

/// Calls in flight: a full batch of packed small events takes one round trip. Firehose guarantees
/// no order between records, so none is lost.
const CONCURRENCY: usize = 12;

struct Firehose {
    stream: String,
    aws: Aws,
    client: OnceLock<Client>,
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::required("STREAM", "my-delivery-stream", "delivery stream")
        .checked("up to 64 letters, digits, hyphens, underscores and periods", is_name),
    OptionSpec::optional("PACK", "102400", "bytes up to which events share a record")
        .number(1, BYTES_PER_RECORD),
    OptionSpec::format("rows"),
    OptionSpec::NUMBERS,
];

/// Firehose, PutRecordBatch: `DeliveryStreamName`.
fn is_name(text: &str) -> bool {
    is_ascii_name(text, 64, b"-_.")
}

const PERMISSIONS: &[Permission] = &[Permission::new(
    &["firehose:DescribeDeliveryStream", "firehose:PutRecordBatch"],
    "arn:{partition}:firehose:{region}:{account}:deliverystream/{stream}",
)];

pub(crate) fn sink_type() -> SinkType {
    SinkType::new("firehose", build)
        .with_help("one record per event, or with PACK as many events per record as fit")
        .with_options(OPTIONS)
        .with_recommended_batch_size(10_000)
        .with_destination("delivery stream {stream}")
        .with_permissions(PERMISSIONS)
}

fn build(options: &Options, aws: &Aws) -> Result<Box<dyn Sink>, ConfigIssue> {
    let stream = options.text("STREAM").to_owned();
    let api = Firehose { stream, aws: aws.clone(), client: OnceLock::new() };
    let sink = BatchSink::new(api, options.encoder()).with_line_feeds();
    Ok(Box::new(sink.with_pack(options.number("PACK"))))
}

#[async_trait]
impl BatchApi for Firehose {
    fn limits(&self) -> Limits {
        Limits {
            entries: RECORDS_PER_CALL,
            bytes: BYTES_PER_CALL,
            entry_bytes: BYTES_PER_RECORD,
            span: None,
            concurrency: CONCURRENCY,
        }
    }

    /// Firehose counts the base64 text.
    fn entry_size(&self, body: usize) -> usize {
        body.div_ceil(3) * 4
    }

    async fn send(
        &self,
        entries: &mut [Entry<'_>],
        outcome: &mut Outcome,
    ) -> Result<(), CallError> {
        // All or none: the response is index-aligned with the request.
        let records = entries.iter_mut().map(record).collect::<Result<Vec<_>, _>>();
        let records = records.map_err(|error| CallError::new(Cause::Unknown, "", error))?;
        let put = self.client().put_record_batch().delivery_stream_name(&self.stream);
        let response = put.set_records(Some(records)).send().await.map_err(|error| {
            call_error(Service::Firehose, "PutRecordBatch", self.resource(), error)
        })?;
        read(response.request_responses(), entries, outcome);
        Ok(())
    }

    /// Firehose, DescribeDeliveryStream.
    async fn check(&self) -> Result<(), BoxError> {
        let describe = self.client().describe_delivery_stream();
        match describe.delivery_stream_name(&self.stream).send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let operation = "DescribeDeliveryStream";
                Err(call_error(Service::Firehose, operation, self.resource(), error).into())
            }
        }
    }
}

impl Firehose {
    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk_config()))
    }

    fn resource(&self) -> String {
        format!("delivery stream {}", self.stream)
    }
}

/// The record takes the body, so that a call holds its lines once.
fn record(entry: &mut Entry<'_>) -> Result<Record, BuildError> {
    let mut body = std::mem::take(&mut entry.body);
    body.shrink_to_fit();
    Record::builder().data(Blob::new(body)).build()
}

/// Firehose responds with status 200 even if it rejected records: each has an entry in the
/// response.
fn read(responses: &[PutRecordBatchResponseEntry], entries: &[Entry<'_>], outcome: &mut Outcome) {
    for (index, entry) in entries.iter().enumerate() {
        match responses.get(index) {
            Some(response) if response.error_code().is_none() => {}
            Some(response) => {
                let code = response.error_code().unwrap_or_default();
                let throttled = code == "ServiceUnavailableException";
                let cause = if throttled { Cause::Throttled } else { Cause::Unavailable };
                let message = response.error_message().unwrap_or_default();
                outcome.fail_all(entry.events, cause, format!("{code}: {message}"));
            }
            None => {
                let missing = "the response of PutRecordBatch does not mention the record";
                outcome.fail_all(entry.events, Cause::Unknown, missing);
            }
        }
    }
}
