//! `changefan replay` if not everything can be replayed.

use serde_json::{Value, json};

use super::command_line::{Finished, changefan, changefan_reading, changefan_unread, failed};
use super::folder::Folder;
use super::records::*;
use super::replay::failed_invocation;

const NOTHING: &str = "0 records replayed: 0 changes to stdout\n";

#[test]
fn failed_invocation_without_payload_is_refused() {
    let folder = Folder::new();
    let file = folder.file("message.json", failed_invocation());
    let expected = format!(
        "{NOTHING}error: {file} holds the record of a failed invocation without its payload, \
         which queues and topics do not receive: read the records from the stream before they \
         expire (changefan redrive --queue), or use an on-failure destination in S3\n"
    );
    assert_eq!(changefan(&["replay", &file], &[]), failed("", expected));
}

#[test]
fn missing_file_is_reported() {
    let finished = changefan(&["replay", "no/such/file.json"], &[]);
    let expected = format!(
        "{NOTHING}error: cannot read no/such/file.json: No such file or directory (os error 2)\n"
    );
    assert_eq!(finished, failed("", expected));
}

#[test]
fn folder_is_refused() {
    let folder = Folder::new();
    let path = folder.path("");
    let expected = format!("{NOTHING}error: cannot read {path}: Is a directory (os error 21)\n");
    assert_eq!(changefan(&["replay", &path], &[]), failed("", expected));
}

#[test]
fn text_that_is_not_json_is_refused_with_its_position() {
    let folder = Folder::new();
    let file = folder.file("notes.txt", "\n  hello\n");
    let expected = format!(
        "{NOTHING}error: {file} is not JSON or was cut short: expected value at line 2 column 3\n"
    );
    assert_eq!(changefan(&["replay", &file], &[]), failed("", expected));
}

#[test]
fn truncated_file_delivers_what_precedes_the_end() {
    let folder = Folder::new();
    let file = folder.file("cut.json", format!("{}\n{{\"Records\": [", batch([change(1)])));
    let expected = format!(
        "1 record replayed: 1 change to stdout\n\
         error: {file} is not JSON or was cut short: EOF while parsing a list at line 2 column 13\n"
    );
    assert_eq!(changefan(&["replay", &file], &[]), failed(log(&[change(1)]), expected));
    let file = folder.file("cut.jsonl", format!("{}\n{{\"eventID\": [", change(1)));
    let expected = format!(
        "1 record replayed: 1 change to stdout\n\
         error: {file} is not JSON or was cut short: EOF while parsing a list at line 2 column 13\n"
    );
    assert_eq!(changefan(&["replay", &file], &[]), failed(log(&[change(1)]), expected));
}

#[test]
fn line_whose_record_is_not_json_is_reported_beside_its_neighbors() {
    let line = |record: &str| json!({ "quarantined": { "sink": null }, "record": record });
    let lines = [change(1).to_string(), "not {JSON".to_owned(), change(2).to_string()];
    let text = lines.map(|record| line(&record).to_string()).join("\n");
    let expected = "3 records replayed: 2 changes to stdout\n\
                    1 record not delivered:\n\
                    - record 2 (-): expected an object at byte 0 of the record; set QUARANTINE to \
                    keep such records and continue\n";
    let finished = changefan_reading(&text, &["replay", "-"], &[]);
    assert_eq!(finished, failed(log(&[change(1), change(2)]), expected));
}

