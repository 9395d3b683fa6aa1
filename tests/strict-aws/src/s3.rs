//! Amazon S3, addressed by path: conditional puts, and what reading them back needs.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::answer::{Refusal, Reply, xml_escape};
use crate::call::Operation;
use crate::request::{Request, percent_decode};
use crate::s3_body::payload;

/// `PutObject`: the longest key, in bytes of UTF-8.
const MAX_KEY_BYTES: usize = 1024;
/// `ListObjectsV2`: the most keys of an answer.
const MAX_KEYS: usize = 1000;

/// The buckets and their objects.
#[derive(Default)]
pub struct S3 {
    buckets: BTreeSet<String>,
    objects: BTreeMap<String, Bytes>,
}

impl S3 {
    /// Declares a bucket.
    pub fn create_bucket(&mut self, bucket: &str) {
        self.buckets.insert(bucket.to_owned());
    }

    /// Every object by `bucket/key`.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        self.objects.clone()
    }

    /// Forgets all objects, but no buckets.
    pub fn forget(&mut self) {
        self.objects.clear();
    }

    fn check_bucket(&self, bucket: &str) -> Result<(), Refusal> {
        if self.buckets.contains(bucket) {
            return Ok(());
        }
        let message = format!("The specified bucket {bucket} does not exist");
        Err(Refusal::new(404, "NoSuchBucket", message))
    }

    fn put(&mut self, place: &Place, data: Bytes, only_if_new: bool) -> Result<Reply, Refusal> {
        self.check_bucket(&place.bucket)?;
        let path = place.path();
        if only_if_new && self.objects.contains_key(&path) {
            let message = "At least one of the pre-conditions you specified did not hold";
            return Err(Refusal::new(412, "PreconditionFailed", message));
        }
        let etag = etag(&data);
        self.objects.insert(path, data);
        Ok(Reply::ok().header("etag", etag).stored(1))
    }

    fn object(&self, place: &Place) -> Result<&Bytes, Refusal> {
        self.check_bucket(&place.bucket)?;
        let missing = || Refusal::new(404, "NoSuchKey", "The specified key does not exist.");
        self.objects.get(&place.path()).ok_or_else(missing)
    }

    /// The keys of a bucket that start so and come after a key, with their sizes.
    fn keys(&self, bucket: &str, prefix: &str, after: &str) -> Vec<(&str, usize)> {
        let objects = self.objects.iter().filter_map(|(path, data)| {
            let key = path.strip_prefix(bucket)?.strip_prefix('/')?;
            Some((key, data.len()))
        });
        objects.filter(|(key, _)| key.starts_with(prefix) && *key > after).collect()
    }
}

/// An opaque identity of the data, quoted as S3 does. S3's own is usually the MD5.
fn etag(data: &[u8]) -> String {
    format!("\"{:08x}-{:x}\"", crc32fast::hash(data), data.len())
}

/// Where an object is, or a bucket when the key is empty.
#[derive(Clone)]
struct Place {
    bucket: String,
    key: String,
}

impl Place {
    fn of(request: &Request) -> Result<Self, Refusal> {
        let path = request.path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let undecodable = || Refusal::new(400, "InvalidURI", "Couldn't parse the specified URI.");
        let key = percent_decode(key).ok_or_else(undecodable)?;
        if key.len() > MAX_KEY_BYTES {
            return Err(Refusal::new(400, "KeyTooLongError", "Your key is too long"));
        }
        let bucket = bucket.to_owned();
        Ok(Self { bucket, key })
    }

    fn path(&self) -> String {
        format!("{}/{}", self.bucket, self.key)
    }
}

/// Understands a request. What is not spoken here is named by its method.
pub fn operation(request: &Request) -> Operation {
    parse(request).unwrap_or_else(|refusal| Operation::refused(request.method.as_str(), refusal))
}

fn parse(request: &Request) -> Result<Operation, Refusal> {
    let place = Place::of(request)?;
    // `x-id` only names the operation; anything else asks for another one, such as a part of an upload.
    let plain = request.query().all(|(name, _)| name == "x-id");
    match (request.method.as_str(), place.key.is_empty()) {
        ("PUT", false) if plain => put_object(request, place),
        ("GET", false) if plain => Ok(read_object("GetObject", place)),
        ("HEAD", false) if plain => Ok(read_object("HeadObject", place)),
        ("HEAD", true) => Ok(head_bucket(place)),
        ("GET", true) => list_objects(request, place),
        _ => Err(not_implemented()),
    }
}

fn not_implemented() -> Refusal {
    let message = "A header or query you provided implies functionality that is not implemented";
    Refusal::new(501, "NotImplemented", message)
}

fn put_object(request: &Request, place: Place) -> Result<Operation, Refusal> {
    let condition = request.header("if-none-match").map(str::to_owned);
    let data = payload(request);
    let operation =
        Operation::new("PutObject", place.path(), move |state, _| match condition.as_deref() {
            None | Some("*") => state.s3.put(&place, data?, condition.is_some()),
            Some(_) => Err(not_implemented()),
        });
    Ok(operation.storing(1))
}

/// `GetObject` and `HeadObject` differ only in the body, which HTTP leaves out of a HEAD's answer by itself.
fn read_object(name: &str, place: Place) -> Operation {
    Operation::new(name, place.path(), move |state, _| {
        let data = state.s3.object(&place)?;
        Ok(Reply::ok().header("etag", etag(data)).body(data.clone()))
    })
}

fn head_bucket(place: Place) -> Operation {
    Operation::new("HeadBucket", place.bucket.clone(), move |state, _| {
        state.s3.check_bucket(&place.bucket)?;
        Ok(Reply::ok())
    })
}

fn list_objects(request: &Request, place: Place) -> Result<Operation, Refusal> {
    let query: BTreeMap<String, String> = request.query().collect();
    if query.get("list-type").map(String::as_str) != Some("2") {
        return Err(not_implemented());
    }
    let text = |name| query.get(name).cloned().unwrap_or_default();
    let (prefix, after) = (text("prefix"), text("continuation-token"));
    let max = text("max-keys").parse().map_or(MAX_KEYS, |max: usize| max.min(MAX_KEYS));
    Ok(Operation::new("ListObjectsV2", place.bucket.clone(), move |state, _| {
        state.s3.check_bucket(&place.bucket)?;
        let keys = state.s3.keys(&place.bucket, &prefix, &after);
        Ok(Reply::xml(listing(&place.bucket, &prefix, &keys, max)))
    }))
}

/// The answer of `ListObjectsV2`; the last key of a page continues it.
fn listing(bucket: &str, prefix: &str, keys: &[(&str, usize)], max: usize) -> String {
    let page = &keys[..keys.len().min(max)];
    let truncated = page.len() < keys.len();
    let contents: String = page
        .iter()
        .map(|(key, size)| {
            format!("<Contents><Key>{}</Key><Size>{size}</Size></Contents>", xml_escape(key))
        })
        .collect();
    let next = page.last().filter(|_| truncated).map_or_else(String::new, |(key, _)| {
        format!("<NextContinuationToken>{}</NextContinuationToken>", xml_escape(key))
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{bucket}</Name>\
         <Prefix>{}</Prefix><KeyCount>{}</KeyCount><MaxKeys>{max}</MaxKeys>\
         <IsTruncated>{truncated}</IsTruncated>{contents}{next}</ListBucketResult>",
        xml_escape(prefix),
        page.len(),
    )
}
