//! What the command line says of itself.

use super::command_line::{Finished, changefan, succeeded};

/// Checks that a text holds all the words, however its lines are broken.
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
        "SINKS",
        "_FORMAT",
        "_NUMBERS",
        "FILE_DIR",
        "FILE_PREFIX",
        "FILE_COMPRESSION",
        "S3_BUCKET",
        "S3_PREFIX",
        "S3_COMPRESSION",
        "FIREHOSE_STREAM",
        "FIREHOSE_PACK",
        "CLOUDWATCH_LOGS_GROUP",
        "CLOUDWATCH_LOGS_STREAM",
        "QUARANTINE",
        "CHANGEFAN_LOG",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
        "changefan replay events/samples/orders.json",
    ];
    assert_mentions(&help(&["--help"]), &variables);
}

#[test]
fn help_for_replay_tells_what_files_may_hold_and_the_exit_statuses() {
    let words = [
        "batches as Lambda receives them from DynamoDB Streams, Kinesis or EventBridge Pipes",
        "single records",
        "lines of the quarantine",
        "on-failure destination in S3",
        "SINKS",
        "- is standard input",
        "Exit status: 0 when every record was delivered; 1 when one was not, or a file cannot be read; 2 when the \
         arguments or the environment are not valid",
    ];
    assert_mentions(&help(&["replay", "--help"]), &words);
}

#[test]
fn help_for_check_tells_the_exit_statuses() {
    let words = [
        "Writes no event",
        "Exit status: 0 when all destinations can be used; 1 when one cannot; 2 when the environment is not valid",
    ];
    assert_mentions(&help(&["check", "--help"]), &words);
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(help(&["--version"]), concat!("changefan ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn arguments_that_are_not_valid_are_told_from_failures() {
    for (arguments, said) in [
        (["replay"].as_slice(), "Usage: changefan replay <FILE|->..."),
        (&["replay", "--loud", "file"], "unexpected argument '--loud' found"),
        (&["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (&["check", "file"], "unexpected argument 'file' found"),
        (&[], "Usage: changefan <COMMAND>"),
    ] {
        let Finished { status, stdout, stderr } = changefan(arguments, &[]);
        assert_eq!((status, stdout.as_str()), (2, ""), "{arguments:?}");
        assert_mentions(&stderr, &[said]);
    }
}
