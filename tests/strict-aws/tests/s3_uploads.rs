//! Amazon S3: conditions, checksums and multipart uploads, through its SDK.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use changefan_strict_aws::StrictAws;

use crate::clients;
use crate::plain::{SIGNED, assert_refused, request, send};

fn with_bucket() -> StrictAws {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    aws
}

fn put(aws: &StrictAws) -> PutObjectFluentBuilder {
    let put = clients::s3(aws).put_object().bucket("lake").key("k");
    put.body(ByteStream::from_static(b"abc"))
}

#[tokio::test]
async fn put_is_guarded_by_the_etag() {
    let aws = with_bucket();
    let guarded = || put(&aws).if_match("\"other\"");
    let missing = guarded().send().await.expect_err("no object");
    assert_eq!(missing.code(), Some("NoSuchKey"));
    let etag = put(&aws).send().await.expect("a new object").e_tag.expect("an etag");
    let changed = guarded().send().await.expect_err("another object");
    assert_eq!(changed.code(), Some("PreconditionFailed"));
    assert!(put(&aws).if_match(etag).send().await.is_ok());
}

#[tokio::test]
async fn checksums_of_the_sdk_are_verified() {
    let aws = with_bucket();
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        let stored = put(&aws).checksum_algorithm(algorithm.clone()).send().await;
        assert!(stored.is_ok(), "{algorithm}: {stored:?}");
    }
    let wrong = put(&aws).checksum_sha256("wrong").send().await.expect_err("a wrong checksum");
    assert_eq!(wrong.code(), Some("BadDigest"));
    let md5 = put(&aws).content_md5("kAFQmDzST7DWlj99KOF/cg==").send().await;
    assert!(md5.is_ok(), "{md5:?}");
    for (md5, code) in [("AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest"), ("AAAA", "InvalidDigest")] {
        let wrong = put(&aws).content_md5(md5).send().await.expect_err("a wrong digest");
        assert_eq!(wrong.code(), Some(code));
    }
}

#[test]
fn unknown_and_several_checksums_are_refused() {
    let aws = with_bucket();
    let crc32 = "x-amz-checksum-crc32: NSRBwg==\r\n";
    for more in ["x-amz-checksum-crc16: AAA=\r\n", "x-amz-checksum-sha1: x\r\n"] {
        let headers = format!("{SIGNED}{crc32}{more}");
        let answer = send(&aws, &request("PUT /lake/k", &headers, "abc"));
        assert_refused(&answer, 400, "<Code>InvalidRequest</Code>");
    }
    let unknown = format!("{SIGNED}x-amz-checksum-crc16: AAA=\r\n");
    let answer = send(&aws, &request("PUT /lake/k", &unknown, "abc"));
    assert_refused(&answer, 400, "<Code>InvalidRequest</Code>");
}

#[tokio::test]
async fn object_lock_needs_a_digest() {
    let aws = with_bucket();
    aws.lock_objects("lake");
    let answer = send(&aws, &request("PUT /lake/k", SIGNED, "abc"));
    assert_refused(&answer, 400, "<Code>InvalidRequest</Code>");
    assert!(aws.objects().is_empty());
    let md5 = format!("{SIGNED}content-md5: kAFQmDzST7DWlj99KOF/cg==\r\n");
    let answer = send(&aws, &request("PUT /lake/k", &md5, "abc"));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(put(&aws).send().await.is_ok());
    aws.create_bucket("pond");
    let answer = send(&aws, &request("PUT /pond/k", SIGNED, "abc"));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

const PART: usize = 5 * 1024 * 1024;

/// Creates an upload, sends these parts, and returns its id and the list of its parts.
async fn upload(aws: &StrictAws, sizes: &[usize]) -> (String, Vec<CompletedPart>) {
    let s3 = clients::s3(aws);
    let create = s3.create_multipart_upload().bucket("lake").key("k").content_type("text/plain");
    let id = create.send().await.expect("an upload").upload_id.expect("an id");
    let mut parts = Vec::new();
    for (number, size) in (1..).zip(sizes) {
        let part = s3.upload_part().bucket("lake").key("k").upload_id(&id).part_number(number);
        let part = part.body(vec![b'0' + number as u8; *size].into()).send().await.expect("a part");
        let completed = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag);
        parts.push(completed.build());
    }
    (id, parts)
}

/// Completes an upload: the ETag, or the error code.
async fn complete(
    aws: &StrictAws,
    id: &str,
    parts: Vec<CompletedPart>,
) -> Result<Option<String>, String> {
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let call = clients::s3(aws).complete_multipart_upload().bucket("lake").key("k").upload_id(id);
    let answer = call.if_none_match("*").multipart_upload(parts).send().await;
    answer.map(|answer| answer.e_tag).map_err(|error| error.code().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn multipart_uploads_are_assembled() {
    let aws = with_bucket();
    let (id, parts) = upload(&aws, &[PART, 1]).await;
    assert_eq!(aws.open_uploads(), ["lake/k"]);
    assert!(aws.objects().is_empty());
    let etag = complete(&aws, &id, parts.clone()).await.expect("complete").expect("an etag");
    assert!(etag.ends_with("-2\""), "{etag}");
    let object = &aws.objects()["lake/k"];
    assert_eq!((object.len(), object[PART - 1], object[PART]), (PART + 1, b'1', b'2'));
    assert!(aws.open_uploads().is_empty());
    let head = clients::s3(&aws).head_object().bucket("lake").key("k").send().await;
    assert_eq!(head.expect("an object").content_type(), Some("text/plain"));
    assert_eq!(complete(&aws, &id, parts).await, Err("NoSuchUpload".to_owned()));
    let (id, parts) = upload(&aws, &[1]).await;
    assert_eq!(complete(&aws, &id, parts).await, Err("PreconditionFailed".to_owned()));
}

#[tokio::test]
async fn invalid_part_lists_are_refused() {
    let aws = with_bucket();
    let (id, parts) = upload(&aws, &[PART - 1, 1]).await;
    let reversed = parts.iter().rev().cloned().collect();
    assert_eq!(complete(&aws, &id, reversed).await, Err("InvalidPartOrder".to_owned()));
    let unknown = CompletedPart::builder().part_number(3).e_tag("x").build();
    assert_eq!(complete(&aws, &id, vec![unknown]).await, Err("InvalidPart".to_owned()));
    let changed = CompletedPart::builder().part_number(1).e_tag("x").build();
    assert_eq!(complete(&aws, &id, vec![changed]).await, Err("InvalidPart".to_owned()));
    assert_eq!(complete(&aws, &id, parts).await, Err("EntityTooSmall".to_owned()));
    let abort = clients::s3(&aws).abort_multipart_upload().bucket("lake").key("k").upload_id(id);
    abort.send().await.expect("an upload");
    assert!(aws.open_uploads().is_empty());
}
