//! Amazon S3: deleting and tagging, through its SDK.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::{Delete, ObjectIdentifier, Tag, Tagging};
use changefan_strict_aws::{Fault, StrictAws, in_turn};

use crate::clients;
use crate::plain::{SIGNED, assert_refused, request, send};

fn with_objects() -> StrictAws {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    for key in ["a", "b&<é>", "c"] {
        aws.put_object(&format!("lake/{key}"), "abc");
    }
    aws
}

fn delete(keys: &[&str]) -> Delete {
    let object = |key: &&str| ObjectIdentifier::builder().key(*key).build().expect("a key");
    let objects = keys.iter().map(object).collect();
    Delete::builder().set_objects(Some(objects)).build().expect("objects")
}

fn tagging(tags: &[(&str, &str)]) -> Tagging {
    let tag = |(key, value): &(&str, &str)| {
        Tag::builder().key(*key).value(*value).build().expect("both are set")
    };
    Tagging::builder().set_tag_set(Some(tags.iter().map(tag).collect())).build().expect("tags")
}

#[tokio::test]
async fn deleting_twice_succeeds() {
    let aws = with_objects();
    let s3 = clients::s3(&aws);
    for _ in 0..2 {
        s3.delete_object().bucket("lake").key("a").send().await.expect("no object");
    }
    assert_eq!(aws.objects().into_keys().collect::<Vec<_>>(), ["lake/b&<é>", "lake/c"]);
    let other = s3.delete_object().bucket("pond").key("a").send().await;
    assert_eq!(other.expect_err("unknown").code(), Some("NoSuchBucket"));
}

#[tokio::test]
async fn delete_is_guarded_by_the_etag() {
    let aws = with_objects();
    let s3 = clients::s3(&aws);
    let delete = s3.delete_object().bucket("lake").key("a");
    let changed = delete.clone().if_match("\"other\"").send().await.expect_err("changed");
    assert_eq!(changed.code(), Some("PreconditionFailed"));
    let same = "\"900150983cd24fb0d6963f7d28e17f72\"";
    delete.if_match(same).send().await.expect("the same object");
    assert!(!aws.objects().contains_key("lake/a"));
}

#[tokio::test]
async fn batches_delete_each_key() {
    let aws = with_objects();
    aws.set_faults(in_turn([Fault::RejectRecords(vec![0])]));
    let keys = delete(&["a", "b&<é>", "missing"]);
    let s3 = clients::s3(&aws);
    let answer = s3.delete_objects().bucket("lake").delete(keys).send().await.expect("an answer");
    let deleted: Vec<_> = answer.deleted().iter().filter_map(|entry| entry.key()).collect();
    assert_eq!(deleted, ["b&<é>", "missing"]);
    let errors = answer.errors();
    assert_eq!((errors[0].key(), errors[0].code()), (Some("a"), Some("InternalError")));
    assert_eq!(aws.objects().into_keys().collect::<Vec<_>>(), ["lake/a", "lake/c"]);
}

#[tokio::test]
async fn batches_are_limited_and_need_a_digest() {
    let aws = with_objects();
    let s3 = clients::s3(&aws);
    let keys = delete(&vec!["k"; 1001]);
    let refused = s3.delete_objects().bucket("lake").delete(keys).send().await;
    assert_eq!(refused.expect_err("too many").code(), Some("MalformedXML"));
    let body = "<Delete><Object><Key>a</Key></Object></Delete>";
    let answer = send(&aws, &request("POST /lake?delete", SIGNED, body));
    assert_refused(&answer, 400, "<Code>InvalidRequest</Code>");
    let md5 = format!("{SIGNED}content-md5: lSJNxzvWwEUCYJ4ZbsXXww==\r\n");
    let answer = send(&aws, &request("POST /lake?delete", &md5, body));
    assert_refused(&answer, 400, "<Code>BadDigest</Code>");
    assert_eq!(aws.objects().len(), 3);
}

#[tokio::test]
async fn tags_are_replaced_read_and_removed() {
    let aws = with_objects();
    let s3 = clients::s3(&aws);
    let put = |tags: &[(&str, &str)]| {
        s3.put_object_tagging().bucket("lake").key("a").tagging(tagging(tags)).send()
    };
    put(&[("old", "1")]).await.expect("tags");
    put(&[("redriven", "2024-01-01"), ("by", "<&é")]).await.expect("tags");
    let answer = s3.get_object_tagging().bucket("lake").key("a").send().await.expect("tags");
    let tags: Vec<_> = answer.tag_set().iter().map(|tag| (tag.key(), tag.value())).collect();
    assert_eq!(tags, [("by", "<&é"), ("redriven", "2024-01-01")]);
    assert_eq!(aws.object_tags("lake/a")["by"], "<&é");
    s3.delete_object_tagging().bucket("lake").key("a").send().await.expect("no tags");
    assert!(aws.object_tags("lake/a").is_empty());
}

#[tokio::test]
async fn invalid_tags_are_refused() {
    let aws = with_objects();
    let s3 = clients::s3(&aws);
    let names: Vec<String> = (0..11).map(|number| number.to_string()).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let (long_key, long_value) = ("k".repeat(129), "v".repeat(257));
    for (tags, code) in [
        (&many[..], "BadRequest"),
        (&[("a", "1"), ("a", "2")], "InvalidTag"),
        (&[(long_key.as_str(), "")], "InvalidTag"),
        (&[("a", long_value.as_str())], "InvalidTag"),
    ] {
        let put = s3.put_object_tagging().bucket("lake").key("a").tagging(tagging(tags));
        assert_eq!(put.send().await.expect_err("invalid").code(), Some(code));
    }
    let missing = s3.get_object_tagging().bucket("lake").key("none").send().await;
    assert_eq!(missing.expect_err("unknown").code(), Some("NoSuchKey"));
}
