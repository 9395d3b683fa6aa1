//! Which sinks and variables the function accepts.

use super::folder::Folder;
use super::function::start_function;
use super::records::*;
use super::replies::success;
use super::start::config_error;

/// The only issue of an environment.
fn issue(variables: &[(&str, &str)]) -> String {
    let message = config_error(variables);
    let issues = message.strip_prefix("the environment is not valid\n- ").expect("a list");
    assert_eq!(issues.lines().count(), 1, "{issues}");
    issues.to_owned()
}

fn shared(sink: &str, destination: &str, example: &str) -> String {
    format!(
        "sinks `{sink}` and `audit` share the destination {destination}, expected one sink per \
         destination; set another value, for example {example}"
    )
}

#[test]
fn two_file_sinks_in_one_folder_are_refused() {
    for dir in ["/tmp/lake", "/tmp/lake/", "/tmp/lake/.", "/tmp//lake"] {
        let found = issue(&[
            ("SINKS", "file,audit:file"),
            ("FILE_DIR", "/tmp/lake"),
            ("AUDIT_DIR", dir),
            ("AUDIT_FORMAT", "json"),
        ]);
        assert_eq!(found, shared("file", &format!("{dir}/changes/"), "AUDIT_PREFIX=audit/"));
    }
    let found = issue(&[
        ("SINKS", "file,audit:file"),
        ("FILE_DIR", "/tmp/lake"),
        ("FILE_PREFIX", "a/b/"),
        ("AUDIT_DIR", "/tmp/lake/a"),
        ("AUDIT_PREFIX", "b/"),
    ]);
    assert_eq!(found, shared("file", "/tmp/lake/a/b/", "AUDIT_PREFIX=audit/"));
}

#[test]
fn two_s3_sinks_with_one_prefix_are_refused() {
    let buckets = [("SINKS", "s3,audit:s3"), ("S3_BUCKET", "lake"), ("AUDIT_BUCKET", "lake")];
    let found = issue(&buckets);
    assert_eq!(found, shared("s3", "s3://lake/changes/", "AUDIT_PREFIX=audit/"));
    let prefixes = [("S3_PREFIX", "x/"), ("AUDIT_PREFIX", "x/")];
    let found = issue(&[&buckets[..], &prefixes].concat());
    assert_eq!(found, shared("s3", "s3://lake/x/", "AUDIT_PREFIX=audit/"));
}

#[test]
fn two_firehose_sinks_with_one_stream_are_refused() {
    let found = issue(&[
        ("SINKS", "firehose,audit:firehose"),
        ("FIREHOSE_STREAM", "lake"),
        ("AUDIT_STREAM", "lake"),
        ("AUDIT_PACK", "1000"),
    ]);
    assert_eq!(found, shared("firehose", "delivery stream lake", "AUDIT_STREAM=lake-audit"));
}

#[test]
fn two_log_sinks_with_one_log_stream_are_refused() {
    let groups = [
        ("SINKS", "cloudwatch_logs,audit:cloudwatch_logs"),
        ("CLOUDWATCH_LOGS_GROUP", "/changes"),
        ("AUDIT_GROUP", "/changes"),
    ];
    let found = issue(&groups);
    let destination = "log stream changefan of log group /changes";
    assert_eq!(found, shared("cloudwatch_logs", destination, "AUDIT_GROUP=/changes-audit"));
    let other = [&groups[..], &[("AUDIT_STREAM", "audit")]].concat();
    assert_eq!(start_function(&other).invoke(batch([])), success());
}

#[test]
fn sinks_with_different_prefixes_are_accepted() {
    let folder = Folder::new();
    let lake = folder.path("lake");
    let function = start_function(&[
        ("SINKS", "file,audit:file"),
        ("FILE_DIR", &lake),
        ("AUDIT_DIR", &lake),
        ("AUDIT_PREFIX", "audit/"),
    ]);
    assert_eq!(function.invoke(batch([change(1)])), success());
    let keys = folder.keys("lake");
    let prefixes: Vec<_> = keys.iter().filter_map(|key| key.split('/').next()).collect();
    assert_eq!(prefixes, ["audit", "changes"]);
    let buckets = [("S3_BUCKET", "lake"), ("AUDIT_BUCKET", "lake"), ("AUDIT_PREFIX", "audit/")];
    let function = start_function(&[&buckets[..], &[("SINKS", "s3,audit:s3")]].concat());
    assert_eq!(function.invoke(batch([])), success());
}

