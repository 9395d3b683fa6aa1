//! Amazon S3, addressed by path: buckets and objects, and the operation of a request.

mod body;
mod checksum;
mod delete;
mod list;
mod multipart;
mod object;
mod put;
mod read;
mod tagging;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::StrictAws;
use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::request::{Request, percent_decode};
use crate::s3::multipart::Uploads;
use crate::s3::object::Object;

/// `PutObject`: the longest key, in bytes of UTF-8.
const MAX_KEY_BYTES: usize = 1024;
/// The account that owns all buckets.
const OWNER: &str = "000000000000";

impl StrictAws {
    /// Creates a bucket.
    pub fn create_bucket(&self, bucket: &str) {
        self.state().s3.buckets.insert(bucket.to_owned());
    }

    /// Gives a bucket a default Object Lock retention: S3 then refuses uploads without a
    /// `Content-MD5` or `x-amz-checksum-*` header.
    pub fn lock_objects(&self, bucket: &str) {
        self.state().s3.locked.insert(bucket.to_owned());
    }

    /// Stores an object under `bucket/key`, as another writer would.
    pub fn put_object(&self, object: &str, data: impl Into<Bytes>) {
        let mut state = self.state();
        let now_ms = state.now_ms();
        state.s3.objects.insert(object.to_owned(), Object::of(data.into(), now_ms));
    }

    /// Every stored object by `bucket/key`.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        let state = self.state();
        let objects = state.s3.objects.iter();
        objects.map(|(path, object)| (path.clone(), object.data.clone())).collect()
    }

    /// The tags of the object at `bucket/key`.
    pub fn object_tags(&self, object: &str) -> BTreeMap<String, String> {
        self.state().s3.objects.get(object).map(|object| object.tags.clone()).unwrap_or_default()
    }
}

/// The buckets and their objects.
#[derive(Default)]
pub(crate) struct S3 {
    buckets: BTreeSet<String>,
    /// The buckets with Object Lock.
    locked: BTreeSet<String>,
    /// By `bucket/key`.
    objects: BTreeMap<String, Object>,
    uploads: Uploads,
}

impl S3 {
    /// Forgets all objects, but no buckets.
    pub(crate) fn forget(&mut self) {
        self.objects.clear();
        self.uploads = Uploads::default();
    }

    fn check_bucket(&self, bucket: &str) -> Result<(), Refusal> {
        if self.buckets.contains(bucket) {
            return Ok(());
        }
        let message = format!("The specified bucket {bucket} does not exist");
        Err(Refusal::new(404, "NoSuchBucket", message))
    }

    fn object(&self, place: &Place) -> Result<&Object, Refusal> {
        self.check_bucket(&place.bucket)?;
        self.objects.get(&place.path()).ok_or_else(no_such_key)
    }

    fn object_mut(&mut self, place: &Place) -> Result<&mut Object, Refusal> {
        self.check_bucket(&place.bucket)?;
        self.objects.get_mut(&place.path()).ok_or_else(no_such_key)
    }
}

fn no_such_key() -> Refusal {
    Refusal::new(404, "NoSuchKey", "The specified key does not exist.")
}

fn precondition_failed() -> Refusal {
    let message = "At least one of the pre-conditions you specified did not hold";
    Refusal::new(412, "PreconditionFailed", message)
}

fn not_implemented() -> Refusal {
    let message = "A header or query you provided implies functionality that is not implemented";
    Refusal::new(501, "NotImplemented", message)
}

/// The address of an object, or of a bucket when the key is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// Parses a request. An operation that is not provided here is named by its method.
pub(crate) fn operation(request: &Request) -> Operation {
    parse(request).unwrap_or_else(|refusal| Operation::refused(request.method.as_str(), refusal))
}

fn parse(request: &Request) -> Result<Operation, Refusal> {
    let place = Place::of(request)?;
    check_owner(request)?;
    let query: BTreeMap<String, String> = request.query().collect();
    // `x-id` only names the operation.
    let names: Vec<&str> =
        query.keys().map(String::as_str).filter(|name| *name != "x-id").collect();
    match (request.method.as_str(), place.key.is_empty(), &names[..]) {
        ("PUT", false, []) => put::put_object(request, place),
        ("GET", false, []) => Ok(read::read_object("GetObject", request, place)),
        ("HEAD", false, []) => Ok(read::read_object("HeadObject", request, place)),
        ("DELETE", false, []) => Ok(delete::delete_object(request, place)),
        ("GET", false, ["tagging"]) => Ok(tagging::get(place)),
        ("PUT", false, ["tagging"]) => tagging::put(request, place),
        ("DELETE", false, ["tagging"]) => Ok(tagging::delete(place)),
        ("POST", false, ["uploads"]) => multipart::create(request, place),
        ("PUT", false, ["partNumber", "uploadId"]) => multipart::put_part(request, place),
        ("POST", false, ["uploadId"]) => multipart::complete(request, place),
        ("DELETE", false, ["uploadId"]) => Ok(multipart::abort(request, place)),
        ("HEAD", true, []) => Ok(head_bucket(place)),
        ("POST", true, ["delete"]) => delete::delete_objects(request, place),
        ("GET", true, _) => list::list_objects(&query, place),
        _ => Err(not_implemented()),
    }
}

fn check_owner(request: &Request) -> Result<(), Refusal> {
    match request.header("x-amz-expected-bucket-owner") {
        Some(owner) if owner != OWNER => Err(Refusal::new(403, "AccessDenied", "Access Denied")),
        _ => Ok(()),
    }
}

fn head_bucket(place: Place) -> Operation {
    Operation::new("HeadBucket", place.bucket.clone(), move |state, _| {
        state.s3.check_bucket(&place.bucket)?;
        Ok(Reply::ok())
    })
}
