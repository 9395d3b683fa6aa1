//! Exports as DynamoDB writes them (DynamoDB, "DynamoDB table export output format").

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changefan_strict_aws::StrictAws;
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest, Md5};
use serde_json::{Value, json};

pub(super) const ID: &str = "01700000000000-0123abcd";
pub(super) const ARN: &str =
    "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/export/01700000000000-0123abcd";

/// An export: its files by their names in its folder.
pub(super) struct Export {
    pub files: BTreeMap<String, Vec<u8>>,
}

/// One line of a data file.
pub(super) fn line(item: &Value) -> String {
    json!({ "Item": item }).to_string()
}

/// The item `index` of the tests' table.
pub(super) fn item(index: usize) -> Value {
    json!({"id": {"S": format!("order-{index}")}, "total": {"N": index.to_string()}})
}

/// A table with these many items per data file.
pub(super) fn orders(files: &[usize]) -> Export {
    let mut next = 0;
    let files = files.iter().map(|&items| {
        next += items;
        (next - items..next).map(|index| line(&item(index))).collect()
    });
    Export::new(files.collect())
}

impl Export {
    /// An export whose data files have these lines.
    pub(super) fn new(files: Vec<Vec<String>>) -> Self {
        let mut export = Self { files: BTreeMap::new() };
        let mut manifest = String::new();
        let items: usize = files.iter().map(Vec::len).sum();
        for (index, lines) in files.iter().enumerate() {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let name = format!("data/{index:026}.json.gz");
            let content = gzip(&text);
            // The keys of the first file have the prefix of the export, those of others do not.
            let prefix = if index == 0 { "exported/" } else { "" };
            let line = json!({
                "itemCount": lines.len(),
                "md5Checksum": md5(&content),
                "etag": "d41d8cd98f00b204e9800998ecf8427e-1",
                "dataFileS3Key": format!("{prefix}AWSDynamoDB/{ID}/{name}"),
            });
            manifest.push_str(&format!("{line}\n"));
            export.files.insert(name, content);
        }
        export.files.insert("manifest-files.md5".into(), md5(manifest.as_bytes()).into());
        export.files.insert("manifest-files.json".into(), manifest.into());
        export.set_summary(&summary(items));
        export
    }

    /// Replaces the summary, and its checksum file.
    pub(super) fn set_summary(&mut self, summary: &Value) {
        let text = summary.to_string().into_bytes();
        self.files.insert("manifest-summary.md5".into(), md5(&text).into());
        self.files.insert("manifest-summary.json".into(), text);
    }

    pub(super) fn write(&self, folder: &Path) {
        fs::create_dir_all(folder.join("data")).expect("a folder");
        for (name, content) in &self.files {
            fs::write(folder.join(name), content).expect("a file");
        }
    }

    /// Puts the export below `source/exported/AWSDynamoDB/ID/` and returns its address.
    pub(super) fn upload(&self, aws: &StrictAws) -> String {
        aws.create_bucket("source");
        for (name, content) in &self.files {
            aws.put_object(&source_key(name), content.clone());
        }
        format!("s3://source/exported/AWSDynamoDB/{ID}")
    }
}

/// The bucket and the key of a file of an uploaded export.
pub(super) fn source_key(name: &str) -> String {
    format!("source/exported/AWSDynamoDB/{ID}/{name}")
}

pub(super) fn summary(items: usize) -> Value {
    json!({
        "version": "2020-06-30",
        "exportArn": ARN,
        "startTime": "2023-11-14T22:20:00.000Z",
        "endTime": "2023-11-14T22:25:00.000Z",
        "tableArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
        "tableId": "ec9b3b3c-5b7c-4b5a-8f0e-2f0f4f7d7c11",
        "exportTime": "2023-11-14T22:13:20.000Z",
        "s3Bucket": "source",
        "s3Prefix": "exported",
        "s3SseAlgorithm": "AES256",
        "s3SseKmsKeyId": null,
        "manifestFilesS3Key": format!("exported/AWSDynamoDB/{ID}/manifest-files.json"),
        "billedSizeBytes": 1000,
        "itemCount": items,
        "outputFormat": "DYNAMODB_JSON",
    })
}

pub(super) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

fn md5(content: &[u8]) -> String {
    STANDARD.encode(Md5::digest(content))
}
