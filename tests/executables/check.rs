//! `changefan check`.

use super::command_line::{changefan, failed, succeeded};
use super::folder::Folder;
use super::services::closed_port;

#[test]
fn configuration_is_printed_with_its_defaults() {
    let folder = Folder::new();
    let (lake, kept) = (folder.path("lake"), format!("file://{}", folder.path("kept")));
    let finished = changefan(
        &["check"],
        &[
            ("SINKS", "stdout,audit:file"),
            ("AUDIT_DIR", &lake),
            ("STDOUT_FORMAT", "json"),
            ("QUARANTINE", &kept),
        ],
    );
    let expected = format!(
        "PARTIAL_BATCH_RESPONSE=false\n\
         CONNECT_AT_INIT=false\n\
         METRICS=basic\n\
         CHANGEFAN_LOG=info\n\
         ALLOWED_SOURCES is not set: all are allowed\n\
         QUARANTINE={kept}\n\
         \n\
         sink stdout of type stdout\n  \
           STDOUT_FORMAT=json\n  \
           STDOUT_NUMBERS=number\n  \
           ok\n\
         \n\
         sink audit of type file\n  \
           AUDIT_DIR={lake}\n  \
           AUDIT_PREFIX=changes/\n  \
           AUDIT_COMPRESSION=gzip\n  \
           AUDIT_FORMAT=rows\n  \
           ok\n\
         \n\
         quarantine {kept}\n  \
           ok\n"
    );
    assert_eq!(finished, succeeded(expected, ""));
    assert!(folder.keys("lake").is_empty() && folder.keys("kept").is_empty(), "nothing is written");
}

#[test]
fn settings_are_printed_instead_of_the_defaults() {
    let finished = changefan(
        &["check"],
        &[
            ("PARTIAL_BATCH_RESPONSE", "TRUE"),
            ("CONNECT_AT_INIT", "true"),
            ("METRICS", "per_sink"),
            ("CHANGEFAN_LOG", "off"),
            ("ALLOWED_SOURCES", "eu-west-1:123456789012:stream/x, eu-west-1:123456789012:orders"),
            ("STDOUT_FORMAT", "rows"),
        ],
    );
    let expected = "PARTIAL_BATCH_RESPONSE=true\n\
         CONNECT_AT_INIT=true\n\
         METRICS=per_sink\n\
         CHANGEFAN_LOG=off\n\
         ALLOWED_SOURCES=eu-west-1:123456789012:orders,eu-west-1:123456789012:stream/x\n\
         QUARANTINE is not set: a record that is rejected blocks its shard\n\
         \n\
         sink stdout of type stdout\n  \
           STDOUT_FORMAT=rows\n  \
           ok\n";
    assert_eq!(finished, succeeded(expected, ""));
}

#[test]
fn folder_that_is_not_writable_is_not_usable() {
    let folder = Folder::new();
    let below = format!("{}/lake", folder.file("plain", ""));
    let finished = changefan(&["check"], &[("SINKS", "file,stdout"), ("FILE_DIR", &below)]);
    let expected =
        format!("not usable: cannot write below {below}: Not a directory (os error 20)\n");
    assert_eq!((finished.status, finished.stderr.as_str()), (1, ""));
    assert!(finished.stdout.contains(&expected), "{}", finished.stdout);
    // The other sink is probed nevertheless.
    assert!(finished.stdout.ends_with("STDOUT_NUMBERS=number\n  ok\n"), "{}", finished.stdout);
}

#[test]
fn unreachable_services_are_not_usable() {
    let endpoint = format!("http://{}", closed_port());
    let finished = changefan(
        &["check"],
        &[
            ("SINKS", "s3,firehose,cloudwatch_logs"),
            ("S3_BUCKET", "lake"),
            ("FIREHOSE_STREAM", "to-lake"),
            ("CLOUDWATCH_LOGS_GROUP", "/changes"),
            ("AWS_ENDPOINT_URL", &endpoint),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ],
    );
    assert_eq!((finished.status, finished.stderr.as_str()), (1, ""));
    for probe in [
        "HeadBucket on bucket lake",
        "DescribeDeliveryStream on delivery stream to-lake",
        "DescribeLogStreams on log stream changefan of log group /changes",
    ] {
        let mut reasons =
            finished.stdout.lines().filter_map(|line| line.strip_prefix("  not usable: "));
        let reason = reasons.find(|reason| reason.starts_with(&format!("{probe} failed: ")));
        assert!(
            reason.is_some_and(|reason| reason.contains("Connection refused")),
            "{}",
            finished.stdout
        );
    }
}

#[test]
fn missing_region_is_reported() {
    let variables = [
        ("SINKS", "s3"),
        ("S3_BUCKET", "lake"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ];
    let finished = changefan(&["check"], &variables);
    assert_eq!(finished, failed(finished.stdout.clone(), ""));
    let reason = "not usable: HeadBucket on bucket lake failed: ";
    assert!(finished.stdout.contains(reason), "{}", finished.stdout);
    assert!(finished.stdout.contains("A region must be set"), "{}", finished.stdout);
}
