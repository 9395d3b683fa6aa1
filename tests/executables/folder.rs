//! A folder for one test, removed when it is dropped.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;
use tempfile::TempDir;

pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    /// The path of something in this folder.
    pub(super) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("a path in UTF-8").to_owned()
    }

    /// Writes a file and returns its path.
    pub(super) fn file(&self, name: &str, content: impl ToString) -> String {
        let path = self.path(name);
        fs::write(&path, content.to_string()).expect("a file");
        path
    }

    /// The keys of the objects below `name`, sorted.
    pub(super) fn keys(&self, name: &str) -> Vec<String> {
        let root = self.0.path().join(name);
        let mut paths = Vec::new();
        if root.exists() {
            collect(&root, &mut paths);
        }
        let key = |path: PathBuf| path.strip_prefix(&root).ok()?.to_str().map(String::from);
        let mut keys: Vec<_> = paths.into_iter().map(|path| key(path).expect("a key")).collect();
        keys.sort();
        keys
    }

    /// The lines of the only object below `name`.
    pub(super) fn lines(&self, name: &str) -> Vec<Value> {
        let keys = self.keys(name);
        let [key] = keys.as_slice() else { panic!("expected one object, found {keys:?}") };
        self.lines_of(name, key)
    }

    /// The lines of all objects below `name`, in the order of their keys.
    pub(super) fn all_lines(&self, name: &str) -> Vec<Value> {
        self.keys(name).iter().flat_map(|key| self.lines_of(name, key)).collect()
    }

    fn lines_of(&self, name: &str, key: &str) -> Vec<Value> {
        let text = text(&self.0.path().join(name).join(key));
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { collect(&path, paths) } else { paths.push(path) }
    }
}

fn text(path: &Path) -> String {
    let bytes = fs::read(path).expect("a file");
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => gunzip(&bytes),
        Some("zst") => String::from_utf8(zstd::stream::decode_all(bytes.as_slice()).expect("zstd"))
            .expect("UTF-8"),
        _ => String::from_utf8(bytes).expect("UTF-8"),
    }
}

fn gunzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).expect("gzip");
    text
}
