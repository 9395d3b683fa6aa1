//! `file`: the objects of `s3`, in a local folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use async_trait::async_trait;
use tokio::task::spawn_blocking;

use super::{COMPRESSION, FORMAT, Object, ObjectSink, ObjectStore, PREFIX, is_short};
use crate::batch::CallError;
use crate::{Aws, BoxError, Cause, ConfigIssue, OptionSpec, Options, Sink, SinkType};

/// A folder that receives objects.
pub(crate) struct Folder {
    root: PathBuf,
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::required("DIR", "/tmp/changes", "folder that receives the objects"),
    PREFIX.checked("at most 500 bytes of a path inside the folder", is_prefix),
    COMPRESSION,
    FORMAT,
    OptionSpec::NUMBERS,
];

fn is_prefix(prefix: &str) -> bool {
    is_short(prefix) && is_inside(prefix)
}

/// Whether a key with this prefix is that of a file in the folder.
pub(super) fn is_inside(prefix: &str) -> bool {
    let is_below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    Path::new(prefix).components().all(is_below)
}

pub(crate) fn sink_type() -> SinkType {
    let sink_type = SinkType::new("file", build)
        .with_help("the objects of s3, in a local folder")
        .with_options(OPTIONS)
        .with_recommended_batch_size(10_000)
        .with_destination("{dir}/{prefix}");
    #[cfg(feature = "exports")]
    let sink_type = sink_type.with_exports(|options, _| {
        super::ExportStore::new(Folder::new(options.text("DIR")), options)
    });
    sink_type
}

fn build(options: &Options, _: &Aws) -> Result<Box<dyn Sink>, ConfigIssue> {
    Ok(Box::new(ObjectSink::new(Folder::new(options.text("DIR")), options)))
}

impl Folder {
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// File systems may block, so a thread for blocking work writes.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let root = self.root.clone();
        spawn_blocking(move || work(&root)).await.map_err(io::Error::other)?
    }
}

/// Creates, links and removes a file, as writing does. Some file systems have no links.
fn probe(root: &Path) -> io::Result<()> {
    let [aside, file] =
        [(); 2].map(|()| root.join(format!(".changefan-{:016x}", fastrand::u64(..))));
    fs::create_dir_all(root)?;
    File::create_new(&aside)?;
    let linked = link(&aside, &file).and_then(|()| fs::remove_file(&file));
    fs::remove_file(&aside)?;
    linked
}

/// Writes aside and then links into place: a reader never sees half a file, and an existing one
/// stays.
fn write(root: &Path, object: &Object) -> io::Result<()> {
    let path = root.join(&object.key);
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder)?;
    let aside = folder.join(format!(".{:016x}.part", fastrand::u64(..)));
    let linked = write_aside(&aside, &object.body.bytes).and_then(|()| link(&aside, &path));
    fs::remove_file(&aside)?;
    linked.and_then(|()| File::open(folder)?.sync_all())
}

fn write_aside(aside: &Path, body: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(aside)?;
    file.write_all(body)?;
    file.sync_all()
}

fn link(aside: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(aside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

/// The keys of the files below a folder, without those that are being written. A missing folder is
/// empty.
#[cfg(feature = "exports")]
fn list(folder: &Path, prefix: &str, keys: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{prefix}{name}/"), keys)?;
        } else if !name.starts_with('.') {
            keys.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}

fn cause(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::NotADirectory => Cause::Denied,
        io::ErrorKind::InvalidFilename => Cause::Invalid,
        _ => Cause::Unavailable,
    }
}

#[async_trait]
impl ObjectStore for Folder {
    async fn put(&self, object: Object) -> Result<(), CallError> {
        let root = self.root.display().to_string();
        let written = self.run(move |root| write(root, &object)).await;
        written.map_err(|error| {
            let text = format!("cannot write below {root}: {error}");
            CallError::new(cause(&error), error.kind().to_string(), text)
        })
    }

    #[cfg(feature = "exports")]
    async fn list(&self, prefix: &str) -> Result<Vec<String>, CallError> {
        let (root, prefix) = (self.root.display().to_string(), prefix.to_owned());
        let listed = self.run(move |root| {
            let mut keys = Vec::new();
            list(&root.join(&prefix), &prefix, &mut keys)?;
            Ok(keys)
        });
        listed.await.map_err(|error| {
            let text = format!("cannot list below {root}: {error}");
            CallError::new(cause(&error), error.kind().to_string(), text)
        })
    }

    async fn check(&self) -> Result<(), BoxError> {
        let root = self.root.display().to_string();
        let written = self.run(probe).await;
        written.map_err(|error| format!("cannot write below {root}: {error}").into())
    }
}
