//! An object as S3 stores it.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use jiff::Timestamp;
use md5::{Digest, Md5};

use crate::answer::Refusal;
use crate::request::{Request, pairs};
use crate::s3::tagging;

/// The headers of an upload that S3 returns with the object, besides `x-amz-meta-*`.
const KEPT_HEADERS: [&str; 3] = ["content-type", "cache-control", "content-disposition"];

/// An object: its content and the metadata of its upload.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) data: Bytes,
    /// Quoted, as in headers.
    pub(super) etag: String,
    /// Returned with the object.
    pub(super) headers: Vec<(String, String)>,
    /// The checksum header of its upload, returned on demand.
    pub(super) checksum: Option<(String, String)>,
    pub(super) tags: BTreeMap<String, String>,
    /// When it was stored, in milliseconds since 1970.
    pub(super) modified_ms: i64,
}

impl Object {
    /// An object without metadata.
    pub(super) fn of(data: Bytes, modified_ms: i64) -> Self {
        let etag = etag(&data);
        let (headers, checksum, tags) = Default::default();
        Self { data, etag, headers, checksum, tags, modified_ms }
    }

    /// When it was stored, as in `Last-Modified`.
    pub(super) fn last_modified(&self) -> String {
        use jiff::fmt::rfc2822::DateTimePrinter;
        let time = self.modified();
        DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap_or_default()
    }

    /// When it was stored, as in listings.
    pub(super) fn last_modified_iso(&self) -> String {
        format!("{:.3}", self.modified())
    }

    fn modified(&self) -> Timestamp {
        Timestamp::from_millisecond(self.modified_ms).unwrap_or_default()
    }
}

/// The MD5 of the data, quoted: the ETag of what is uploaded in one piece.
pub(super) fn etag(data: &[u8]) -> String {
    let digits: String = Md5::digest(data).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

/// The headers of an upload that S3 returns with the object.
pub(super) fn kept_headers(request: &Request) -> Vec<(String, String)> {
    let kept = |name: &str| KEPT_HEADERS.contains(&name) || name.starts_with("x-amz-meta-");
    let headers = request.headers().filter(|(name, _)| kept(name));
    let owned = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let encoding = request.content_encoding().map(|value| ("content-encoding".to_owned(), value));
    owned.chain(encoding).collect()
}

/// The tags in the header of an upload.
pub(super) fn header_tags(request: &Request) -> Result<BTreeMap<String, String>, Refusal> {
    let tags = pairs(request.header("x-amz-tagging").unwrap_or_default()).collect();
    tagging::check(tags)
}

/// Verifies `Content-MD5`.
pub(super) fn verify_md5(request: &Request) -> Result<(), Refusal> {
    let Some(sent) = request.header("content-md5") else { return Ok(()) };
    let sent = BASE64_STANDARD.decode(sent).ok().filter(|digest| digest.len() == 16);
    let Some(sent) = sent else {
        let message = "The Content-MD5 you specified was invalid.";
        return Err(Refusal::new(400, "InvalidDigest", message));
    };
    if sent[..] == Md5::digest(&request.body)[..] {
        return Ok(());
    }
    let message = "The Content-MD5 you specified did not match what we received.";
    Err(Refusal::new(400, "BadDigest", message))
}
