//! How the function starts, or does not.

use serde_json::json;

use super::function::{End, bootstrap, start_function};
use super::replies::success;
use super::services::closed_port;

/// Starts the function with mistakes in its environment and returns how it ended, and the mistakes that Lambda was told.
fn end(variables: &[(&str, &str)]) -> (End, String) {
    let end = start_function(variables).wait();
    let error = end.init_error.clone().expect("an init error");
    assert_eq!(error["errorType"], json!("Runtime.ConfigError"));
    let message = error["errorMessage"].as_str().expect("a message").to_owned();
    (end, message)
}

#[test]
fn all_mistakes_in_the_environment_are_told_to_lambda_before_the_function_ends() {
    let (end, message) = end(&[
        ("SINKS", "stdout,stdout,kafka,file"),
        ("STDOUT_FORMAT", "xml"),
        ("FILE_DIRR", "/tmp/changes"),
        ("QUARANTINE", "bucket/prefix"),
        ("PARTIAL_BATCH_RESPONSE", "yes"),
        ("CHANGEFAN_LOG", "loud"),
        ("AWS_CA_BUNDLE", "/no/such/file.pem"),
    ]);
    let expected = "the environment is not valid\n\
        - AWS_CA_BUNDLE=/no/such/file.pem cannot be read: No such file or directory (os error 2)\n\
        - SINKS=stdout,stdout,kafka,file: two sinks are named `stdout`: name one of them, for example SINKS=stdout,stdout2:stdout\n\
        - SINKS=stdout,stdout,kafka,file: `kafka` is no type of sink: expected cloudwatch_logs, file, firehose, s3, stdout; for example SINKS=stdout\n\
        - STDOUT_FORMAT is not valid: found `xml`, expected one of log, dynamodb-json, json, rows, debezium; for example STDOUT_FORMAT=log\n\
        - FILE_DIR is missing: set it, for example FILE_DIR=/tmp/changes\n\
        - FILE_DIRR is no option of this sink: expected one of FILE_DIR, FILE_PREFIX, FILE_COMPRESSION, FILE_FORMAT, FILE_NUMBERS\n\
        - QUARANTINE=bucket/prefix is no place for records: expected s3://bucket/prefix or file:///folder, for example s3://my-bucket/quarantine\n\
        - PARTIAL_BATCH_RESPONSE=yes is not valid: expected true, false; for example PARTIAL_BATCH_RESPONSE=true\n\
        - CHANGEFAN_LOG=loud is not valid: expected info, off, error, warn, debug; for example CHANGEFAN_LOG=info";
    assert_eq!(message, expected);
    assert_eq!(end.status.code(), Some(1));
}

#[test]
fn the_log_says_why_the_function_does_not_start() {
    let (end, message) = end(&[("SINKS", "s3"), ("PARTIAL_BATCH_RESPONSE", "yes")]);
    assert_eq!(end.stderr, format!("Error: {message}\n"));
}

#[test]
fn the_log_has_it_also_when_lambda_cannot_be_told() {
    let api = closed_port().to_string();
    let output =
        bootstrap().envs([("AWS_LAMBDA_RUNTIME_API", api.as_str()), ("SINKS", "s3")]).output();
    let output = output.expect("a process");
    let expected = "Error: the environment is not valid\n- S3_BUCKET is missing: set it, for example S3_BUCKET=my-lake\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn outside_lambda_the_function_names_the_command_line() {
    let output = bootstrap().output().expect("a process");
    let expected = "Error: AWS_LAMBDA_RUNTIME_API is not set: this program runs inside Lambda; \
                    to process files on this machine use `changefan replay FILE`\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_function_whose_destinations_are_down_starts_all_the_same() {
    // Connections are made when they are first used.
    let function =
        start_function(&[("SINKS", "s3,stdout"), ("S3_BUCKET", "lake"), ("AWS_REGION", "")]);
    assert_eq!(function.invoke(r#"{"Records":[]}"#), success());
}
