//! The quarantine: what it writes, once, and how hard it tries.

use std::time::Duration;

use changefan::{Aws, Deadline};
use changefan_sinks::{Quarantine, QuarantinedRecord, RejectedSubRecord};

use serde_json::json;

use super::destination::settings;
use super::in_time;
use changefan_strict_aws::{Fault, StrictAws, in_turn};

fn rejected(number: usize) -> QuarantinedRecord {
    QuarantinedRecord {
        record: format!("{{\"eventID\":\"{number}\"}}"),
        reason: "too large: the event has 2000000 bytes".into(),
        sink: Some("firehose".into()),
        event_id: Some(number.to_string()),
        sequence_number: Some(format!("{number}00")),
        timestamp: Some("2023-07-11T19:25:30.000Z".into()),
        position: number,
        sub_records: None,
    }
}

fn quarantine() -> (StrictAws, Quarantine) {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let quarantine = Quarantine::new("s3://lake/kept", &Aws::new(settings(&aws.url()))).unwrap();
    (aws, quarantine)
}

fn lines(body: &[u8]) -> Vec<serde_json::Value> {
    let text = std::str::from_utf8(body).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn line_states_the_record_the_reason_and_the_invocation() {
    let (aws, quarantine) = quarantine();
    let sub_records = Some(vec![RejectedSubRecord { index: 3, reason: "too large".into() }]);
    let records = [rejected(1), QuarantinedRecord { sub_records, ..rejected(2) }];
    quarantine.keep(&records, Some("request-1"), in_time()).await.unwrap();
    let objects = aws.objects();
    let (key, body) = objects.first_key_value().unwrap();
    let parts: Vec<_> = key.split('/').collect();
    assert_eq!((parts[0], parts[1], parts[3]), ("lake", "kept", "sink=firehose"));
    assert!(parts[2].starts_with("date=20") && parts[2].len() == 15, "{key}");
    assert_eq!(parts[4].len(), 32 + ".jsonl".len(), "{key}");
    let mut found = lines(body);
    let quarantined_at = found[1]["quarantined"].as_object_mut().unwrap().remove("quarantined_at");
    assert!(quarantined_at.unwrap().as_str().unwrap().ends_with('Z'));
    let expected = json!({
        "quarantined": {
            "reason": "too large: the event has 2000000 bytes", "sink": "firehose",
            "event_id": "2", "sequence_number": "200", "timestamp": "2023-07-11T19:25:30.000Z",
            "position": 2, "sub_records": [{ "index": 3, "reason": "too large" }],
            "requestId": "request-1",
        },
        "record": "{\"eventID\":\"2\"}",
    });
    assert_eq!((found.len(), &found[1]), (2, &expected));
}

#[tokio::test]
async fn bucket_with_object_lock_keeps_records() {
    let (aws, quarantine) = quarantine();
    aws.lock_objects("lake");
    quarantine.keep(&[rejected(1)], None, in_time()).await.unwrap();
    assert_eq!(aws.objects().len(), 1);
}

#[tokio::test]
async fn each_sink_has_a_separate_object() {
    let (aws, quarantine) = quarantine();
    let undecodable = QuarantinedRecord { sink: None, ..rejected(2) };
    quarantine.keep(&[rejected(1), undecodable], None, in_time()).await.unwrap();
    let objects = aws.objects();
    let sinks: Vec<_> = objects.keys().map(|key| key.split('/').nth(3).unwrap()).collect();
    assert_eq!(sinks, ["sink=firehose", "sink=none"]);
}

#[tokio::test]
async fn identical_record_of_three_batches_is_kept_three_times() {
    let (aws, quarantine) = quarantine();
    for batch in ["request-1", "request-2", "request-3"] {
        quarantine.keep(&[rejected(1)], Some(batch), in_time()).await.unwrap();
    }
    assert_eq!(aws.objects().len(), 3);
}

#[tokio::test]
async fn failed_write_is_retried() {
    let (aws, quarantine) = quarantine();
    aws.set_faults(in_turn([Fault::Status(503), Fault::ConnectionReset]));
    quarantine.keep(&[rejected(1)], None, in_time()).await.unwrap();
    assert_eq!((aws.objects().len(), aws.calls().len()), (1, 3));
}

#[tokio::test]
async fn write_that_cannot_succeed_is_an_error() {
    let (aws, quarantine) = quarantine();
    aws.set_faults(|_| Fault::Error(403, "AccessDenied"));
    quarantine.keep(&[rejected(1)], None, in_time()).await.unwrap_err();
    assert_eq!(aws.calls().len(), 1);
    aws.set_faults(|_| Fault::Status(500));
    quarantine
        .keep(&[rejected(1)], None, Deadline::after(Duration::from_millis(300)))
        .await
        .unwrap_err();
    assert!(aws.objects().is_empty());
}
