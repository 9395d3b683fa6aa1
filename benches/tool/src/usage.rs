//! What a process has used, as `/proc` has it.

use std::fs;
use std::path::{Path, PathBuf};

/// What a process has used since its start.
#[derive(Clone, Copy, Default)]
pub struct Usage {
    /// CPU time of the threads that live, in the kernel and outside of it. Unlike elapsed time, it
    /// hardly depends on other load.
    pub cpu_milliseconds: f64,
    /// Pages that were provided without reading a file.
    pub minor_faults: u64,
    /// Pages that had to be read from a file.
    pub major_faults: u64,
    /// Bytes that the process caused to be read from storage.
    pub read_bytes: u64,
    /// The peak of resident memory.
    pub peak_kilobytes: u64,
}

impl Usage {
    /// The usage of a process that runs, by its id.
    pub fn of(process: u32) -> Option<Self> {
        let folder = PathBuf::from(format!("/proc/{process}"));
        let stat = fs::read_to_string(folder.join("stat")).ok()?;
        // The name in brackets may contain spaces. The state, the third field, follows it.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(7);
        let minor_faults = fields.next()?.parse().ok()?;
        let major_faults = fields.nth(1)?.parse().ok()?;
        Some(Self {
            cpu_milliseconds: cpu_milliseconds(&folder)?,
            minor_faults,
            major_faults,
            // A kernel may be built without it.
            read_bytes: number(&folder, "io", "read_bytes:").unwrap_or(0),
            peak_kilobytes: number(&folder, "status", "VmHWM:")?,
        })
    }
}

fn cpu_milliseconds(folder: &Path) -> Option<f64> {
    let threads = fs::read_dir(folder.join("task")).ok()?.flatten();
    let nanoseconds: u64 = threads.filter_map(|thread| nanoseconds(thread.path())).sum();
    Some(nanoseconds as f64 / 1e6)
}

/// The time that a thread has run. `stat` has it too, but in hundredths of a second.
fn nanoseconds(thread: PathBuf) -> Option<u64> {
    fs::read_to_string(thread.join("schedstat")).ok()?.split(' ').next()?.parse().ok()
}

fn number(folder: &Path, file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(folder.join(file)).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
