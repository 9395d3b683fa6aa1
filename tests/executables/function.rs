//! The real function, as a separate process.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use changefan_fake_lambda::{Answer, Due, Report, RuntimeApi};

/// The time after which a test fails that waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running function. It is killed when it is dropped.
pub(super) struct Function {
    process: Process,
    signs: Receiver<Sign>,
    api: RuntimeApi,
}

/// What shows the progress of a function.
enum Sign {
    /// It called the Runtime API.
    Reported(Report),
    /// The process has ended.
    Ended,
}

/// Which of its pipes a test reads while the function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    Both,
    /// Not standard output, so that a write of more than the pipe holds blocks.
    OnlyStderr,
    /// Not standard error, and its pipe is full, so that every write blocks.
    OnlyStdout,
}

/// What a function wrote.
#[derive(Debug)]
pub(super) struct Output {
    pub stdout: String,
    pub stderr: String,
}

/// How a function exited.
pub(super) struct End {
    pub init_error: Option<Value>,
    pub status: ExitStatus,
    pub stderr: String,
}

struct Process {
    child: Child,
    stdout: Option<Pipe>,
    stderr: Option<Pipe>,
}

/// The reading end of a pipe.
enum Pipe {
    Read(JoinHandle<String>),
    Unread(PipeReader),
}

/// Starts the function with these variables, besides those that Lambda always sets.
pub(super) fn start_function(variables: &[(&str, &str)]) -> Function {
    start(bootstrap(), variables)
}

/// The same without reading one of the pipes.
pub(super) fn start_unread(reads: Reads, variables: &[(&str, &str)]) -> Function {
    start_process(bootstrap(), reads, variables)
}

/// The same for a custom function.
pub(super) fn start(command: Command, variables: &[(&str, &str)]) -> Function {
    start_process(command, Reads::Both, variables)
}

fn start_process(mut command: Command, reads: Reads, variables: &[(&str, &str)]) -> Function {
    let (sender, signs) = channel();
    let reports = sender.clone();
    let api = RuntimeApi::start(move |report| drop(reports.send(Sign::Reported(report))));
    let api = api.expect("a free port");
    command.env("AWS_LAMBDA_RUNTIME_API", api.address()).envs(variables.iter().copied());
    Function { process: Process::start(command, reads, sender), signs, api }
}

/// The function without a Runtime API, with what Lambda sets and nothing else.
pub(super) fn bootstrap() -> Command {
    in_lambda(env!("CARGO_BIN_EXE_bootstrap"))
}

/// A program with what Lambda sets and nothing else.
pub(super) fn in_lambda(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs([
        ("AWS_LAMBDA_FUNCTION_NAME", "fan"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/fan"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]00000000000000000000000000000000"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("AWS_SESSION_TOKEN", "token"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("_HANDLER", "bootstrap"),
    ]);
    command
}

impl Function {
    /// The peak of resident memory in kB; `None` if the system does not report it.
    pub(super) fn peak_memory(&self) -> Option<usize> {
        let status = format!("/proc/{}/status", self.process.child.id());
        let status = std::fs::read_to_string(status).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim_end_matches("kB").trim().parse().ok()
    }

    /// Invokes the function with a deadline after one minute.
    pub(super) fn invoke(&self, payload: impl ToString) -> Answer {
        self.invoke_due(Due::After(PATIENCE), payload)
    }

    pub(super) fn invoke_due(&self, due: Due, payload: impl ToString) -> Answer {
        self.api.invoke(Bytes::from(payload.to_string()), due);
        self.answer().1
    }

    /// Queues all payloads before it waits for the answers, which it returns in the order of the
    /// payloads.
    pub(super) fn invoke_at_once(
        &self,
        payloads: impl IntoIterator<Item = impl ToString>,
    ) -> Vec<Answer> {
        let invoke =
            |payload: String| self.api.invoke(Bytes::from(payload), Due::After(PATIENCE / 6));
        let numbers: Vec<_> =
            payloads.into_iter().map(|payload| invoke(payload.to_string())).collect();
        let mut answers: HashMap<_, _> = numbers.iter().map(|_| self.answer()).collect();
        numbers.iter().map(|number| answers.remove(number).expect("an answer to each")).collect()
    }

    fn answer(&self) -> (usize, Answer) {
        match self.sign() {
            Sign::Reported(Report::Answered { number, answer, .. }) => (number, answer),
            Sign::Reported(other) => panic!("expected an answer, found {other:?}"),
            Sign::Ended => panic!("expected an answer, but the function has ended"),
        }
    }

    /// Ends the function and returns all that it wrote. What belongs to an invocation was written
    /// before its answer.
    pub(super) fn stop(mut self) -> Output {
        self.process.kill();
        self.process.output()
    }

    /// Waits until the function exits.
    pub(super) fn wait(mut self) -> End {
        let mut init_error = None;
        loop {
            match self.sign() {
                Sign::Reported(Report::InitError(error)) => init_error = Some(error),
                Sign::Reported(other) => panic!("expected an end, found {other:?}"),
                Sign::Ended => break,
            }
        }
        let status = self.process.child.wait().expect("an exit status");
        End { init_error, status, stderr: self.process.output().stderr }
    }

    fn sign(&self) -> Sign {
        match self.signs.recv_timeout(4 * PATIENCE).expect("the function neither answers nor ends")
        {
            Sign::Reported(Report::Refused(call)) => panic!("Lambda would have refused {call}"),
            sign => sign,
        }
    }
}

impl Process {
    fn start(mut command: Command, reads: Reads, ended: Sender<Sign>) -> Self {
        let (stdout, to_stdout) = pipe().expect("a pipe");
        let (stderr, to_stderr) = pipe().expect("a pipe");
        let stdout = match reads {
            Reads::OnlyStderr => Pipe::Unread(stdout),
            _ => Pipe::Read(read(stdout, || {})),
        };
        let stderr = match reads {
            Reads::OnlyStdout => {
                fill(&to_stderr);
                Pipe::Unread(stderr)
            }
            _ => Pipe::Read(read(stderr, move || drop(ended.send(Sign::Ended)))),
        };
        command.stdin(Stdio::null()).stdout(to_stdout).stderr(to_stderr);
        let child = command.spawn().expect("a process");
        Self { child, stdout: Some(stdout), stderr: Some(stderr) }
    }

    fn kill(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn output(&mut self) -> Output {
        let text = |pipe: &mut Option<Pipe>| match pipe.take() {
            Some(Pipe::Read(reader)) => reader.join().expect("text in UTF-8"),
            Some(Pipe::Unread(pipe)) => {
                drop(pipe);
                String::new()
            }
            None => String::new(),
        };
        Output { stdout: text(&mut self.stdout), stderr: text(&mut self.stderr) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Writes to a pipe until its reading end is dropped: it is full soon, and remains so.
fn fill(pipe: &PipeWriter) {
    let mut pipe = pipe.try_clone().expect("a pipe");
    thread::spawn(move || while pipe.write_all(&[b'.'; 4096]).is_ok() {});
}

fn read(mut pipe: PipeReader, at_end: impl FnOnce() + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).expect("text in UTF-8");
        at_end();
        text
    })
}
