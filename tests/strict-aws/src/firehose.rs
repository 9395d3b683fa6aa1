//! Amazon Data Firehose: `PutRecordBatch` and `DescribeDeliveryStream`.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use serde_json::json;

use crate::StrictAws;
use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::fault::Fault;
use crate::json::{Input, unknown_operation, unreadable};

/// `PutRecordBatch`: the most `Records` per call.
const MAX_RECORDS: usize = 500;
/// `PutRecordBatch`: the longest `Data` of a record, before base64.
const MAX_RECORD_BYTES: usize = 1_024_000;
/// `PutRecordBatch`: the most `Data` per call, counted in base64: the stricter of two readings.
const MAX_CALL_BYTES: usize = 4 * 1024 * 1024;

impl StrictAws {
    /// Creates a Firehose delivery stream.
    pub fn create_delivery_stream(&self, stream: &str) {
        self.state().firehose.create_stream(stream);
    }

    /// Every record that the stream accepted, in order of acceptance, repeats included.
    pub fn firehose_records(&self, stream: &str) -> Vec<Bytes> {
        self.state().firehose.records(stream)
    }
}

/// The delivery streams and the records that each accepted.
#[derive(Default)]
pub(crate) struct Firehose {
    streams: BTreeMap<String, Vec<Bytes>>,
}

impl Firehose {
    /// Creates a stream.
    pub(crate) fn create_stream(&mut self, stream: &str) {
        self.streams.entry(stream.to_owned()).or_default();
    }

    /// The records that the stream accepted.
    pub(crate) fn records(&self, stream: &str) -> Vec<Bytes> {
        self.streams.get(stream).cloned().unwrap_or_default()
    }

    /// Forgets all records.
    pub(crate) fn forget(&mut self) {
        self.streams.values_mut().for_each(Vec::clear);
    }

    fn stream(&mut self, stream: &str) -> Result<&mut Vec<Bytes>, Refusal> {
        let unknown = || {
            let message = format!("Firehose {stream} under account 000000000000 not found.");
            Refusal::new(400, "ResourceNotFoundException", message)
        };
        self.streams.get_mut(stream).ok_or_else(unknown)
    }

    fn put(&mut self, stream: &str, records: Vec<Bytes>, fault: &Fault) -> Result<Reply, Refusal> {
        let accepted = self.stream(stream)?;
        fault.check_contents(records.iter().map(|record| &record[..]))?;
        let before = accepted.len();
        let mut responses = Vec::with_capacity(records.len());
        for (index, record) in records.into_iter().enumerate() {
            if let Some(code) = fault.rejection(index, &record, "ServiceUnavailableException") {
                responses.push(json!({"ErrorCode": code, "ErrorMessage": "Slow down."}));
            } else {
                responses.push(json!({"RecordId": format!("{stream}-{}", accepted.len())}));
                accepted.push(record);
            }
        }
        let stored = accepted.len() - before;
        let failed = responses.len() - stored;
        let answer =
            json!({"FailedPutCount": failed, "Encrypted": false, "RequestResponses": responses});
        Ok(Reply::json(&answer).stored(stored))
    }
}

/// Parses a request.
pub(crate) fn parse(name: &str, input: Input<'_>) -> Result<Operation, Refusal> {
    match name {
        "PutRecordBatch" => put_record_batch(input),
        "DescribeDeliveryStream" => describe(input),
        _ => Err(unknown_operation()),
    }
}

fn put_record_batch(input: Input<'_>) -> Result<Operation, Refusal> {
    let stream = input.text("DeliveryStreamName")?.to_owned();
    let asked = input.count("Records");
    let records = decode_records(input);
    let operation = Operation::new("PutRecordBatch", stream.clone(), move |state, fault| {
        state.firehose.put(&stream, records?, fault)
    });
    Ok(operation.storing(asked))
}

fn decode_records(input: Input<'_>) -> Result<Vec<Bytes>, Refusal> {
    let records = input.list("Records", MAX_RECORDS)?;
    let total: usize =
        records.iter().map(|record| record.optional_text("Data").map_or(0, str::len)).sum();
    if total > MAX_CALL_BYTES {
        return Err(Refusal::new(
            400,
            "InvalidArgumentException",
            "Records size exceeds 4 MB limit",
        ));
    }
    records.into_iter().map(decode_record).collect()
}

fn decode_record(record: Input<'_>) -> Result<Bytes, Refusal> {
    let data = record.text("Data")?;
    let data = BASE64_STANDARD.decode(data).map_err(|error| unreadable(error.to_string()))?;
    match data.len() {
        length if length <= MAX_RECORD_BYTES => Ok(data.into()),
        length => {
            Err(record.invalid(format!("Data has {length} bytes, more than {MAX_RECORD_BYTES}")))
        }
    }
}

fn describe(input: Input<'_>) -> Result<Operation, Refusal> {
    let stream = input.text("DeliveryStreamName")?.to_owned();
    Ok(Operation::new("DescribeDeliveryStream", stream.clone(), move |state, _| {
        state.firehose.stream(&stream)?;
        Ok(Reply::json(&json!({"DeliveryStreamDescription": {
            "DeliveryStreamName": stream,
            "DeliveryStreamARN":
                format!("arn:aws:firehose:us-east-1:000000000000:deliverystream/{stream}"),
            "DeliveryStreamStatus": "ACTIVE",
            "DeliveryStreamType": "DirectPut",
            "VersionId": "1",
            "Destinations": [],
            "HasMoreDestinations": false,
        }})))
    }))
}