#[test]
fn json_that_is_no_batch_is_refused_with_what_was_expected() {
    let expected = format!(
        "{NOTHING}error: - cannot be replayed: the payload is not a batch of a stream: expected \
         {{\"Records\": […]}} from a DynamoDB or Kinesis event source mapping, an array of \
         records from EventBridge Pipes, or one such record\n"
    );
    assert_eq!(
        changefan_reading(r#"{"hello":"world"}"#, &["replay", "-"], &[]),
        failed("", expected)
    );
}

#[test]
fn undelivered_record_is_reported_with_the_reason() {
    let payload = batch([change(1), undecodable(2)]).to_string();
    let expected = format!(
        "2 records replayed: 1 change to stdout\n\
         1 record not delivered:\n\
         - record 2 (-): {UNDECODABLE}; set QUARANTINE to keep such records and continue\n"
    );
    assert_eq!(
        changefan_reading(&payload, &["replay", "-"], &[]),
        failed(log(&[change(1)]), expected)
    );
}

#[test]
fn records_are_counted_across_files() {
    let payload = batch([undecodable(9)]).to_string();
    let finished = changefan_reading(&payload, &["replay", "events/samples/orders.json", "-"], &[]);
    let reason = format!(
        "- record 4 (-): {UNDECODABLE}; set QUARANTINE to keep such records and continue\n"
    );
    assert!(finished.stderr.ends_with(&reason), "{}", finished.stderr);
}

#[test]
fn quarantined_record_counts_as_not_delivered() {
    let folder = Folder::new();
    let location = format!("file://{}", folder.path("kept"));
    let payload = batch([change(1), undecodable(2)]).to_string();
    let finished = changefan_reading(&payload, &["replay", "-"], &[("QUARANTINE", &location)]);
    let expected = format!(
        "2 records replayed: 1 change to stdout\n\
         1 record quarantined:\n\
         - record 2 (-): quarantined: {UNDECODABLE}\n"
    );
    assert_eq!(finished, failed(log(&[change(1)]), expected));
    assert_eq!(folder.lines("kept").len(), 1);
}

#[test]
fn failing_sink_is_reported_with_the_reason() {
    let folder = Folder::new();
    let plain = folder.file("plain", "");
    let file = folder.file("batch.json", batch([change(1), change(2)]));
    let finished = changefan(&["replay", &file], &[("SINKS", "stdout,file"), ("FILE_DIR", &plain)]);
    let reason =
        format!("sink file: denied: cannot write below {plain}: Not a directory (os error 20)");
    let expected = format!(
        "2 records replayed: 0 changes to file, 2 changes to stdout\n\
         2 records not delivered:\n\
         - record 1 ({file}): {reason}\n\
         - record 2 ({file}): {reason}\n"
    );
    assert_eq!(finished, failed(log(&[change(1), change(2)]), expected));
}

#[test]
fn reader_that_has_ended_is_not_waited_for() {
    let Finished { status, stderr, .. } =
        changefan_unread(&["replay", "events/samples/orders.json"]);
    let first =
        "- record 1 (events/samples/orders.json): sink stdout: denied: Broken pipe (os error 32)\n";
    assert!(status == 1 && stderr.contains(first), "{stderr}");
}

#[test]
fn missing_region_or_credentials_are_not_retried() {
    let key = [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG"),
    ];
    let sink = [("SINKS", "s3"), ("S3_BUCKET", "lake"), ("AWS_EC2_METADATA_DISABLED", "true")];
    for (variables, reason) in [
        ([sink.as_slice(), &key].concat(), "A region must be set"),
        ([sink.as_slice(), &[("AWS_REGION", "eu-west-1")]].concat(), "credentials"),
    ] {
        let Finished { status, stderr, .. } =
            changefan(&["replay", "events/samples/orders.json"], &variables);
        assert!(
            status == 1 && stderr.contains("sink s3: denied: ") && stderr.contains(reason),
            "{stderr}"
        );
    }
}

#[test]
fn further_reasons_are_counted() {
    let payload =
        batch(std::array::from_fn::<_, 7, _>(|number| undecodable(number as u32))).to_string();
    let finished = changefan_reading(&payload, &["replay", "-"], &[]);
    assert_eq!(finished.stderr.lines().count(), 2 + 5 + 1);
    assert!(finished.stderr.ends_with("\n- and 2 more\n"), "{}", finished.stderr);
}

#[test]
fn configuration_errors_are_reported_before_files_are_read() {
    let variables = [("SINKS", "file,kafka"), ("CHANGEFAN_LOG", "loud")];
    let expected = "error: the environment is not valid\n\
        - SINKS=file,kafka: unknown sink type `kafka`, expected one of cloudwatch_logs, \
        eventbridge, file, firehose, s3, stdout; for example SINKS=stdout\n\
        - FILE_DIR is not set; for example FILE_DIR=/tmp/changes\n\
        - CHANGEFAN_LOG=loud is not valid, expected one of info, off, error, warn, debug; for \
        example CHANGEFAN_LOG=info\n";
    for arguments in [["replay", "no/such/file"].as_slice(), &["check"]] {
        let finished = changefan(arguments, &variables);
        assert_eq!(
            finished,
            Finished { status: 2, stdout: String::new(), stderr: expected.into() }
        );
    }
}

/// What a terminal interprets: colors, a window title, a cursor movement, a C1 control character.
const ESCAPES: &str = "\u{1b}[31mred\u{1b}]0;title\u{7}\r\u{8}\u{9b}2J";

/// Whether text has characters that a terminal interprets, other than line feeds.
fn has_controls(text: &str) -> bool {
    text.chars().any(|character| character.is_control() && character != '\n')
}

#[test]
fn escape_sequences_do_not_reach_the_terminal() {
    let with = |pointer: &str, value: Value| {
        let mut record = change(1);
        *record.pointer_mut(pointer).expect("a member") = value;
        record
    };
    let records = [
        with("/eventSource", json!(ESCAPES)),
        with("/eventName", json!(ESCAPES)),
        with("/eventID", json!(ESCAPES)),
        with("/dynamodb/SequenceNumber", json!(ESCAPES)),
        with("/dynamodb/Keys", json!({ ESCAPES: { "N": "1" } })),
        with("/dynamodb/Keys/id", json!({ ESCAPES: "1" })),
        with("/dynamodb/NewImage/id", json!({ "N": ESCAPES })),
        with(
            "/eventSourceARN",
            json!(format!("arn:aws:dynamodb:eu-west-1:1:table/{ESCAPES}/stream/1")),
        ),
        json!(ESCAPES),
    ];
    let folder = Folder::new();
    // One sink writes the records, the other one fails.
    let plain = folder.file("plain", "");
    let variables = [("SINKS", "stdout,file"), ("FILE_DIR", plain.as_str())];
    for record in records {
        let payload = batch([record]).to_string();
        let finished = changefan_reading(&payload, &["replay", "-"], &variables);
        assert_eq!(finished.status, 1);
        assert!(finished.stderr.contains("- record 1 (-): "), "{}", finished.stderr);
        assert!(!has_controls(&finished.stderr), "{:?}", finished.stderr);
        // The records are JSON, in which these characters are escaped.
        assert!(!finished.stdout.contains(['\u{1b}', '\u{7}', '\r']), "{:?}", finished.stdout);
    }
}

#[test]
fn escape_sequences_of_names_do_not_reach_the_terminal() {
    let folder = Folder::new();
    let name = "a\u{1b}[31mb\r.json";
    let invalid = folder.file(name, "no JSON");
    let undecodable = folder.file("\u{9b}2J.json", batch([undecodable(1)]));
    let missing = folder.path("\u{1b}]0;title\u{7}");
    for file in [&invalid, &undecodable, &missing] {
        let finished = changefan(&["replay", file], &[]);
        assert_eq!((finished.status, finished.stdout.as_str()), (1, ""));
        assert!(finished.stderr.contains("\\u{"), "{:?}", finished.stderr);
        assert!(!has_controls(&finished.stderr), "{:?}", finished.stderr);
    }
    let finished = changefan(&["replay", "-"], &[("STDOUT_FORMAT", ESCAPES)]);
    assert_eq!(finished.status, 2);
    assert!(!has_controls(&finished.stderr), "{:?}", finished.stderr);
}
