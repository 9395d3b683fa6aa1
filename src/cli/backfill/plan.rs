//! What is left to do: which files the lakes do not yet hold.

use std::collections::{BTreeMap, HashMap, HashSet};

use changefan_events::Export;
use changefan_sinks::{ExportError, ExportPart, ExportStore};

use super::manifest::Manifest;
use super::target::{Receiver, Target};

/// What is left to do.
#[derive(Debug)]
pub(super) struct Plan {
    /// The files to read, by their index in the manifest, and their sizes in bytes.
    pub pending: Vec<(usize, u64)>,
    /// What each target holds.
    pub held: Vec<Held>,
    /// The folder of the export in a lake.
    pub folder: String,
}

/// What a target holds of the export. A target without objects holds nothing.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub keys: HashSet<String>,
    /// By file and part.
    parts: BTreeMap<(usize, usize), (String, u64, bool)>,
    /// The number of rows of the files that are complete.
    complete: HashMap<usize, u64>,
    pub has_snapshot: bool,
}

/// A backfill that cannot begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlanError {
    #[error("the objects of the export in sink {sink} cannot be listed")]
    List { sink: String, source: ExportError },
    #[error(
        "sink {sink} holds {first} and {second}, which are the same rows: another version or \
         other options made one of them; remove the objects below {folder} and start again"
    )]
    Conflict { sink: String, folder: String, first: String, second: String },
    #[error("{name} is missing: the export was not copied completely, or a part of it has expired")]
    MissingFile { name: String },
}

impl Plan {
    /// Lists what the lakes hold.
    pub(super) async fn new(
        prefix: &str,
        export: &Export,
        manifest: &Manifest,
        sizes: &BTreeMap<String, u64>,
        targets: &[Target],
    ) -> Result<Self, PlanError> {
        let folder = ExportStore::folder(prefix, export);
        let mut held = Vec::new();
        for target in targets {
            held.push(match &target.receiver {
                Receiver::Lake(store) => Held::list(&target.name, store, &folder).await?,
                Receiver::Stream(_) => Held::default(),
            });
        }
        let mut pending = Vec::new();
        for (index, file) in manifest.files.iter().enumerate() {
            let missing = || PlanError::MissingFile { name: file.name.clone() };
            let size = sizes.get(&file.name).ok_or_else(missing)?;
            if !held.iter().all(|held| held.complete.contains_key(&index)) {
                pending.push((index, *size));
            }
        }
        Ok(Self { pending, held, folder })
    }

    /// Bytes to read.
    pub(super) fn size(&self) -> u64 {
        self.pending.iter().map(|(_, size)| size).sum()
    }
}

impl Held {
    async fn list(sink: &str, store: &ExportStore, folder: &str) -> Result<Self, PlanError> {
        let keys = store.list(folder).await;
        let keys = keys.map_err(|source| PlanError::List { sink: sink.to_owned(), source })?;
        Self::new(keys).map_err(|[first, second]| PlanError::Conflict {
            sink: sink.to_owned(),
            folder: folder.to_owned(),
            first,
            second,
        })
    }

    /// Fails with the keys of two objects for the same rows.
    fn new(mut keys: Vec<String>) -> Result<Self, [String; 2]> {
        keys.sort();
        let mut held = Self::default();
        for key in keys {
            match ExportPart::of_key(&key) {
                Some(ExportPart::Snapshot) => held.has_snapshot = true,
                Some(ExportPart::Rows { file, part, rows, is_last }) => {
                    let other = held.parts.insert((file, part), (key.clone(), rows, is_last));
                    if let Some((other, ..)) = other {
                        return Err([other, key]);
                    }
                }
                None => continue,
            }
            held.keys.insert(key);
        }
        held.complete = complete(&held.parts);
        Ok(held)
    }

    /// The number of rows of a file that is complete.
    pub(super) fn complete_rows(&self, file: usize) -> Option<u64> {
        self.complete.get(&file).copied()
    }

    /// The object with these rows that was made otherwise.
    pub(super) fn conflict(&self, file: usize, part: usize, key: &str) -> Option<&str> {
        let (other, ..) = self.parts.get(&(file, part))?;
        (other != key).then_some(other)
    }
}

/// Files whose parts are there from the first to the one that is marked as the last.
fn complete(parts: &BTreeMap<(usize, usize), (String, u64, bool)>) -> HashMap<usize, u64> {
    let mut complete = HashMap::new();
    let mut current = (0, 0, 0);
    for (&(file, part), &(_, rows, is_last)) in parts {
        if part == 0 {
            current = (file, 0, 0);
        }
        let (open, next, sum) = current;
        if (open, next) == (file, part) {
            current = (file, part + 1, sum + rows);
            if is_last {
                complete.insert(file, sum + rows);
            }
        }
    }
    complete
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(parts: &[(usize, usize, u64, bool)]) -> Held {
        let key = |&(file, part, rows, is_last): &_| {
            let part = ExportPart::Rows { file, part, rows, is_last };
            format!("exports/{part}-{file:032}.jsonl")
        };
        Held::new(parts.iter().map(key).collect()).unwrap()
    }

    #[test]
    fn file_is_complete_from_its_first_part_to_its_last() {
        let held = held(&[
            (0, 0, 5, false),
            (0, 1, 2, true),
            (1, 0, 9, false),
            (2, 1, 4, true),
            (3, 0, 3, true),
            (4, 0, 1, false),
            (4, 2, 1, true),
        ]);
        let rows: Vec<_> = (0..6).map(|file| held.complete_rows(file)).collect();
        assert_eq!(rows, [Some(7), None, None, Some(3), None, None]);
    }

    #[test]
    fn two_objects_for_the_same_rows_are_a_conflict() {
        let [first, second] =
            ["0", "1"].map(|digit| format!("e/00000-00000-5-{}.jsonl", digit.repeat(32)));
        let found = Held::new(vec![second.clone(), first.clone()]).unwrap_err();
        assert_eq!(found, [first, second]);
    }
}
