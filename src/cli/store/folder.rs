//! A local folder.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

use changefan_sinks::async_trait;

use super::{ListedObject, Store, StoreError, Version};
use crate::cli::interrupt::Interrupt;

/// The suffix of a file that was redriven and kept.
const MARK: &str = ".redriven";

/// The suffix of a file that is being written.
const PART: &str = ".part";

/// The files of this machine. Their keys are their paths.
pub(in crate::cli) struct Folder;

#[async_trait]
impl Store for Folder {
    /// The files below a folder; or one file.
    async fn list(&self, prefix: &str) -> Result<Vec<ListedObject>, StoreError> {
        let metadata = fs::metadata(prefix).map_err(|source| not_read(prefix, source))?;
        if metadata.is_file() {
            return Ok(vec![ListedObject { key: prefix.to_owned(), size: metadata.len() }]);
        }
        let mut objects = Vec::new();
        let collected = collect(prefix.trim_end_matches('/'), &mut objects);
        collected.map_err(|source| StoreError::file("read", prefix, source))?;
        objects.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Ok(objects)
    }

    async fn read(
        &self,
        key: &str,
        version: Option<&Version>,
        out: &mut (dyn Write + Send),
    ) -> Result<Version, StoreError> {
        let error = |source| not_read(key, source);
        let mut file = File::open(key).map_err(error)?;
        let found = file_version(&file.metadata().map_err(error)?);
        if version.is_some_and(|version| *version != found) {
            return Err(StoreError::Changed { name: key.to_owned() });
        }
        io::copy(&mut file, out).map_err(error)?;
        Ok(found)
    }

    fn open(&self, key: &str, _: &Interrupt) -> Result<Box<dyn Read + Send>, StoreError> {
        Ok(Box::new(File::open(key).map_err(|source| not_read(key, source))?))
    }

    /// Writes aside and then links into place: a reader never sees half a file, and an existing one
    /// stays.
    async fn create(&self, key: &str, body: String) -> Result<(), StoreError> {
        write(Path::new(key), &body).map_err(|error| StoreError::file("write", key, error))
    }

    async fn delete(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        let error = |error| StoreError::file("delete", key, error);
        let found = match fs::metadata(key) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            found => file_version(&found.map_err(error)?),
        };
        if found != *version {
            return Err(StoreError::Changed { name: key.to_owned() });
        }
        fs::remove_file(key).map_err(error)
    }

    async fn mark(&self, key: &str) -> Result<(), StoreError> {
        let renamed = fs::rename(key, format!("{key}{MARK}"));
        renamed.map_err(|error| StoreError::file("rename", key, error))
    }

    fn name(&self, key: &str) -> String {
        key.to_owned()
    }
}

fn not_read(key: &str, source: io::Error) -> StoreError {
    match source.kind() {
        io::ErrorKind::NotFound => StoreError::Missing { name: key.to_owned() },
        _ => StoreError::file("read", key, source),
    }
}

fn collect(folder: &str, objects: &mut Vec<ListedObject>) -> io::Result<()> {
    for entry in fs::read_dir(format!("{folder}/"))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| io::Error::other("a file name is not UTF-8"))?;
        let key = format!("{folder}/{name}");
        let metadata = match fs::metadata(entry.path()) {
            // Another run has removed it, or it is a link to nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            metadata => metadata?,
        };
        if metadata.is_dir() {
            collect(&key, objects)?;
        } else if !name.ends_with(MARK) && !name.ends_with(PART) {
            objects.push(ListedObject { key, size: metadata.len() });
        }
    }
    Ok(())
}

fn file_version(metadata: &fs::Metadata) -> Version {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanoseconds = modified.unwrap_or_default().as_nanos();
    Version { tag: format!("{}-{nanoseconds}", metadata.len()), is_marked: false }
}

fn write(path: &Path, body: &str) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let mut aside = tempfile::Builder::new().prefix(".").suffix(PART).tempfile_in(folder)?;
    aside.write_all(body.as_bytes())?;
    aside.as_file().sync_all()?;
    match aside.persist_noclobber(path) {
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
        Ok(_) => File::open(folder)?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn file_that_changed_is_neither_read_nor_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("a").to_str().unwrap().to_owned();
        fs::write(&key, "1").unwrap();
        let mut content = Vec::new();
        let version = Folder.read(&key, None, &mut content).await.unwrap();
        assert_eq!(content, b"1");
        fs::write(&key, "22").unwrap();
        let read = Folder.read(&key, Some(&version), &mut content).await;
        assert!(matches!(read, Err(StoreError::Changed { .. })));
        let deleted = Folder.delete(&key, &version).await;
        assert!(matches!(deleted, Err(StoreError::Changed { .. })));
        assert_eq!(fs::read(&key).unwrap(), b"22");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn marked_and_unfinished_files_are_not_listed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_str().unwrap();
        let key = |name: &str| format!("{root}/{name}");
        let listed = |names: &[&str]| {
            let object = |name: &&str| ListedObject { key: key(name), size: 0 };
            names.iter().map(object).collect::<Vec<_>>()
        };
        for name in ["b/c", "a", ".x.part", "b/d"] {
            Folder.create(&key(name), String::new()).await.unwrap();
        }
        Folder.mark(&key("b/d")).await.unwrap();
        std::os::unix::fs::symlink(key("nothing"), key("link")).unwrap();
        assert_eq!(Folder.list(root).await.unwrap(), listed(&["a", "b/c"]));
        assert_eq!(Folder.list(&key("b/c")).await.unwrap(), listed(&["b/c"]));
    }
}
