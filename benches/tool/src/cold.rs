//! Starts of functions whose executables are not in the page cache.

use std::fs::File;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use changefan_fake_lambda::http::Connection;
use rustix::fs::{Advice, fadvise};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::contestant::Contestant;
use crate::usage::Usage;

/// The interval at which a process is checked for its first call.
const CHECK: Duration = Duration::from_micros(100);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    rounds: usize,
    contestants: Vec<Contestant>,
}

/// A start, from `exec` to the first poll for an invocation.
#[derive(Serialize)]
struct Start {
    name: String,
    milliseconds: f64,
    major_faults: u64,
    read_bytes: u64,
}

pub fn run(plan: impl AsRef<Path>) -> Result<(), Error> {
    let plan: Plan = serde_json::from_slice(&std::fs::read(plan)?)?;
    let mut starts = Vec::new();
    for _ in 0..plan.rounds {
        for contestant in &plan.contestants {
            starts.push(start(contestant)?);
        }
    }
    println!("{}", serde_json::to_string(&starts)?);
    Ok(())
}

fn start(contestant: &Contestant) -> Result<Start, Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let mut command = contestant.command(&listener.local_addr()?.to_string())?;
    evict(contestant.program()?)?;
    let start = Instant::now();
    let mut child = command.spawn()?;
    let polled = first_poll(&listener, &mut child);
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    let usage = Usage::of(child.id());
    child.kill()?;
    child.wait()?;
    polled.map_err(|error| format!("{} does not poll: {error}", contestant.name))?;
    let Usage { major_faults, read_bytes, .. } = usage.ok_or("/proc cannot be read")?;
    Ok(Start { name: contestant.name.clone(), milliseconds, major_faults, read_bytes })
}

/// Removes a file's pages from the page cache. Pages that are not yet written would stay.
fn evict(file: &str) -> io::Result<()> {
    let file = File::open(file)?;
    file.sync_all()?;
    fadvise(&file, 0, None, Advice::DontNeed)?;
    Ok(())
}

/// Waits for the function's first call, which is not answered.
fn first_poll(listener: &TcpListener, child: &mut Child) -> io::Result<TcpStream> {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                Connection::new(&stream).head()?;
                return Ok(stream);
            }
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            Err(_) if child.try_wait()?.is_some() => return Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => thread::sleep(CHECK),
        }
    }
}
