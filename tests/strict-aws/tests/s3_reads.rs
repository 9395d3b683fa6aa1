//! Amazon S3: ranges, conditions and metadata of reads, through its SDK.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};
use bytes::Bytes;
use changefan_strict_aws::StrictAws;

use crate::clients;

const MD5_OF_ABC: &str = "\"900150983cd24fb0d6963f7d28e17f72\"";

fn with_object(data: &'static str) -> StrictAws {
    let aws = StrictAws::start();
    aws.set_clock(1_700_000_000_123);
    aws.create_bucket("lake");
    aws.put_object("lake/k", data);
    aws
}

/// Reads a range: the bytes and `Content-Range`, or the error code.
async fn read_range(aws: &StrictAws, range: &str) -> Result<(Bytes, Option<String>), String> {
    let get = clients::s3(aws).get_object().bucket("lake").key("k").range(range).send().await;
    let object = get.map_err(|error| error.code().unwrap_or_default().to_owned())?;
    let content_range = object.content_range.clone();
    Ok((object.body.collect().await.expect("a body").into_bytes(), content_range))
}

#[tokio::test]
async fn ranges_are_served() {
    let aws = with_object("0123456789");
    for (range, bytes, content_range) in [
        ("bytes=2-4", "234", Some("bytes 2-4/10")),
        ("bytes=8-", "89", Some("bytes 8-9/10")),
        ("bytes=8-100", "89", Some("bytes 8-9/10")),
        ("bytes=-3", "789", Some("bytes 7-9/10")),
        ("bytes=-100", "0123456789", Some("bytes 0-9/10")),
        // S3 ignores a range that it cannot read.
        ("lines=1-2", "0123456789", None),
        ("bytes=4-2", "0123456789", None),
    ] {
        let expected = (Bytes::from(bytes), content_range.map(str::to_owned));
        assert_eq!(read_range(&aws, range).await, Ok(expected), "{range}");
    }
    for range in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
        assert_eq!(read_range(&aws, range).await, Err("InvalidRange".to_owned()), "{range}");
    }
}

#[tokio::test]
async fn etag_is_the_md5_and_guards_reads() {
    let aws = with_object("abc");
    let s3 = clients::s3(&aws);
    let head = s3.head_object().bucket("lake").key("k").send().await.expect("an object");
    assert_eq!(head.e_tag(), Some(MD5_OF_ABC));
    let get = s3.get_object().bucket("lake").key("k").if_match(MD5_OF_ABC);
    assert_eq!(get.clone().send().await.expect("the same").e_tag(), Some(MD5_OF_ABC));
    let unless = s3.get_object().bucket("lake").key("k").if_none_match(MD5_OF_ABC);
    let same = unless.clone().send().await.expect_err("not modified");
    assert_eq!(same.raw_response().map(|response| response.status().as_u16()), Some(304));

    aws.put_object("lake/k", "abd");
    let changed = get.send().await.expect_err("changed");
    assert_eq!(changed.code(), Some("PreconditionFailed"));
    let ranged = s3.get_object().bucket("lake").key("k").if_match(MD5_OF_ABC).range("bytes=1-");
    let changed = ranged.send().await.expect_err("changed");
    assert_eq!(changed.code(), Some("PreconditionFailed"));
    assert!(unless.send().await.is_ok());
}

#[tokio::test]
async fn metadata_of_the_upload_is_returned() {
    let aws = with_object("abc");
    let s3 = clients::s3(&aws);
    let put = s3.put_object().bucket("lake").key("m").body(ByteStream::from_static(b"abc"));
    let put = put.content_type("application/x-ndjson").content_encoding("gzip");
    let put = put.metadata("origin", "orders").tagging("a=1&b=%26");
    put.send().await.expect("a new object");
    let head = s3.head_object().bucket("lake").key("m").send().await.expect("an object");
    assert_eq!(head.content_type(), Some("application/x-ndjson"));
    assert_eq!(head.content_encoding(), Some("gzip"));
    assert_eq!(head.metadata().and_then(|all| all.get("origin")), Some(&"orders".to_owned()));
    assert_eq!(head.content_length(), Some(3));
    assert_eq!(head.last_modified(), Some(&DateTime::from_secs(1_700_000_000)));
    let get = s3.get_object().bucket("lake").key("m").send().await.expect("an object");
    assert_eq!(get.tag_count(), Some(2));
    assert_eq!(aws.object_tags("lake/m")["b"], "&");
    let plain = s3.head_object().bucket("lake").key("k").send().await.expect("an object");
    assert_eq!(plain.content_type(), Some("binary/octet-stream"));
}

#[tokio::test]
async fn checksum_of_the_upload_is_returned() {
    let aws = with_object("abc");
    let s3 = clients::s3(&aws);
    let put = s3.put_object().bucket("lake").key("m").body(ByteStream::from_static(b"abc"));
    let put = put.checksum_algorithm(ChecksumAlgorithm::Sha256);
    put.send().await.expect("a new object");
    let get = s3.get_object().bucket("lake").key("m").checksum_mode(ChecksumMode::Enabled);
    let object = get.clone().send().await.expect("an object");
    let sum = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    assert_eq!(object.checksum_sha256(), Some(sum));
    let part = get.range("bytes=0-1").send().await.expect("a part");
    assert_eq!(part.checksum_sha256(), None);
}

#[tokio::test]
async fn bucket_owner_is_checked() {
    let aws = with_object("abc");
    let get = clients::s3(&aws).get_object().bucket("lake").key("k");
    assert!(get.clone().expected_bucket_owner("000000000000").send().await.is_ok());
    let other = get.expected_bucket_owner("111111111111").send().await.expect_err("another");
    assert_eq!(other.code(), Some("AccessDenied"));
}
