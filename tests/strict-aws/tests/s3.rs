//! Amazon S3: uploads, through its SDK.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use changefan_strict_aws::StrictAws;

use crate::clients;

const KEY: &str = "a b/table=é+&<x>/1.jsonl";

#[tokio::test]
async fn conditional_put_stores_once() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let s3 = clients::s3(&aws);
    let put = || s3.put_object().bucket("lake").key(KEY).if_none_match("*");
    let first = put().body(ByteStream::from_static(b"one")).send().await.expect("a new object");
    assert!(first.e_tag().is_some());
    let again = put().content_encoding("gzip").body(ByteStream::from_static(b"two")).send().await;
    assert_eq!(again.expect_err("exists").code(), Some("PreconditionFailed"));
    assert_eq!(aws.objects()[&format!("lake/{KEY}")], "one");

    let attempts = aws.put_attempts(&format!("lake/{KEY}"));
    let encodings: Vec<_> =
        attempts.iter().map(|call| call.info.content_encoding.as_deref()).collect();
    assert_eq!(encodings, [None, Some("gzip")]);
    assert_eq!(attempts.iter().map(|call| call.status).collect::<Vec<_>>(), [Some(200), Some(412)]);

    let object = s3.get_object().bucket("lake").key(KEY).send().await.expect("an object");
    assert_eq!(object.body.collect().await.expect("its body").into_bytes(), "one");
    let head = s3.head_object().bucket("lake").key(KEY).send().await.expect("an object");
    assert_eq!(head.content_length(), Some(3));
    s3.put_object()
        .bucket("lake")
        .key(KEY)
        .body(ByteStream::from_static(b"two"))
        .send()
        .await
        .expect("no condition");
    assert_eq!(aws.objects()[&format!("lake/{KEY}")], "two");
}

#[tokio::test]
async fn listing_has_pages() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let s3 = clients::s3(&aws);
    for number in 0..3 {
        s3.put_object()
            .bucket("lake")
            .key(format!("many/<{number}>"))
            .send()
            .await
            .expect("a new object");
    }
    s3.put_object().bucket("lake").key("other").send().await.expect("a new object");
    let list = s3.list_objects_v2().bucket("lake").prefix("many/").max_keys(2);
    let page = list.clone().send().await.expect("a page");
    assert_eq!((page.contents().len(), page.is_truncated()), (2, Some(true)));
    let last =
        list.set_continuation_token(page.next_continuation_token).send().await.expect("a page");
    assert_eq!((last.contents().len(), last.is_truncated()), (1, Some(false)));
    assert_eq!(last.contents()[0].key(), Some("many/<2>"));
}

#[tokio::test]
async fn missing_resources_are_refused() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    let s3 = clients::s3(&aws);
    s3.head_bucket().bucket("lake").send().await.expect("a bucket");
    assert_eq!(
        s3.head_bucket().bucket("pond").send().await.expect_err("unknown").code(),
        Some("NotFound")
    );
    let head = s3.head_object().bucket("lake").key("k").send().await;
    assert!(head.expect_err("unknown").into_service_error().is_not_found());
    let get = s3.get_object().bucket("lake").key("k").send().await;
    assert!(get.expect_err("unknown").into_service_error().is_no_such_key());
    let put = s3.put_object().bucket("pond").key("k").send().await;
    assert_eq!(put.expect_err("unknown").code(), Some("NoSuchBucket"));
    let put = s3.put_object().bucket("lake").key("k".repeat(1025)).send().await;
    assert_eq!(put.expect_err("too long").code(), Some("KeyTooLongError"));
    assert!(aws.objects().is_empty());
}

#[tokio::test]
async fn streamed_body_is_decoded() {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    // A body from a file is sent in chunks and followed by its checksum.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let body = ByteStream::from_path(file).await.expect("this package's manifest");
    clients::s3(&aws)
        .put_object()
        .bucket("lake")
        .key("k")
        .body(body)
        .send()
        .await
        .expect("a new object");
    assert_eq!(aws.objects()["lake/k"], std::fs::read(file).expect("the same file"));
    assert_eq!(aws.calls()[0].info.content_encoding, None);
}
