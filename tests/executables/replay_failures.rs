//! What `changefan replay` says when not everything can be replayed.

use super::command_line::{Finished, changefan, changefan_reading, changefan_unread, failed};
use super::folder::Folder;
use super::records::*;
use super::replay::failed_invocation;

const NOTHING: &str = "0 records replayed: stdout took 0 changes\n";

#[test]
fn a_failed_invocation_without_its_payload_is_told_from_one_with_it() {
    let folder = Folder::new();
    let file = folder.file("message.json", failed_invocation());
    let expected = format!(
        "{NOTHING}error: {file} holds the record of a failed invocation without its payload: the queue or topic that it \
         came from gets no more than that. The records are in the stream until it expires; an on-failure destination in \
         S3 gets them too\n"
    );
    assert_eq!(changefan(&["replay", &file], &[]), failed("", expected));
}

#[test]
fn a_file_that_is_missing_is_named() {
    let finished = changefan(&["replay", "no/such/file.json"], &[]);
    let expected = format!(
        "{NOTHING}error: cannot read no/such/file.json: No such file or directory (os error 2)\n"
    );
    assert_eq!(finished, failed("", expected));
}

#[test]
fn a_folder_is_no_file() {
    let folder = Folder::new();
    let path = folder.path("");
    let expected = format!("{NOTHING}error: cannot read {path}: Is a directory (os error 21)\n");
    assert_eq!(changefan(&["replay", &path], &[]), failed("", expected));
}

#[test]
fn a_text_that_is_not_json_is_named_with_line_and_column() {
    let folder = Folder::new();
    let file = folder.file("notes.txt", "\n  hello\n");
    let expected = format!(
        "{NOTHING}error: {file} is not JSON or was cut short: expected value at line 2 column 3\n"
    );
    assert_eq!(changefan(&["replay", &file], &[]), failed("", expected));
}

#[test]
fn a_file_that_was_cut_short_delivers_what_stands_before() {
    let folder = Folder::new();
    let file = folder.file("cut.json", format!("{}\n{{\"Records\": [", batch([change(1)])));
    let expected = format!(
        "1 record replayed: stdout took 1 change\n\
         error: {file} is not JSON or was cut short: EOF while parsing a list at line 2 column 13\n"
    );
    assert_eq!(changefan(&["replay", &file], &[]), failed(log(&[change(1)]), expected));
}

#[test]
fn json_that_is_no_batch_is_refused_with_the_shapes_that_are_one() {
    let expected = format!(
        "{NOTHING}error: - cannot be replayed: the payload is not a batch of a stream: expected \
         {{\"Records\": […]}} from a DynamoDB or Kinesis event source mapping, an array of records from EventBridge \
         Pipes, or one such record\n"
    );
    assert_eq!(
        changefan_reading(r#"{"hello":"world"}"#, &["replay", "-"], &[]),
        failed("", expected)
    );
}

#[test]
fn a_record_that_is_not_delivered_is_named_with_the_reason() {
    let payload = batch([change(1), undecodable(2)]).to_string();
    let expected = format!(
        "2 records replayed: stdout took 1 change\n\
         1 record not delivered:\n\
         - record 2 (-): {UNDECODABLE}; set QUARANTINE to keep such records and go on\n"
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
    let reason =
        format!("- record 4 (-): {UNDECODABLE}; set QUARANTINE to keep such records and go on\n");
    assert!(finished.stderr.ends_with(&reason), "{}", finished.stderr);
}

#[test]
fn a_record_that_is_quarantined_was_not_delivered() {
    let folder = Folder::new();
    let location = format!("file://{}", folder.path("kept"));
    let payload = batch([change(1), undecodable(2)]).to_string();
    let finished = changefan_reading(&payload, &["replay", "-"], &[("QUARANTINE", &location)]);
    let expected = format!(
        "2 records replayed: stdout took 1 change\n\
         1 record quarantined:\n\
         - record 2 (-): quarantined: {UNDECODABLE}\n"
    );
    assert_eq!(finished, failed(log(&[change(1)]), expected));
    assert_eq!(folder.lines("kept").len(), 1);
}

#[test]
fn a_sink_that_takes_nothing_is_named_with_the_reason() {
    let folder = Folder::new();
    let plain = folder.file("plain", "");
    let file = folder.file("batch.json", batch([change(1), change(2)]));
    let finished = changefan(&["replay", &file], &[("SINKS", "stdout,file"), ("FILE_DIR", &plain)]);
    let reason = format!(
        "sink file: denied: cannot write the object: {plain}: Not a directory (os error 20)"
    );
    let expected = format!(
        "2 records replayed: file took 0 changes, stdout took 2 changes\n\
         2 records not delivered:\n\
         - record 1 ({file}): {reason}\n\
         - record 2 ({file}): {reason}\n"
    );
    assert_eq!(finished, failed(log(&[change(1), change(2)]), expected));
}

#[test]
fn a_reader_that_has_gone_is_not_waited_for() {
    let Finished { status, stderr, .. } =
        changefan_unread(&["replay", "events/samples/orders.json"]);
    let first =
        "- record 1 (events/samples/orders.json): sink stdout: denied: Broken pipe (os error 32)\n";
    assert!(status == 1 && stderr.contains(first), "{stderr}");
}

#[test]
fn a_missing_region_or_missing_credentials_are_not_waited_for() {
    let key = [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG"),
    ];
    let sink = [("SINKS", "s3"), ("S3_BUCKET", "lake"), ("AWS_EC2_METADATA_DISABLED", "true")];
    for (variables, said) in [
        ([sink.as_slice(), &key].concat(), "A region must be set"),
        ([sink.as_slice(), &[("AWS_REGION", "eu-west-1")]].concat(), "credentials"),
    ] {
        let Finished { status, stderr, .. } =
            changefan(&["replay", "events/samples/orders.json"], &variables);
        assert!(
            status == 1 && stderr.contains("sink s3: denied: ") && stderr.contains(said),
            "{stderr}"
        );
    }
}

#[test]
fn many_reasons_are_counted() {
    let payload =
        batch(std::array::from_fn::<_, 7, _>(|number| undecodable(number as u32))).to_string();
    let finished = changefan_reading(&payload, &["replay", "-"], &[]);
    assert_eq!(finished.stderr.lines().count(), 2 + 5 + 1);
    assert!(finished.stderr.ends_with("\n- and 2 more\n"), "{}", finished.stderr);
}

#[test]
fn mistakes_in_the_environment_are_told_together_before_anything_is_read() {
    let variables = [("SINKS", "file,kafka"), ("CHANGEFAN_LOG", "loud")];
    let expected = "error: the environment is not valid\n\
        - SINKS=file,kafka: `kafka` is no type of sink: expected cloudwatch_logs, file, firehose, s3, stdout; for example SINKS=stdout\n\
        - FILE_DIR is missing: set it, for example FILE_DIR=/tmp/changes\n\
        - CHANGEFAN_LOG=loud is not valid: expected info, off, error, warn, debug; for example CHANGEFAN_LOG=info\n";
    for arguments in [["replay", "no/such/file"].as_slice(), &["check"]] {
        let finished = changefan(arguments, &variables);
        assert_eq!(
            finished,
            Finished { status: 2, stdout: String::new(), stderr: expected.into() }
        );
    }
}
