//! Writes the changes of a batch to standard output, or to Firehose when `FIREHOSE_STREAM` is set.
//!
//! As the guides say: `cargo lambda new` with the DynamoDB event, typed events of
//! aws_lambda_events, serde_dynamo for the items, aws-config's defaults, and clients that are made
//! once before the first event.

mod change;

use aws_lambda_events::event::dynamodb::Event;
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::Record;
use change::Change;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::{Value, json};

/// All clients that a fan-out needs, as one would hold them.
struct Clients {
    firehose: aws_sdk_firehose::Client,
    _s3: aws_sdk_s3::Client,
    _logs: aws_sdk_cloudwatchlogs::Client,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::load_from_env().await;
    let clients = Clients {
        firehose: aws_sdk_firehose::Client::new(&config),
        _s3: aws_sdk_s3::Client::new(&config),
        _logs: aws_sdk_cloudwatchlogs::Client::new(&config),
    };
    let stream = std::env::var("FIREHOSE_STREAM").ok();
    run(service_fn(|event| handle(event, &clients, stream.as_deref()))).await
}

async fn handle(
    event: LambdaEvent<Event>,
    clients: &Clients,
    stream: Option<&str>,
) -> Result<Value, Error> {
    let mut records = Vec::new();
    for record in event.payload.records {
        let line = serde_json::to_string(&Change::try_from(record)?)?;
        match stream {
            Some(_) => records.push(Record::builder().data(Blob::new(line)).build()?),
            None => println!("{line}"),
        }
    }
    for batch in records.chunks(500) {
        let put =
            clients.firehose.put_record_batch().set_delivery_stream_name(stream.map(String::from));
        put.set_records(Some(batch.to_vec())).send().await?;
    }
    Ok(json!({ "batchItemFailures": [] }))
}
