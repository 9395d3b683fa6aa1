//! `file`: the objects of `s3`, in a local folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use async_trait::async_trait;

use crate::lake::Lake;
use crate::store::{Object, ObjectStore, StoreError};
use crate::{Aws, BoxError, Cause, Options, Sink};

/// A folder that takes objects.
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Folder { root: root.into() }
    }

    /// Writes aside and then links into place: a reader never sees half a file, and an existing one stays.
    fn write(&self, object: &Object) -> io::Result<()> {
        let path = self.root.join(&object.key);
        if path.exists() {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        let aside = path.with_extension(format!("{:016x}.part", fastrand::u64(..)));
        let mut file = File::create_new(&aside)?;
        let linked = file.write_all(&object.body).and_then(|()| file.sync_all()).and_then(|()| {
            match fs::hard_link(&aside, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                linked => linked,
            }
        });
        fs::remove_file(&aside)?;
        linked.and_then(|()| File::open(folder)?.sync_all())
    }
}

pub(crate) fn build(options: &mut Options, _: &Aws) -> Box<dyn Sink> {
    let folder = Folder::new(options.required("DIR", "/tmp/changes"));
    Box::new(Lake::new(folder, options))
}

#[async_trait]
impl ObjectStore for Folder {
    async fn put(&self, object: Object) -> Result<(), StoreError> {
        self.write(&object).map_err(|error| {
            let cause = match error.kind() {
                io::ErrorKind::PermissionDenied
                | io::ErrorKind::ReadOnlyFilesystem
                | io::ErrorKind::NotADirectory => Cause::Denied,
                _ => Cause::Unavailable,
            };
            StoreError { cause, source: format!("{}: {error}", self.root.display()).into() }
        })
    }

    async fn check(&self) -> Result<(), BoxError> {
        let probe = self.root.join(format!(".changefan-{:016x}", fastrand::u64(..)));
        let written =
            fs::create_dir_all(&self.root).and_then(|()| File::create_new(&probe)).map(drop);
        written
            .and_then(|()| fs::remove_file(&probe))
            .map_err(|error| format!("cannot write into {}: {error}", self.root.display()).into())
    }
}
