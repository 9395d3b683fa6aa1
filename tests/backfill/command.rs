//! The command line, with the variables that a test gives it and no others.

use std::process::{Child, Command, Output, Stdio};

use changefan_strict_aws::StrictAws;

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finished {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `changefan backfill` to its end.
pub(super) fn backfill(arguments: &[&str], variables: &[(String, String)]) -> Finished {
    finish(start(arguments, variables))
}

/// Starts `changefan backfill`.
pub(super) fn start(arguments: &[&str], variables: &[(String, String)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_changefan"))
        .arg("backfill")
        .args(arguments)
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process")
}

pub(super) fn finish(child: Child) -> Finished {
    let Output { status, stdout, stderr } = child.wait_with_output().expect("an end");
    Finished {
        status: status.code().expect("an exit status"),
        stdout: String::from_utf8(stdout).expect("text"),
        stderr: String::from_utf8(stderr).expect("text"),
    }
}

/// Variables as a process takes them.
pub(super) fn variables(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Credentials, region and endpoint for the services of a test, and an `s3` sink with zstd.
pub(super) fn in_aws(aws: &StrictAws) -> Vec<(String, String)> {
    let url = aws.url();
    variables(&[
        ("AWS_ENDPOINT_URL", &url),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("SINKS", "lake:s3"),
        ("LAKE_BUCKET", "lake"),
        ("LAKE_COMPRESSION", "zstd"),
    ])
}
