//! The real command line, as a separate process.

use std::io::Write;
use std::process::{Child, Command, Stdio};

/// How a run ended.
#[derive(Debug, PartialEq)]
pub(super) struct Finished {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `changefan` in the root of the repository with these variables only.
pub(super) fn changefan(arguments: &[&str], variables: &[(&str, &str)]) -> Finished {
    finish(command(arguments, variables).spawn().expect("a process"))
}

/// Runs `changefan` with `input` as its standard input.
pub(super) fn changefan_reading(
    input: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Finished {
    let mut child = command(arguments, variables).stdin(Stdio::piped()).spawn().expect("a process");
    // It need not read its input: what the tests write fits into the pipe.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    finish(child)
}

/// Runs `changefan` with a standard output whose reader has ended.
pub(super) fn changefan_unread(arguments: &[&str]) -> Finished {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    finish(command(arguments, &[]).stdout(writer).spawn().expect("a process"))
}

fn command(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_changefan"));
    command
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn finish(child: Child) -> Finished {
    let output = child.wait_with_output().expect("an end");
    Finished {
        status: output.status.code().expect("an exit status"),
        stdout: String::from_utf8(output.stdout).expect("text in UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("text in UTF-8"),
    }
}

/// Everything was delivered.
pub(super) fn succeeded(stdout: impl Into<String>, stderr: impl Into<String>) -> Finished {
    Finished { status: 0, stdout: stdout.into(), stderr: stderr.into() }
}

/// Something was not delivered, or a file or a destination is not usable.
pub(super) fn failed(stdout: impl Into<String>, stderr: impl Into<String>) -> Finished {
    Finished { status: 1, stdout: stdout.into(), stderr: stderr.into() }
}
