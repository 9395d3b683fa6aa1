//! The memory of a process that decodes the worst payloads of 6 MB.

mod worst_payloads;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use changefan_events::Batch;

use worst_payloads::{PAYLOAD, payloads};
/// The most that a process may take to decode one of them, the payload included, in kB.
const LIMIT: usize = 56 * 1024;

/// Set for the process that is measured: the file of the payload.
const MEASURED: &str = "CHANGEFAN_MEASURED_PAYLOAD";

#[test]
fn worst_payloads_stay_below_the_limit() {
    if let Some(file) = std::env::var_os(MEASURED) {
        return decode(Path::new(&file));
    }
    for (name, payload) in payloads() {
        let payload = payload();
        assert!(payload.len() <= PAYLOAD, "{name}");
        let Some(peak) = peak_of_decoding(&payload) else {
            eprintln!("skipped: this system does not report the peak of resident memory");
            return;
        };
        assert!(peak < LIMIT, "{peak} kB for {name}");
    }
}

/// The peak of resident memory of a process that decodes a payload, in kB.
fn peak_of_decoding(payload: &str) -> Option<usize> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(payload.as_bytes()).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output = child.arg("--nocapture").env(MEASURED, file.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let status = String::from_utf8(output.stderr).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim_end_matches("kB").trim().parse().ok()
}

/// Decodes a payload and prints the status of this process, as far as the system has one.
fn decode(file: &Path) {
    let first = Batch::decode(std::fs::read(file).unwrap().into()).unwrap();
    // The pieces of a payload are alike.
    let pieces = std::iter::successors(Some(first), Batch::next_piece).take(3);
    assert!(pieces.map(|piece| piece.events.len() + piece.undecodable.len()).sum::<usize>() > 0);
    eprintln!("{}", std::fs::read_to_string("/proc/self/status").unwrap_or_default());
}
