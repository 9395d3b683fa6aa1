//! The fixed corpus: the samples, and inputs that fuzzing found worth keeping.

use std::fs;
use std::path::{Path, PathBuf};

use changefan_events::Format;
use changefan_fuzz::{
    check_aggregate, check_alike, check_cursor, check_decode, check_format, check_rewrite,
};

const FORMATS: [Format; 5] =
    [Format::Log, Format::DynamoDbJson, Format::Json, Format::Rows, Format::Debezium];

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn samples_and_corpus_pass_every_check() {
    let files: Vec<_> = [files("../events/samples"), files("regressions")].concat();
    assert!(files.len() >= 12, "found {} files", files.len());
    for file in files {
        let data = fs::read(file).unwrap();
        check_cursor(&data);
        check_rewrite(&data);
        check_decode(&data);
        check_alike(&data);
        check_aggregate(&data);
        for format in FORMATS {
            check_format(&data, format);
        }
    }
}

#[test]
fn prefixes_of_samples_pass_every_check() {
    let data =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/samples/orders.json"))
            .unwrap();
    (0..data.len()).for_each(|end| check_decode(&data[..end]));
}