#[test]
fn missing_credentials_are_refused_for_sink_and_quarantine() {
    let without = |user: &str| {
        format!(
            "{user} needs AWS credentials and the environment has none, expected \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which Lambda sets from the function's \
             role"
        )
    };
    for variable in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        let none = (variable, "");
        let found = issue(&[none, ("SINKS", "archive:s3"), ("ARCHIVE_BUCKET", "lake")]);
        assert_eq!(found, without("the sink `archive`"));
        let found = issue(&[none, ("QUARANTINE", "s3://failures/quarantine")]);
        assert_eq!(found, without("QUARANTINE"));
        let folder = Folder::new();
        let location = format!("file://{}", folder.path("kept"));
        let function = start_function(&[none, ("QUARANTINE", &location)]);
        assert_eq!(function.invoke(batch([change(1)])), success());
    }
}

#[test]
fn variables_of_other_programs_are_no_options() {
    let folder = Folder::new();
    let names = ["connect", "partial", "metrics", "otel", "ld", "http"];
    let sinks = names.map(|name| format!("{name}:file")).join(",");
    let dirs = names.map(|name| (format!("{}_DIR", name.to_uppercase()), folder.path(name)));
    let mut variables = vec![
        ("SINKS", sinks.as_str()),
        ("CONNECT_AT_INIT", "true"),
        ("PARTIAL_BATCH_RESPONSE", "true"),
        ("METRICS", "none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"),
        ("OTEL_SERVICE_NAME", "fan"),
        ("LD_LIBRARY_PATH", "/var/lang/lib"),
        ("HTTP_PROXY", "http://127.0.0.1:9"),
    ];
    variables.extend(dirs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let function = start_function(&variables);
    assert_eq!(function.invoke(batch([change(1)])), success());
    assert_eq!(names.map(|name| folder.lines(name).len()), [1; 6]);
}

#[test]
fn misspelt_option_is_refused_with_the_nearest_one() {
    let known = "FILE_DIR, FILE_PREFIX, FILE_COMPRESSION, FILE_FORMAT, FILE_NUMBERS";
    for (misspelt, nearest) in [
        ("FILE_DIRR", "FILE_DIR"),
        ("FILE_PERFIX", "FILE_PREFIX"),
        ("FILE_COMPRESION", "FILE_COMPRESSION"),
        ("FILE_FORMATS", "FILE_FORMAT"),
    ] {
        let variables = [("SINKS", "file"), ("FILE_DIR", "/tmp/lake"), (misspelt, "x")];
        let expected = format!(
            "{misspelt} is an unknown option, expected one of {known}; did you mean {nearest}?"
        );
        assert_eq!(issue(&variables), expected);
    }
}

#[test]
fn numbers_of_rows_are_refused() {
    let variables = [("SINKS", "file"), ("FILE_DIR", "/tmp/lake"), ("FILE_NUMBERS", "number")];
    let expected = "FILE_FORMAT=rows and FILE_NUMBERS=number exclude each other: \
                    rows keeps every digit; unset the second";
    assert_eq!(issue(&variables), expected);
}

#[test]
fn json_log_format_refuses_what_lambda_would_drop() {
    let format = ("AWS_LAMBDA_LOG_FORMAT", "JSON");
    let reason = |what: &str| {
        format!("Lambda would drop the {what}; set the application log level to INFO, or ")
    };
    for level in ["WARN", "ERROR", "FATAL"] {
        let level = ("AWS_LAMBDA_LOG_LEVEL", level);
        let found = issue(&[format, level, ("METRICS", "none"), ("SINKS", "out:stdout")]);
        let start =
            format!("AWS_LAMBDA_LOG_LEVEL={} and the sink `out` exclude each other: ", level.1);
        assert_eq!(found, format!("{start}{}remove the sink", reason("events")));
        let found = issue(&[format, level, ("SINKS", "file"), ("FILE_DIR", "/tmp/lake")]);
        let start = format!("AWS_LAMBDA_LOG_LEVEL={} and METRICS exclude each other: ", level.1);
        assert_eq!(found, format!("{start}{}METRICS=none", reason("metrics")));
        let text = ("AWS_LAMBDA_LOG_FORMAT", "Text");
        assert_eq!(start_function(&[text, level]).invoke(batch([])), success());
    }
    for level in ["INFO", "DEBUG", "TRACE"] {
        let function = start_function(&[format, ("AWS_LAMBDA_LOG_LEVEL", level)]);
        assert_eq!(function.invoke(batch([])), success());
    }
}
