//! The quarantine: what it writes, once, and how hard it tries.

use std::time::Duration;

use changefan::{Aws, Deadline};
use changefan_sinks::{Quarantine, Rejected};

use super::destination::settings;
use super::in_time;
use changefan_strict_aws::{Fault, StrictAws, in_turn};

fn rejected(number: usize) -> Rejected {
    Rejected {
        record: format!("{{\"eventID\":\"{number}\"}}"),
        reason: "too large: the event has 2000000 bytes".into(),
        sink: Some("firehose".into()),
        event_id: Some(number.to_string()),
        sequence_number: Some(format!("{number}00")),
        timestamp: Some("2023-07-11T19:25:30.000Z".into()),
        position: number,
    }
}

fn quarantine() -> (StrictAws, Quarantine) {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let quarantine = Quarantine::new("s3://lake/kept", &Aws::new(settings(&aws.url()))).unwrap();
    (aws, quarantine)
}

#[tokio::test]
async fn the_same_records_make_one_object_however_often() {
    let (aws, quarantine) = quarantine();
    for _ in 0..3 {
        quarantine.keep(&[rejected(1), rejected(2)], in_time()).await.unwrap();
    }
    let objects = aws.objects();
    assert_eq!(objects.len(), 1);
    let (key, body) = objects.first_key_value().unwrap();
    assert!(key.starts_with("lake/kept/") && key.ends_with(".jsonl"), "{key}");
    let lines: Vec<serde_json::Value> = std::str::from_utf8(body)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["record"], r#"{"eventID":"2"}"#);
    assert_eq!(lines[1]["quarantined"]["sink"], "firehose");
    assert_eq!(lines[1]["quarantined"]["reason"], "too large: the event has 2000000 bytes");
    assert_eq!(lines[1]["quarantined"]["event_id"], "2");
    assert_eq!(lines[1]["quarantined"]["sequence_number"], "200");
    assert_eq!(lines[1]["quarantined"]["timestamp"], "2023-07-11T19:25:30.000Z");
    assert_eq!(lines[1]["quarantined"]["position"], 2);
}

#[tokio::test]
async fn a_write_that_fails_is_tried_again() {
    let (aws, quarantine) = quarantine();
    aws.set_faults(in_turn([Fault::Status(503), Fault::ConnectionReset]));
    quarantine.keep(&[rejected(1)], in_time()).await.unwrap();
    assert_eq!((aws.objects().len(), aws.calls().len()), (1, 3));
}

#[tokio::test]
async fn a_write_that_cannot_succeed_is_told() {
    let (aws, quarantine) = quarantine();
    aws.set_faults(|_| Fault::Error(403, "AccessDenied"));
    quarantine.keep(&[rejected(1)], in_time()).await.unwrap_err();
    assert_eq!(aws.calls().len(), 1);
    aws.set_faults(|_| Fault::Status(500));
    quarantine.keep(&[rejected(1)], Deadline::after(Duration::from_millis(300))).await.unwrap_err();
    assert!(aws.objects().is_empty());
}
