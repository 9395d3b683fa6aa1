//! Keys of objects, for any content of a record.

use serde_json::json;

use super::folder::Folder;
use super::function::start_function;
use super::records::{batch, change};
use super::replies::success;
use changefan_strict_aws::StrictAws;

/// The keys that a change of a table has in a folder and in a bucket.
fn keys(table: &str) -> (Vec<String>, Vec<String>) {
    let (aws, folder) = (StrictAws::start(), Folder::new());
    aws.create_bucket("lake");
    let function = start_function(&[
        ("SINKS", "file,s3"),
        ("FILE_DIR", &folder.path("lake")),
        ("S3_BUCKET", "lake"),
        ("AWS_ENDPOINT_URL", &aws.url()),
    ]);
    let mut record = change(1);
    record["eventSourceARN"] =
        json!(format!("arn:aws:dynamodb:eu-west-1:123456789012:table/{table}/stream/2026"));
    assert_eq!(function.invoke(batch([record])), success());
    let bucket = aws.objects().into_keys();
    let without = |key: String| key.strip_prefix("lake/").unwrap_or(&key).to_owned();
    (folder.keys("lake"), bucket.map(without).collect())
}

#[test]
fn long_table_name_is_shortened_alike_in_file_and_s3() {
    for (length, expected) in [(200, 200), (201, 193), (255, 193), (1100, 193)] {
        let (file, s3) = keys(&"t".repeat(length));
        assert_eq!((file.len(), &file), (1, &s3));
        let name =
            file[0].split('/').find_map(|part| part.strip_prefix("table=")).expect("a table");
        assert_eq!(name.len(), expected, "{name}");
        assert!(file[0].len() <= 1024, "{}", file[0]);
    }
}
