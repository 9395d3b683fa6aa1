//! A function's process.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::Error;
use crate::runtime_api::{Answer, RuntimeApi};

/// As large as a pipe may be made without privileges, so that a reader who is late holds nobody up.
const PIPE: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contestant {
    pub name: String,
    /// The program and its arguments.
    command: Vec<String>,
    /// All variables; only `PATH` is inherited.
    env: BTreeMap<String, String>,
    payload: PathBuf,
    /// Where standard output is kept, to be compared. It is read through a pipe either way, as Lambda does.
    output: Option<PathBuf>,
    /// Where standard error is kept.
    log: PathBuf,
    /// How many invocations are handed out at once.
    #[serde(default = "one")]
    at_once: usize,
    /// Whether the function gets no reply to its answer, so that nothing it does afterwards is counted.
    #[serde(default)]
    hold: bool,
}

fn one() -> usize {
    1
}

/// A contestant whose process runs.
pub struct Running {
    pub contestant: Contestant,
    api: RuntimeApi,
    child: Child,
    drain: JoinHandle<()>,
}

impl Contestant {
    pub fn start(self) -> Result<Running, Error> {
        let api = RuntimeApi::start(std::fs::read(&self.payload)?, self.hold)?;
        let (program, arguments) =
            self.command.split_first().ok_or("a contestant without a command")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(&self.env);
        command.env("AWS_LAMBDA_RUNTIME_API", api.address.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&self.log)?);
        let mut child =
            command.spawn().map_err(|error| format!("cannot start {program}: {error}"))?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        // Where it is not allowed, the pipe stays small and more often full, for all contestants alike.
        let _ = rustix::pipe::fcntl_setpipe_size(&stdout, PIPE);
        let output = self.output.as_ref().map(File::create).transpose()?;
        let drain = thread::spawn(move || drain(stdout, output));
        Ok(Running { contestant: self, api, child, drain })
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
    /// One invocation, or several at once: the time until the last answer.
    pub fn invoke(&mut self) -> Result<(Duration, Vec<Answer>), Error> {
        let start = Instant::now();
        let child = &mut self.child;
        let answers =
            self.api.invoke(self.contestant.at_once, || matches!(child.try_wait(), Ok(None)));
        let elapsed = start.elapsed();
        let Contestant { name, log, .. } = &self.contestant;
        let answers = answers.ok_or_else(|| format!("{name} has ended; see {}", log.display()))?;
        if let Some(failed) = answers.iter().find(|answer| !answer.path.ends_with("/response")) {
            return Err(format!("{name} answered {}: {}", failed.path, failed.body).into());
        }
        match answers.as_slice() {
            [answer] => Ok((answer.elapsed, answers)),
            _ => Ok((elapsed, answers)),
        }
    }

    /// The most memory that the process has had resident, in kilobytes.
    pub fn peak(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// The CPU time that the process has used, all its threads together, in milliseconds. Unlike the time that passes,
    /// it hardly depends on what else runs.
    pub fn cpu(&self) -> Option<f64> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?;
        let of_thread = |path: PathBuf| -> Option<u64> {
            let nanoseconds = std::fs::read_to_string(path.join("schedstat")).ok()?;
            nanoseconds.split(' ').next()?.parse().ok()
        };
        let nanoseconds: u64 =
            threads.flatten().filter_map(|thread| of_thread(thread.path())).sum();
        Some(nanoseconds as f64 / 1e6)
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
