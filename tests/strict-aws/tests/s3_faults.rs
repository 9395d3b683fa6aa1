//! Amazon S3: faults of reads, through its SDK.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use bytes::Bytes;
use changefan_strict_aws::{Fault, StrictAws, in_turn};

use crate::clients;

fn with_object() -> (StrictAws, Client) {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    aws.put_object("lake/k", "0123456789");
    let s3 = clients::s3(&aws);
    (aws, s3)
}

#[tokio::test]
async fn reads_are_refused_on_demand() {
    let (aws, s3) = with_object();
    for (fault, code) in [
        (Fault::Status(503), "SlowDown"),
        (Fault::Status(500), "InternalError"),
        (Fault::Error(400, "ExpiredToken"), "ExpiredToken"),
    ] {
        aws.set_faults(move |_| fault.clone());
        let get = s3.get_object().bucket("lake").key("k").send().await;
        assert_eq!(get.expect_err("a fault").code(), Some(code));
        let list = s3.list_objects_v2().bucket("lake").send().await;
        assert_eq!(list.expect_err("a fault").code(), Some(code));
    }
}

#[tokio::test]
async fn body_breaks_off_in_the_middle() {
    let (aws, s3) = with_object();
    aws.set_faults(in_turn([Fault::TruncatedAnswer]));
    let object = s3.get_object().bucket("lake").key("k").send().await.expect("the headers");
    assert_eq!(object.content_length(), Some(10));
    let mut body = object.body;
    assert_eq!(body.try_next().await.expect("half"), Some(Bytes::from_static(b"01234")));
    assert!(body.try_next().await.is_err());
}

#[tokio::test]
async fn truncated_empty_body_is_an_error() {
    let (aws, s3) = with_object();
    aws.put_object("lake/empty", "");
    aws.set_faults(in_turn([Fault::TruncatedAnswer]));
    let object = s3.get_object().bucket("lake").key("empty").send().await.expect("the headers");
    assert!(object.body.collect().await.is_err());
}

#[tokio::test]
async fn object_changes_between_two_reads() {
    let (aws, s3) = with_object();
    aws.set_faults(in_turn([
        Fault::TruncatedAnswer,
        Fault::ReplaceObject(Bytes::from_static(b"abcdefghij")),
    ]));
    let read = s3.get_object().bucket("lake").key("k");
    let etag = read.clone().send().await.expect("the headers").e_tag.expect("an etag");
    let rest = read.clone().range("bytes=5-").if_match(etag).send().await;
    assert_eq!(rest.expect_err("changed").code(), Some("PreconditionFailed"));
    // Without a condition, the rest belongs to the other content.
    let rest = read.range("bytes=5-").send().await.expect("a part");
    assert_eq!(rest.body.collect().await.expect("a body").into_bytes(), "fghij");
}

#[tokio::test]
async fn another_writer_is_first() {
    let (aws, s3) = with_object();
    aws.set_faults(in_turn([Fault::ReplaceObject(Bytes::from_static(b"theirs"))]));
    let put = s3.put_object().bucket("lake").key("new").if_none_match("*").send().await;
    assert_eq!(put.expect_err("exists").code(), Some("PreconditionFailed"));
    assert_eq!(aws.objects()["lake/new"], "theirs");
}

#[tokio::test]
async fn key_or_body_refuses_an_upload() {
    let (aws, s3) = with_object();
    aws.set_faults(|_| Fault::RefuseContaining("poison", 400, "InvalidArgument"));
    for (key, body) in [("poison", "x"), ("x", "some poison")] {
        let put = s3.put_object().bucket("lake").key(key).body(body.as_bytes().to_vec().into());
        assert_eq!(put.send().await.expect_err("a fault").code(), Some("InvalidArgument"));
    }
    s3.put_object().bucket("lake").key("x").send().await.expect("no poison");
}
