//! What the handler makes of a sink whose calls hang: what was accepted before counts.

use std::time::Duration;

use changefan::{Config, Deadline, Handler, Registry};
use changefan_strict_aws::{StrictAws, hang_calls};
use serde_json::json;

/// A batch of inserts, each into the next of some tables.
fn batch(events: usize, tables: usize) -> String {
    let record = |index: usize| {
        let table = index % tables;
        json!({
            "eventID": format!("id-{index}"), "eventName": "INSERT", "eventSource": "aws:dynamodb",
            "eventSourceARN": format!("arn:aws:dynamodb:eu-west-1:1:table/t{table}/stream/l"),
            "dynamodb": {
                "ApproximateCreationDateTime": super::SAMPLE_TIME,
                "SequenceNumber": index.to_string(),
                "Keys": { "id": { "N": index.to_string() } },
            },
        })
    };
    json!({ "Records": (0..events).map(record).collect::<Vec<_>>() }).to_string()
}

/// Delivers to a sink whose calls hang from this one on, and which still has calls to make at the
/// deadline. Returns how many events were delivered, and reported as failed.
async fn deliver(
    (sink, option, name): (&str, &str, &str),
    (operation, first): (&'static str, usize),
    (events, tables): (usize, usize),
) -> (usize, usize) {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    aws.create_delivery_stream("changes");
    aws.create_event_bus("changes");
    aws.set_faults(hang_calls(operation, first..events));
    let url = aws.url();
    let variables = [
        ("SINKS", sink),
        (option, name),
        ("AWS_ENDPOINT_URL", &url),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let config = Config::new(&variables.map(text).into(), &Registry::default());
    let handler = Handler::new(config.unwrap());
    let deadline = Deadline::after(Duration::from_secs(6));
    let outcome = handler.handle(batch(events, tables), deadline).await.unwrap();
    let sink = &outcome.sinks[0];
    assert_eq!(sink.delivered + sink.failed, events);
    (sink.delivered, sink.failed)
}

/// Ten entries per call, eight calls at a time.
#[tokio::test]
async fn events_that_eventbridge_accepted_are_delivered() {
    let sink = ("eventbridge", "EVENTBRIDGE_BUS", "changes");
    assert_eq!(deliver(sink, ("PutEvents", 8), (400, 1)).await, (80, 320));
}

/// 500 records per call, twelve calls at a time.
#[tokio::test]
async fn events_that_firehose_accepted_are_delivered() {
    let sink = ("firehose", "FIREHOSE_STREAM", "changes");
    assert_eq!(deliver(sink, ("PutRecordBatch", 2), (9_000, 1)).await, (1_000, 8_000));
}

/// One object per table, eight at a time.
#[tokio::test]
async fn events_of_objects_that_s3_accepted_are_delivered() {
    let sink = ("s3", "S3_BUCKET", "lake");
    assert_eq!(deliver(sink, ("PutObject", 20), (300, 300)).await, (20, 280));
}
