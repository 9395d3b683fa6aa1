//! The manifests of an export, and the exports that are refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changefan_events::{InvalidTimestamp, Timestamp};
use md5::{Digest, Md5};
use serde::Deserialize;

use super::source::Source;
use crate::cli::store::StoreError;

const SUMMARY: &str = "manifest-summary.json";

/// A full export in DynamoDB JSON (DynamoDB, "DynamoDB table export output format").
#[derive(Debug)]
pub(super) struct Manifest {
    pub arn: String,
    pub time: Timestamp,
    pub item_count: u64,
    pub files: Vec<DataFile>,
}

/// A data file as the manifest describes it.
#[derive(Debug)]
pub(super) struct DataFile {
    /// Its name in the export's folder.
    pub name: String,
    pub item_count: u64,
    /// The MD5 of the file as it is stored, in base64.
    pub md5: String,
}

/// An export that is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ManifestError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "{name} does not exist: expected the folder AWSDynamoDB/ID of an export that \
         DescribeExport reports as COMPLETED; DynamoDB writes this file last, so an export that is \
         unfinished or has failed lacks it"
    )]
    Unfinished { name: String },
    #[error("{name} is missing: the export was not copied completely, or a part of it has expired")]
    Missing { name: String },
    #[error("{name} is not a manifest of an export")]
    Json { name: String, source: serde_json::Error },
    #[error(
        "{name} has MD5 {found}, expected {expected}: copy it again, or export the table again"
    )]
    Checksum { name: String, found: String, expected: String },
    #[error(
        "the export is in format {found}, expected DYNAMODB_JSON: export the table again with \
         --export-format DYNAMODB_JSON"
    )]
    Format { found: String },
    #[error(
        "the export is incremental: its items have no place among a stream's changes; a full \
         export (--export-type FULL_EXPORT) repairs a gap in the capture"
    )]
    Incremental,
    #[error("the export's time is `{found}`")]
    Time { found: String, source: InvalidTimestamp },
    #[error("the manifest names {key}, expected a file below {id}/")]
    Key { key: String, id: String },
    #[error("the manifests disagree: {summary} items according to {SUMMARY}, {files} in the files")]
    ItemCount { summary: u64, files: u64 },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    export_arn: String,
    export_time: String,
    item_count: u64,
    output_format: String,
    export_type: Option<String>,
    export_from_time: Option<String>,
    #[serde(rename = "manifestFilesS3Key")]
    manifest_files: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileLine {
    item_count: u64,
    md5_checksum: String,
    #[serde(rename = "dataFileS3Key")]
    key: String,
}

impl Manifest {
    /// Reads and verifies both manifests.
    pub(super) async fn read(source: &Source) -> Result<Self, ManifestError> {
        let unfinished = || ManifestError::Unfinished { name: source.name(SUMMARY) };
        let text = verified(source, SUMMARY).await?.ok_or_else(unfinished)?;
        let summary: Summary = parse(&source.name(SUMMARY), &text)?;
        summary.check()?;
        let id = summary.export_arn.rsplit('/').next().unwrap_or_default();
        let name = match &summary.manifest_files {
            Some(key) => relative(key, id)?,
            None => "manifest-files.json".to_owned(),
        };
        let text = verified(source, &name).await?;
        let text = text.ok_or_else(|| ManifestError::Missing { name: source.name(&name) })?;
        let files = data_files(&source.name(&name), &text, id)?;
        let found = files.iter().map(|file| file.item_count).sum();
        if summary.item_count != found {
            return Err(ManifestError::ItemCount { summary: summary.item_count, files: found });
        }
        let found = summary.export_time;
        let time = found.parse().map_err(|source| ManifestError::Time { found, source })?;
        Ok(Self { arn: summary.export_arn, time, item_count: summary.item_count, files })
    }
}

impl Summary {
    fn check(&self) -> Result<(), ManifestError> {
        let is_incremental = self.export_type.as_deref().is_some_and(|it| it.contains("INCREMENT"));
        if is_incremental || self.export_from_time.is_some() {
            return Err(ManifestError::Incremental);
        }
        if self.output_format != "DYNAMODB_JSON" {
            return Err(ManifestError::Format { found: self.output_format.clone() });
        }
        Ok(())
    }
}

/// A manifest, checked against the checksum file beside it if there is one.
async fn verified(source: &Source, name: &str) -> Result<Option<Vec<u8>>, ManifestError> {
    let Some(text) = source.small_file(name).await? else { return Ok(None) };
    let checksum = source.small_file(&name.replace(".json", ".md5")).await?;
    if let Some(expected) = checksum {
        let (found, expected) = (base64_md5(&text), String::from_utf8_lossy(&expected));
        if found != expected.trim() {
            let (name, expected) = (source.name(name), expected.trim().to_owned());
            return Err(ManifestError::Checksum { name, found, expected });
        }
    }
    Ok(Some(text))
}

fn base64_md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

fn data_files(name: &str, text: &[u8], id: &str) -> Result<Vec<DataFile>, ManifestError> {
    let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let file = |line| {
        let FileLine { item_count, md5_checksum, key } = parse(name, line)?;
        Ok(DataFile { name: relative(&key, id)?, item_count, md5: md5_checksum })
    };
    lines.map(file).collect()
}

fn parse<'a, T: Deserialize<'a>>(name: &str, text: &'a [u8]) -> Result<T, ManifestError> {
    serde_json::from_slice(text)
        .map_err(|source| ManifestError::Json { name: name.to_owned(), source })
}

/// The name of a file in the export's folder. Keys are written with and without the prefix of the
/// export, and a copy may be anywhere.
fn relative(key: &str, id: &str) -> Result<String, ManifestError> {
    let name = match key.strip_prefix(&format!("{id}/")) {
        Some(name) => Some(name),
        None => key.rsplit_once(&format!("/{id}/")).map(|(_, name)| name),
    };
    match name.filter(|name| !name.split('/').any(|part| matches!(part, "" | "." | ".."))) {
        Some(name) => Ok(name.to_owned()),
        None => Err(ManifestError::Key { key: key.to_owned(), id: id.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_any_prefix_and_stay_in_the_folder() {
        for key in ["01-ab/data/x.json.gz", "a/01-ab/AWSDynamoDB/01-ab/data/x.json.gz"] {
            assert_eq!(relative(key, "01-ab").unwrap(), "data/x.json.gz");
        }
        for key in ["data/x.json.gz", "a/01-ab/../../x", "a/02-ab/data/x", "a/01-ab/"] {
            assert!(relative(key, "01-ab").is_err(), "{key}");
        }
    }
}
