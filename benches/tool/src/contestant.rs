//! A function's process.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bytes::Bytes;
use changefan_fake_lambda::{Answer, Due, Report, RuntimeApi};
use serde::Deserialize;

use crate::Error;
use crate::usage::Usage;

/// The largest pipe without privileges, so that a late reader does not block the function.
const PIPE: usize = 1 << 20;

/// How long an invocation may take. Callgrind makes it some fifty times longer.
const DUE: Due = Due::After(Duration::from_secs(300));

/// The interval at which a process that does not reply is checked for its end.
const CHECK: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contestant {
    pub name: String,
    /// The program and its arguments.
    command: Vec<String>,
    /// All variables; only `PATH` is inherited.
    env: BTreeMap<String, String>,
    payload: PathBuf,
    /// Where standard output is kept for comparison. It is read through a pipe, as Lambda does.
    output: Option<PathBuf>,
    /// Where standard error is kept.
    log: PathBuf,
    /// The number of invocations that are sent at once.
    #[serde(default = "one")]
    at_once: usize,
    /// Whether the function's reply is not answered, so that instructions after it are not
    /// counted.
    #[serde(default)]
    hold: bool,
}

fn one() -> usize {
    1
}

/// A contestant whose process runs.
pub struct Running {
    pub contestant: Contestant,
    payload: Bytes,
    api: RuntimeApi,
    reports: Receiver<Report>,
    child: Child,
    drain: JoinHandle<()>,
}

impl Contestant {
    pub fn start(self) -> Result<Running, Error> {
        let payload = Bytes::from(std::fs::read(&self.payload)?);
        let (sender, reports) = channel();
        let on_report = move |report| drop(sender.send(report));
        let api = if self.hold {
            RuntimeApi::start_without_replies(on_report)?
        } else {
            RuntimeApi::start(on_report)?
        };
        let mut command = self.command(&api.address())?;
        command.stdout(Stdio::piped());
        let mut child =
            command.spawn().map_err(|error| format!("cannot start {}: {error}", self.name))?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        // Without the permission, the pipe stays small, for all contestants alike.
        let _ = rustix::pipe::fcntl_setpipe_size(&stdout, PIPE);
        let output = self.output.as_ref().map(File::create).transpose()?;
        let drain = thread::spawn(move || drain(stdout, output));
        Ok(Running { contestant: self, payload, api, reports, child, drain })
    }

    /// The function as a process behind a Runtime API. Standard output is discarded.
    pub fn command(&self, api: &str) -> Result<Command, Error> {
        let mut command = Command::new(self.program()?);
        command
            .args(&self.command[1..])
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(&self.env)
            .env("AWS_LAMBDA_RUNTIME_API", api)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&self.log)?);
        Ok(command)
    }

    pub fn program(&self) -> Result<&str, Error> {
        Ok(self.command.first().ok_or("a contestant without a command")?)
    }
}

fn drain(mut from: impl Read, mut to: Option<File>) {
    let mut buffer = vec![0; 1 << 20];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if let Some(file) = &mut to {
            // A file that cannot be written is noticed when it is compared.
            let _ = file.write_all(&buffer[..length]);
        }
    }
}

impl Running {
    /// One invocation, or several at once: the time until the last answer, and the first answer.
    pub fn invoke(&mut self) -> Result<(Duration, String), Error> {
        let start = Instant::now();
        for _ in 0..self.contestant.at_once {
            self.api.invoke(self.payload.clone(), DUE);
        }
        let (alone, first) = self.answer()?;
        for _ in 1..self.contestant.at_once {
            self.answer()?;
        }
        let elapsed = if self.contestant.at_once == 1 { alone } else { start.elapsed() };
        Ok((elapsed, first))
    }

    /// Waits for a reply and the time since its payload.
    fn answer(&mut self) -> Result<(Duration, String), Error> {
        let report = loop {
            match self.reports.recv_timeout(CHECK) {
                Ok(report) => break report,
                Err(RecvTimeoutError::Timeout) if matches!(self.child.try_wait(), Ok(None)) => {}
                Err(_) => return Err(self.failed("has ended")),
            }
        };
        match report {
            Report::Answered { answer: Answer::Response(response), elapsed, .. } => {
                Ok((elapsed, response.to_string()))
            }
            other => Err(self.failed(&format!("reported {other:?}"))),
        }
    }

    fn failed(&self, how: &str) -> Error {
        let Contestant { name, log, .. } = &self.contestant;
        format!("{name} {how}; see {}", log.display()).into()
    }

    /// What the process has used since its start.
    pub fn usage(&self) -> Result<Usage, Error> {
        Usage::of(self.child.id()).ok_or_else(|| self.failed("cannot be read in /proc"))
    }

    /// Asks the process to end, as callgrind needs it to write what it counted, and waits for it.
    pub fn end(mut self) -> Result<(), Error> {
        Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status()?;
        let start = Instant::now();
        while self.child.try_wait()?.is_none() {
            if start.elapsed() > Duration::from_secs(20) {
                self.child.kill()?;
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.drain.join().map_err(|_| "reading standard output panicked".into())
    }
}
