//! What a lake holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use changefan_strict_aws::StrictAws;
use serde_json::Value;

/// The folder of the tests' export in a lake.
pub(super) const FOLDER: &str = "exports/table=orders/export=01700000000000-0123abcd/";

/// Objects by their keys.
pub(super) type Objects = BTreeMap<String, Vec<u8>>;

pub(super) fn in_folder(root: &Path) -> Objects {
    let mut objects = Objects::new();
    collect(root, root, &mut objects);
    objects
}

fn collect(root: &Path, folder: &Path, objects: &mut Objects) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, objects);
        } else {
            let key = path.strip_prefix(root).expect("below the root").to_str().expect("text");
            objects.insert(key.to_owned(), fs::read(&path).expect("a file"));
        }
    }
}

pub(super) fn in_bucket(aws: &StrictAws) -> Objects {
    let objects = aws.objects().into_iter();
    let lake = objects
        .filter_map(|(path, body)| Some((path.strip_prefix("lake/")?.to_owned(), body.to_vec())));
    lake.collect()
}

/// The rows of objects that are compressed with zstd, in the order of their keys.
pub(super) fn rows(objects: &Objects) -> Vec<Value> {
    let text = |body: &Vec<u8>| {
        String::from_utf8(zstd::stream::decode_all(body.as_slice()).expect("zstd")).expect("text")
    };
    let texts: Vec<_> = objects.values().map(text).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The keys without folder, hash and suffix.
pub(super) fn names(objects: &Objects) -> Vec<String> {
    let name = |key: &String| {
        let name = key.strip_prefix(FOLDER).unwrap_or_else(|| panic!("{key}"));
        name.rsplit_once('-').expect("a hash").0.to_owned()
    };
    objects.keys().map(name).collect()
}

/// The number of READ rows, and the `new` of the SNAPSHOT if there is one.
pub(super) fn closed(objects: &Objects) -> (usize, Option<String>) {
    let rows = rows(objects);
    let reads = rows.iter().filter(|row| row["operation"] == "READ").count();
    let snapshot = rows.iter().find(|row| row["operation"] == "SNAPSHOT");
    (reads, snapshot.map(|row| row["new"].as_str().expect("text").to_owned()))
}

/// The `new` of the SNAPSHOT of a complete export.
pub(super) fn complete(files: usize, items: usize) -> Option<String> {
    let arn = super::export::ARN;
    Some(format!(r#"{{"export_arn":"{arn}","files":{files},"items":{items},"missing":0}}"#))
}
