//! Amazon S3: listings, through its SDK.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use changefan_strict_aws::StrictAws;

use crate::clients;

fn with_objects(keys: &[&str]) -> StrictAws {
    let aws = StrictAws::start();
    aws.set_clock(1_700_000_000_123);
    for bucket in ["lake", "lake-2"] {
        aws.create_bucket(bucket);
    }
    for key in keys {
        aws.put_object(&format!("lake/{key}"), "abc");
    }
    // An object of another folder with the same prefix.
    aws.put_object("lake-2/a", "abc");
    aws
}

/// The keys and the common prefixes of a page, prefixes with an asterisk.
fn names(page: &ListObjectsV2Output) -> Vec<String> {
    let keys = page.contents().iter().filter_map(|object| object.key()).map(str::to_owned);
    let prefixes = page.common_prefixes().iter().filter_map(|prefix| prefix.prefix());
    keys.chain(prefixes.map(|prefix| format!("{prefix}*"))).collect()
}

/// All pages of a listing.
async fn pages(aws: &StrictAws, prefix: &str, delimiter: Option<&str>) -> Vec<Vec<String>> {
    let list = clients::s3(aws).list_objects_v2().bucket("lake").prefix(prefix);
    let list = list.set_delimiter(delimiter.map(str::to_owned));
    let mut pages = Vec::new();
    let mut token = None;
    // Far more than any listing here has.
    for _ in 0..100 {
        let page = list.clone().set_continuation_token(token).send().await.expect("a page");
        pages.push(names(&page));
        token = page.next_continuation_token;
        assert_eq!(page.is_truncated, Some(token.is_some()));
        if token.is_none() {
            return pages;
        }
    }
    panic!("the listing does not end: {pages:?}");
}

#[tokio::test]
async fn keys_are_in_order_of_their_bytes() {
    let aws = with_objects(&["é", "b", "B", "a&<>\u{1}", "a/b", "a"]);
    let page = clients::s3(&aws).list_objects_v2().bucket("lake").send().await.expect("a page");
    assert_eq!(names(&page), ["B", "a", "a&<>\u{1}", "a/b", "b", "é"]);
    let first = &page.contents()[0];
    assert_eq!(
        (first.size(), first.e_tag()),
        (Some(3), Some("\"900150983cd24fb0d6963f7d28e17f72\""))
    );
    let modified = first.last_modified().expect("a time").to_millis().expect("in range");
    assert_eq!(modified, 1_700_000_000_123);
    assert_eq!(page.key_count(), Some(6));
}

#[tokio::test]
async fn small_pages_are_on_demand() {
    let aws = with_objects(&["p/1", "p/2", "p/3", "q"]);
    assert_eq!(pages(&aws, "p/", None).await, [["p/1", "p/2", "p/3"]]);
    aws.set_page_size(2);
    assert_eq!(pages(&aws, "p/", None).await, [vec!["p/1", "p/2"], vec!["p/3"]]);
    assert_eq!(pages(&aws, "none", None).await, [[""; 0]]);
}

#[tokio::test]
async fn delimiter_groups_keys() {
    let aws = with_objects(&["p/a/1", "p/a/2", "p/b", "p/c/1", "p/c/d/1", "q/1"]);
    let expected = ["p/b", "p/a/*", "p/c/*"];
    assert_eq!(pages(&aws, "p/", Some("/")).await, [expected]);
    aws.set_page_size(1);
    let paged = pages(&aws, "p/", Some("/")).await;
    assert_eq!(paged, [["p/a/*"], ["p/b"], ["p/c/*"]]);
    assert_eq!(pages(&aws, "", Some("/")).await, [["p/*"], ["q/*"]]);
}

#[tokio::test]
async fn listing_starts_after_a_key() {
    let aws = with_objects(&["a", "b", "c"]);
    let list = clients::s3(&aws).list_objects_v2().bucket("lake").start_after("a");
    assert_eq!(names(&list.send().await.expect("a page")), ["b", "c"]);
}

#[tokio::test]
async fn objects_can_change_between_pages() {
    let aws = with_objects(&["a", "b", "c"]);
    let list = clients::s3(&aws).list_objects_v2().bucket("lake").max_keys(1);
    let page = list.clone().send().await.expect("a page");
    aws.put_object("lake/aa", "abc");
    let next = list.set_continuation_token(page.next_continuation_token);
    assert_eq!(names(&next.send().await.expect("a page")), ["aa"]);
}

#[tokio::test]
async fn invalid_listings_are_refused() {
    let aws = with_objects(&["a"]);
    let s3 = clients::s3(&aws);
    // A key is not a token.
    let list = s3.list_objects_v2().bucket("lake").continuation_token("a key").send().await;
    assert_eq!(list.expect_err("invalid").code(), Some("InvalidArgument"));
    let list = s3.list_objects_v2().bucket("pond").send().await;
    assert_eq!(list.expect_err("unknown").code(), Some("NoSuchBucket"));
    let list = s3.list_objects().bucket("lake").send().await;
    assert_eq!(list.expect_err("the first version").code(), Some("NotImplemented"));
}
