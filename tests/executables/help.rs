//! The help of the command line.

use super::command_line::{Finished, changefan, succeeded};

/// Checks that a text has all phrases, regardless of line breaks.
fn assert_mentions(text: &str, words: &[&str]) {
    let unbroken = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(unbroken.contains(word), "`{word}` is not in\n{text}");
    }
}

fn help(arguments: &[&str]) -> String {
    let finished = changefan(arguments, &[]);
    assert_eq!(finished, succeeded(finished.stdout.clone(), ""));
    finished.stdout
}

#[test]
fn help_lists_commands_and_variables() {
    let variables = [
        "replay",
        "check",
        "schema",
        "SINKS comma-separated entries TYPE or NAME:TYPE (default: stdout)",
        "STDOUT_FORMAT format: log, dynamodb-json, json, rows, debezium (default: log)",
        "STDOUT_NUMBERS numbers in json and debezium: number, string (default: number)",
        "FILE_DIR folder that receives the objects (required)",
        "FILE_PREFIX first part of the keys (default: changes/)",
        "FILE_COMPRESSION compression of the objects: gzip, zstd, none (default: gzip)",
        "FILE_FORMAT",
        "FILE_NUMBERS",
        "S3_BUCKET bucket that receives the objects (required)",
        "S3_PREFIX",
        "S3_COMPRESSION",
        "S3_FORMAT format: log, dynamodb-json, json, rows, debezium (default: rows)",
        "S3_NUMBERS",
        "FIREHOSE_STREAM delivery stream (required)",
        "FIREHOSE_PACK bytes up to which events share a record: 1 to 1024000",
        "FIREHOSE_FORMAT",
        "FIREHOSE_NUMBERS",
        "CLOUDWATCH_LOGS_GROUP log group (required)",
        "CLOUDWATCH_LOGS_STREAM log stream, created if it is missing (default: changefan)",
        "CLOUDWATCH_LOGS_FORMAT",
        "CLOUDWATCH_LOGS_NUMBERS",
        "QUARANTINE s3://bucket/prefix or file:///folder for rejected records",
        "ALLOWED_SOURCES region:account:table or region:account:stream/name, comma-separated",
        "PARTIAL_BATCH_RESPONSE for the function only: false, true (default: false)",
        "CONNECT_AT_INIT for the function only: false, true (default: false)",
        "METRICS for the function only: basic, per_sink, none (default: basic)",
        "CHANGEFAN_LOG off, error, warn, info or debug (default here: off)",
        "AWS_PROFILE, AWS_REGION, and whatever else AWS's own tools read AWS_ENDPOINT_URL",
        "Exit status: 0 done; 1 an event was not delivered or a destination is not usable; 2 \
         invalid arguments or environment",
        "changefan replay events/samples/orders.json",
    ];
    assert_mentions(&help(&["--help"]), &variables);
}

#[test]
fn help_for_replay_lists_inputs_and_exit_statuses() {
    let words = [
        "batches as Lambda receives them from DynamoDB Streams, Kinesis or EventBridge Pipes",
        "single records",
        "lines of the quarantine",
        "on-failure destination in S3",
        "SINKS",
        "- is standard input",
        "Exit status: 0 if every record was delivered; 1 if one was not, or a file cannot be \
         read; 2 if the arguments or the environment are not valid",
    ];
    assert_mentions(&help(&["replay", "--help"]), &words);
}

#[test]
fn help_for_check_lists_exit_statuses() {
    let words = [
        "Writes no event",
        "Exit status: 0 if all destinations are usable; 1 if one is not; 2 if the environment is \
         not valid",
    ];
    assert_mentions(&help(&["check", "--help"]), &words);
}

#[test]
fn version_is_that_of_the_package() {
    assert_eq!(help(&["--version"]), concat!("changefan ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn invalid_arguments_have_an_exit_status_of_their_own() {
    for (arguments, message) in [
        (["replay"].as_slice(), "Usage: changefan replay <FILE|s3://BUCKET/KEY|->..."),
        (&["replay", "--loud", "file"], "unexpected argument '--loud' found"),
        (&["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (&["check", "file"], "unexpected argument 'file' found"),
        (&[], "Usage: changefan <COMMAND>"),
    ] {
        let Finished { status, stdout, stderr } = changefan(arguments, &[]);
        assert_eq!((status, stdout.as_str()), (2, ""), "{arguments:?}");
        assert_mentions(&stderr, &[message]);
    }
}

#[test]
fn help_has_one_line_per_variable() {
    let help = help(&["--help"]);
    let (_, environment) = help.split_once("Environment:\n").expect("variables");
    let (environment, _) = environment.split_once("\nExit status").expect("an end");
    for line in environment.lines() {
        assert!(line.is_empty() || line.starts_with("  "), "a line is broken: {line}");
    }
}
