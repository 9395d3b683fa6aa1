//! Where an export is: a bucket, or a local copy.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use changefan_sinks::{Aws, BoxError};

use super::bucket::BucketFolder;
use super::stop::Stop;

/// The folder that DynamoDB wrote an export to, with `manifest-summary.json` in it.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Folder(PathBuf),
    Bucket(BucketFolder),
}

/// An export that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    #[error("cannot read {name}")]
    Read { name: String, source: BoxError },
    #[error("{name} was replaced while it was read: start again when nobody writes to the export")]
    Changed { name: String },
    #[error("{name} is missing: the export was not copied completely, or a part of it has expired")]
    Missing { name: String },
    #[error("stopped while {name} was read")]
    Stopped { name: String },
}

impl SourceError {
    pub(super) fn read(name: &str, source: impl Into<BoxError>) -> Self {
        Self::Read { name: name.to_owned(), source: source.into() }
    }
}

impl Source {
    /// `s3://bucket/prefix`, or else a path. The name of the manifest may be at its end.
    pub(super) fn new(location: &str, aws: &Aws) -> Self {
        let location = location.strip_suffix("manifest-summary.json").unwrap_or(location);
        match location.strip_prefix("s3://") {
            Some(path) => Self::Bucket(BucketFolder::new(path.trim_end_matches('/'), aws)),
            None => Self::Folder(if location.is_empty() { ".".into() } else { location.into() }),
        }
    }

    /// A whole small file, for example a manifest; `None` if it does not exist.
    pub(super) async fn small_file(&self, name: &str) -> Result<Option<Vec<u8>>, SourceError> {
        match self {
            Self::Bucket(bucket) => bucket.small_file(name).await,
            Self::Folder(folder) => match fs::read(folder.join(name)) {
                Ok(content) => Ok(Some(content)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(SourceError::read(&self.name(name), error)),
            },
        }
    }

    /// The sizes of the data files in bytes, by their names in the export.
    pub(super) async fn data_sizes(&self) -> Result<BTreeMap<String, u64>, SourceError> {
        match self {
            Self::Bucket(bucket) => bucket.sizes("data/").await,
            Self::Folder(folder) => {
                sizes(folder).map_err(|error| SourceError::read(&self.name("data"), error))
            }
        }
    }

    /// A data file from its start. Reading a bucket needs a runtime whose thread is not this one.
    pub(super) fn open(
        &self,
        name: &str,
        stop: &Stop,
    ) -> Result<Box<dyn Read + Send>, SourceError> {
        match self {
            Self::Bucket(bucket) => Ok(Box::new(bucket.open(name, stop))),
            Self::Folder(folder) => match File::open(folder.join(name)) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(SourceError::read(&self.name(name), error)),
            },
        }
    }

    /// The name of a file for messages.
    pub(super) fn name(&self, name: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(name).display().to_string(),
            Self::Bucket(bucket) => bucket.url(name),
        }
    }
}

fn sizes(folder: &Path) -> io::Result<BTreeMap<String, u64>> {
    let mut sizes = BTreeMap::new();
    let entries = match fs::read_dir(folder.join("data")) {
        // A table without items may have no data files.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(sizes),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string() {
            sizes.insert(format!("data/{name}"), entry.path().metadata()?.len());
        }
    }
    Ok(sizes)
}
