//! Names that a service refuses in each call, or accepts and discards the events of, are refused at
//! startup.

use changefan::{Aws, Registry};

use super::destination::settings;

/// The issue of a sink with this option.
fn issue(sink: &str, variable: &str, value: &str) -> Option<String> {
    let required = [
        ("CLOUDWATCH_LOGS_GROUP", "/changes"),
        ("EVENTBRIDGE_BUS", "changes"),
        ("FILE_DIR", "/tmp/changes"),
        ("FIREHOSE_STREAM", "changes"),
        ("S3_BUCKET", "lake"),
        (variable, value),
    ];
    let variables = required.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let built = Registry::default().build(sink, &variables, &Aws::new(settings("http://[::1]:1")));
    built.err().map(|issues| issues[0].to_string())
}

#[test]
fn names_that_services_refuse_are_refused() {
    for (sink, variable, valid, invalid) in [
        ("cloudwatch_logs", "CLOUDWATCH_LOGS_GROUP", "/aws/a_b-c.d#1", "changes:orders"),
        ("cloudwatch_logs", "CLOUDWATCH_LOGS_STREAM", "größe/1", "orders:prod"),
        ("eventbridge", "EVENTBRIDGE_SOURCE", "com.example", "aws.orders"),
        ("eventbridge", "EVENTBRIDGE_DETAIL_TYPE", "Order changed", &"x".repeat(129)),
        ("firehose", "FIREHOSE_STREAM", "a_b-c.d", "orders/changes"),
        ("s3", "S3_PREFIX", &"x".repeat(500), &"x".repeat(501)),
        ("file", "FILE_PREFIX", "a/b", "/changes/"),
        ("file", "FILE_PREFIX", "a..b/", "a/../../b/"),
    ] {
        assert_eq!(issue(sink, variable, valid), None);
        let issue = issue(sink, variable, invalid).expect("an issue");
        let expected = format!("{variable}={invalid} is not valid, expected ");
        assert!(issue.starts_with(&expected), "{issue}");
    }
}
