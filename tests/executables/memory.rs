//! The memory of the function with the payloads of 6 MB that take the most of it.

use std::time::Duration;

use changefan_fake_lambda::Due;

use super::folder::Folder;
use super::function::start_function;

#[path = "../../events/tests/worst_payloads/mod.rs"]
mod worst_payloads;

/// The most that the function may use, in kB: three quarters of the smallest function of 128 MB.
const LIMIT: usize = 96 * 1024;

#[test]
fn worst_payloads_stay_below_the_limit() {
    for (name, payload) in worst_payloads::payloads() {
        let folder = Folder::new();
        let function = start_function(&[
            ("SINKS", "stdout,file"),
            ("STDOUT_FORMAT", "json"),
            ("FILE_DIR", &folder.path("lake")),
            ("QUARANTINE", &format!("file://{}", folder.path("kept"))),
            ("PARTIAL_BATCH_RESPONSE", "true"),
        ]);
        let payload = payload();
        assert!(payload.len() <= worst_payloads::PAYLOAD);
        // A debug build does not finish every payload in this time: what the reply is does not
        // matter, and every piece of a payload takes the same memory.
        function.invoke_due(Due::After(Duration::from_secs(10)), payload);
        match function.peak_memory() {
            Some(peak) => {
                assert!(peak < LIMIT, "{peak} kB for {name}");
            }
            None => eprintln!("skipped: this system does not report the peak of resident memory"),
        }
    }
}
