//! `s3` and `file`: keys, partitions, and writing once.

use std::time::Duration;

use changefan::{Batch, ChangeEvent, Deadline};

use super::destination::{Destination, unpack};
use super::{SAMPLE_TIME, changes, in_time, small_changes};
use changefan_strict_aws::{Fault, in_turn};

fn lake() -> Destination {
    Destination::new("s3", &[("S3_BUCKET", "lake")])
}

#[tokio::test]
async fn key_states_table_hour_and_records() {
    let it = lake();
    it.deliver(&small_changes(3), in_time()).await.unwrap();
    let keys: Vec<_> = it.aws.objects().into_keys().collect();
    let (name, hash) = keys[0].rsplit_once('-').unwrap();
    assert_eq!(name, "lake/changes/table=orders/date=2023-07-11/hour=19/0-2");
    let hash = hash.strip_suffix(".jsonl.gz").unwrap();
    assert!(hash.len() == 32 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()), "{hash}");
}

#[tokio::test]
async fn folder_and_bucket_hold_the_same_objects() {
    let options = [("S3_BUCKET", "lake"), ("S3_PREFIX", "a/b/"), ("S3_COMPRESSION", "none")];
    let s3 = Destination::new("s3", &options);
    let file = Destination::new("file", &[("FILE_PREFIX", "a/b/"), ("FILE_COMPRESSION", "none")]);
    for it in [&s3, &file] {
        it.deliver(&small_changes(3), in_time()).await.unwrap();
    }
    let objects = s3.aws.objects();
    let objects = objects
        .iter()
        .map(|(key, body)| (key.strip_prefix("lake/").unwrap().to_owned(), unpack(key, body)));
    assert_eq!(objects.collect::<Vec<_>>(), file.files().into_iter().collect::<Vec<_>>());
}

/// S3 refuses uploads to it that carry neither `Content-MD5` nor a checksum.
#[tokio::test]
async fn bucket_with_object_lock_accepts_deliveries() {
    let it = lake();
    it.aws.lock_objects("lake");
    it.deliver(&small_changes(3), in_time()).await.unwrap();
    assert_eq!(it.ids(), ["id-0", "id-1", "id-2"]);
}

#[tokio::test]
async fn batch_over_hours_makes_one_object_per_hour() {
    let it = lake();
    let times = [0, 3600, 1, 7200].map(|second| SAMPLE_TIME + second);
    it.deliver(&changes(times, 10), in_time()).await.unwrap();
    let hours: Vec<_> =
        it.aws.objects().into_keys().map(|key| key.split('/').nth(4).unwrap().to_owned()).collect();
    assert_eq!(hours, ["hour=19", "hour=20", "hour=21"]);
    assert_eq!(it.ids(), ["id-0", "id-2", "id-1", "id-3"]);
}

#[tokio::test]
async fn repeated_deliveries_leave_one_object() {
    for it in [lake(), Destination::new("file", &[])] {
        let schedule = [
            Fault::AcceptThenDrop,
            Fault::AcceptThenStatus(500),
            Fault::Status(409),
            Fault::TruncatedAnswer,
        ];
        it.aws.set_faults(in_turn(schedule));
        for _ in 0..5 {
            it.deliver(&small_changes(3), in_time()).await.unwrap();
        }
        assert_eq!(it.ids(), ["id-0", "id-1", "id-2"], "{}", it.name);
    }
}

#[tokio::test]
async fn compression_is_stated_by_suffix_not_by_header() {
    for (compression, suffix) in [("gzip", ".jsonl.gz"), ("zstd", ".jsonl.zst"), ("none", ".jsonl")]
    {
        let it = Destination::new("s3", &[("S3_BUCKET", "lake"), ("S3_COMPRESSION", compression)]);
        it.deliver(&small_changes(3), in_time()).await.unwrap();
        assert!(it.aws.objects().keys().all(|key| key.ends_with(suffix)), "{compression}");
        assert!(
            it.aws.calls().iter().all(|call| call.info.content_encoding.is_none()),
            "{compression}"
        );
        assert_eq!(it.lines().len(), 3, "{compression}");
    }
}

#[tokio::test]
async fn missing_table_and_time_are_null_partitions() {
    let record = r#"{"Records":[{"eventID":"a/b","eventName":"REMOVE",
        "eventSource":"aws:dynamodb","dynamodb":{}}]}"#;
    let events = changefan::Batch::decode(record.into()).unwrap().events;
    let it = Destination::new("file", &[]);
    it.deliver(&events, in_time()).await.unwrap();
    let key = it.files().into_keys().next().unwrap();
    let null = "__HIVE_DEFAULT_PARTITION__";
    let folder = format!("changes/table={null}/date={null}/hour={null}");
    assert!(key.starts_with(&format!("{folder}/a%2Fb-a%2Fb-")), "{key}");
}

/// One change with these ids, of a table in this region and account.
fn change(region: &str, account: &str, value: &str) -> Vec<ChangeEvent> {
    let record = format!(
        r#"[{{"eventID":"id","eventName":"INSERT","eventSource":"aws:dynamodb",
        "awsRegion":"{region}","eventSourceARN":
        "arn:aws:dynamodb:{region}:{account}:table/orders/stream/2026-01-01T00:00:00.000",
        "dynamodb":{{"SequenceNumber":"1","NewImage":{{"id":{{"S":"{value}"}}}}}}}}]"#
    );
    Batch::decode(record.into()).unwrap().events
}

#[tokio::test]
async fn records_that_share_ids_make_separate_objects() {
    for it in [lake(), Destination::new("file", &[])] {
        let changes = [
            change("eu-west-1", "123456789012", "genuine"),
            change("eu-west-1", "123456789012", "edited"),
            change("eu-west-2", "123456789012", "genuine"),
            change("eu-west-1", "210987654321", "genuine"),
        ];
        for change in &changes {
            it.deliver(change, in_time()).await.unwrap();
        }
        assert_eq!(it.lines().len(), changes.len(), "{}", it.name);
    }
}

#[tokio::test]
async fn another_format_makes_another_object() {
    let folder = Destination::new("file", &[]);
    let dir = folder.dir();
    let events = small_changes(3);
    let variants: [&[(&str, &str)]; 5] = [
        &[],
        &[("FILE_FORMAT", "json")],
        &[("FILE_FORMAT", "json"), ("FILE_NUMBERS", "string")],
        &[("FILE_FORMAT", "log")],
        &[("FILE_FORMAT", "json"), ("FILE_COMPRESSION", "zstd")],
    ];
    for options in variants {
        let options: Vec<_> = options.iter().copied().chain([("FILE_DIR", dir.as_str())]).collect();
        Destination::new("file", &options).deliver(&events, in_time()).await.unwrap();
    }
    assert_eq!(folder.files().len(), variants.len());
}

#[tokio::test]
async fn object_that_hangs_delays_no_other() {
    let it = lake();
    let mut first = true;
    it.aws.set_faults(move |_| if std::mem::take(&mut first) { Fault::Hang } else { Fault::None });
    let hours: Vec<_> = (0..30).map(|hour| SAMPLE_TIME + 3600 * hour).collect();
    let deadline = Deadline::after(Duration::from_secs(4));
    let error = it.deliver(&changes(hours, 10), deadline).await.unwrap_err();
    assert_eq!(error.len(), 1);
    assert_eq!(it.ids().len(), 29);
}
