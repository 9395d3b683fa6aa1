//! The start of the function.

use serde_json::json;

use super::function::{End, bootstrap, start_function};
use super::replies::success;
use super::services::closed_port;

/// Starts the function with an invalid environment. Returns how it ended, and the error that Lambda
/// received.
fn end(variables: &[(&str, &str)]) -> (End, String) {
    let end = start_function(variables).wait();
    let error = end.init_error.clone().expect("an init error");
    assert_eq!(error["errorType"], json!("Runtime.ConfigError"));
    let message = error["errorMessage"].as_str().expect("a message").to_owned();
    (end, message)
}

/// The error that Lambda receives for an invalid environment.
pub(super) fn config_error(variables: &[(&str, &str)]) -> String {
    end(variables).1
}

#[test]
fn all_configuration_errors_are_reported_to_lambda() {
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
        - AWS_CA_BUNDLE=/no/such/file.pem is not a readable file: No such file or directory (os \
        error 2)\n\
        - SINKS=stdout,stdout,kafka,file: two sinks have the name `stdout`, expected distinct \
        names; for example SINKS=stdout,stdout2:stdout\n\
        - SINKS=stdout,stdout,kafka,file: unknown sink type `kafka`, expected one of \
        cloudwatch_logs, eventbridge, file, firehose, s3, stdout; for example SINKS=stdout\n\
        - STDOUT_FORMAT=xml is not valid, expected one of log, dynamodb-json, json, rows, \
        debezium; for example STDOUT_FORMAT=log\n\
        - FILE_DIR is not set; for example FILE_DIR=/tmp/changes\n\
        - FILE_DIRR is an unknown option, expected one of FILE_DIR, FILE_PREFIX, \
        FILE_COMPRESSION, FILE_FORMAT, FILE_NUMBERS; did you mean FILE_DIR?\n\
        - QUARANTINE=bucket/prefix is not valid, expected s3://bucket/prefix or file:///folder; \
        for example QUARANTINE=s3://my-bucket/quarantine\n\
        - PARTIAL_BATCH_RESPONSE=yes is not valid, expected one of false, true; for example \
        PARTIAL_BATCH_RESPONSE=false\n\
        - CHANGEFAN_LOG=loud is not valid, expected one of info, off, error, warn, debug; for \
        example CHANGEFAN_LOG=info";
    assert_eq!(message, expected);
    assert_eq!(end.status.code(), Some(1));
}

#[test]
fn configuration_errors_are_logged() {
    let (end, message) = end(&[("SINKS", "s3"), ("PARTIAL_BATCH_RESPONSE", "yes")]);
    assert_eq!(end.stderr, format!("Error: {message}\n"));
}

#[test]
fn configuration_errors_are_logged_without_a_runtime_api() {
    let api = closed_port().to_string();
    let output =
        bootstrap().envs([("AWS_LAMBDA_RUNTIME_API", api.as_str()), ("SINKS", "s3")]).output();
    let output = output.expect("a process");
    let expected = "Error: the environment is not valid\n- S3_BUCKET is not set; for example \
                    S3_BUCKET=my-lake\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn function_outside_lambda_names_the_command_line() {
    let output = bootstrap().output().expect("a process");
    let expected = "Error: AWS_LAMBDA_RUNTIME_API is not set: this program runs inside Lambda; \
                    to process local files use `changefan replay FILE`\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn unreachable_destinations_do_not_prevent_the_start() {
    // Connections are opened on first use.
    let function =
        start_function(&[("SINKS", "s3,stdout"), ("S3_BUCKET", "lake"), ("AWS_REGION", "")]);
    assert_eq!(function.invoke(r#"{"Records":[]}"#), success());
}
