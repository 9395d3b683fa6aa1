//! What became of an export.

use changefan_events::SnapshotCounts;

use super::job::{Delivered, Job};
use super::target::{Receiver, Target};
use super::writer::Written;

/// Lines about one export, printed at its end.
pub(super) struct Summary {
    title: String,
    written: Vec<Written>,
    lines: Vec<String>,
}

impl Summary {
    pub(super) fn new(job: &Job, written: &Delivered) -> Self {
        let (id, table) = (job.export.id(), job.export.table());
        let items = job.manifest.item_count;
        let files = job.manifest.files.len();
        let title = format!("export {id} of table {table}: {items} items in {files} files");
        Self { title, written: written.0.clone(), lines: Vec::new() }
    }

    /// Adds a target that is complete.
    pub(super) fn add(&mut self, closing: Written, target: &Target, counts: SnapshotCounts) {
        let mut written = self.written[self.lines.len()];
        written.add(closing);
        let SnapshotCounts { items, missing, .. } = counts;
        let Written { objects, bytes, present, .. } = written;
        let how = match &target.receiver {
            Receiver::Stream(_) => format!("{objects} deliveries"),
            Receiver::Lake(_) => {
                format!("{objects} objects written ({}), {present} present", size(bytes))
            }
        };
        let missing = match missing {
            0 => String::new(),
            missing => format!(", {missing} items quarantined"),
        };
        let name = &target.name;
        self.lines.push(format!("- {name}: {items} READ rows and the SNAPSHOT{missing}; {how}"));
    }

    pub(super) fn print(self) {
        eprintln!("{}", self.title);
        self.lines.iter().for_each(|line| eprintln!("{line}"));
    }
}

/// Bytes for people.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
