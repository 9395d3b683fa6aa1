//! `changefan check`.

use super::command_line::{changefan, failed, succeeded};
use super::folder::Folder;
use super::services::closed_port;

#[test]
fn what_is_configured_is_printed_with_its_defaults() {
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
         METRICS=emf\n\
         CHANGEFAN_LOG=info\n\
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
           AUDIT_FORMAT=json\n  \
           AUDIT_NUMBERS=number\n  \
           ok\n\
         \n\
         quarantine {kept}\n  \
           ok\n"
    );
    assert_eq!(finished, succeeded(expected, ""));
    assert!(folder.keys("lake").is_empty() && folder.keys("kept").is_empty(), "nothing is written");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_not_usable() {
    let folder = Folder::new();
    let below = format!("{}/lake", folder.file("plain", ""));
    let finished = changefan(&["check"], &[("SINKS", "file,stdout"), ("FILE_DIR", &below)]);
    let expected =
        format!("not usable: cannot write into {below}: Not a directory (os error 20)\n");
    assert_eq!((finished.status, finished.stderr.as_str()), (1, ""));
    assert!(finished.stdout.contains(&expected), "{}", finished.stdout);
    // The other sink is asked all the same.
    assert!(finished.stdout.ends_with("STDOUT_NUMBERS=number\n  ok\n"), "{}", finished.stdout);
}

#[test]
fn services_that_cannot_be_reached_are_not_usable() {
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
    for destination in ["bucket lake", "delivery stream to-lake", "log group /changes"] {
        let mut reasons =
            finished.stdout.lines().filter_map(|line| line.strip_prefix("  not usable: "));
        let reason = reasons.find(|reason| reason.starts_with(&format!("{destination}: ")));
        assert!(
            reason.is_some_and(|reason| reason.contains("Connection refused")),
            "{}",
            finished.stdout
        );
    }
}

#[test]
fn a_region_that_is_missing_is_named() {
    let variables = [
        ("SINKS", "s3"),
        ("S3_BUCKET", "lake"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ];
    let finished = changefan(&["check"], &variables);
    assert_eq!(finished, failed(finished.stdout.clone(), ""));
    assert!(finished.stdout.contains("not usable: bucket lake: "), "{}", finished.stdout);
    assert!(finished.stdout.contains("A region must be set"), "{}", finished.stdout);
}
