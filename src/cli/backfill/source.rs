//! Where an export is: a bucket, or a local copy.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use changefan_sinks::Aws;
use tokio::task::spawn_blocking;

use crate::cli::interrupt::Interrupt;
use crate::cli::store::{Location, Store, StoreError};

/// The folder that DynamoDB wrote an export to, with `manifest-summary.json` in it.
#[derive(Clone)]
pub(super) struct Source {
    store: Arc<dyn Store>,
    /// What precedes the names of the files: empty, or ends with a slash.
    folder: String,
    interrupt: Interrupt,
}

impl Source {
    /// The name of the manifest may be at the end of the location.
    pub(super) fn new(location: &Location, aws: &Aws, interrupt: &Interrupt) -> Self {
        let (store, folder) = location.open(aws);
        let folder = folder.strip_suffix("manifest-summary.json").unwrap_or(&folder);
        let folder = match folder.trim_end_matches('/') {
            "" if matches!(location, Location::S3 { .. }) => String::new(),
            "" if folder.is_empty() => "./".to_owned(),
            folder => format!("{folder}/"),
        };
        Self { store: store.into(), folder, interrupt: interrupt.clone() }
    }

    /// A whole small file, for example a manifest; `None` if it does not exist.
    pub(super) async fn small_file(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (source, name) = (self.clone(), name.to_owned());
        let read = spawn_blocking(move || source.content(&name)).await;
        match read.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())) {
            Ok(content) => Ok(Some(content)),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn content(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let mut content = Vec::new();
        let read = self.open(name)?.read_to_end(&mut content);
        read.map_err(|error| StoreError::of_read(&self.name(name), error))?;
        Ok(content)
    }

    /// The sizes of the data files in bytes, by their names in the export.
    pub(super) async fn data_sizes(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let objects = match self.store.list(&self.key("data/")).await {
            // A table without items may have no data files.
            Err(StoreError::Missing { .. }) => Vec::new(),
            objects => objects?,
        };
        let name = |key: &str| key.strip_prefix(&self.folder).map(str::to_owned);
        Ok(objects.into_iter().filter_map(|it| Some((name(&it.key)?, it.size))).collect())
    }

    /// A data file from its start. Reading a bucket needs a runtime whose thread is not this one.
    pub(super) fn open(&self, name: &str) -> Result<Box<dyn Read + Send>, StoreError> {
        self.store.open(&self.key(name), &self.interrupt)
    }

    /// The name of a file for messages.
    pub(super) fn name(&self, name: &str) -> String {
        self.store.name(&self.key(name))
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }
}
