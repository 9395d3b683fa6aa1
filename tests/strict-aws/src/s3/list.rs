//! `ListObjectsV2`.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

use crate::answer::{Refusal, Reply, xml_escape};
use crate::call::Operation;
use crate::s3::object::Object;
use crate::s3::{Place, S3, not_implemented};

/// The most keys per page.
const MAX_KEYS: usize = 1000;
/// The parameters that are supported. `fetch-owner` adds nothing to an account's own objects.
const PARAMETERS: [&str; 8] = [
    "continuation-token",
    "delimiter",
    "fetch-owner",
    "list-type",
    "max-keys",
    "prefix",
    "start-after",
    "x-id",
];

/// What a listing asks for.
struct Wanted {
    prefix: String,
    delimiter: String,
    /// The key or the common prefix after which the page begins.
    after: String,
    max: usize,
}

/// An object, or the common prefix of several.
enum Item<'a> {
    Object(&'a str, &'a Object),
    Prefix(&'a str),
}

impl Item<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Object(name, _) | Self::Prefix(name) => name,
        }
    }

    fn xml(&self) -> String {
        match self {
            Self::Object(key, object) => format!(
                "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>{}</ETag>\
                 <Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
                xml_escape(key),
                object.last_modified_iso(),
                xml_escape(&object.etag),
                object.data.len(),
            ),
            Self::Prefix(prefix) => {
                format!("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", xml_escape(prefix),)
            }
        }
    }
}

pub(super) fn list_objects(
    query: &BTreeMap<String, String>,
    place: Place,
) -> Result<Operation, Refusal> {
    let known = query.keys().all(|name| PARAMETERS.contains(&name.as_str()));
    if !known || query.get("list-type").map(String::as_str) != Some("2") {
        return Err(not_implemented());
    }
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let after = match query.get("continuation-token") {
        Some(token) => decode_token(token)?,
        None => text("start-after"),
    };
    let max = query.get("max-keys").map_or(Ok(MAX_KEYS), |max| max.parse());
    let max = max.map_err(|_| invalid("Provided max-keys not an integer"))?.min(MAX_KEYS);
    let wanted = Wanted { prefix: text("prefix"), delimiter: text("delimiter"), after, max };
    Ok(Operation::new("ListObjectsV2", place.bucket.clone(), move |state, _| {
        let wanted = Wanted { max: wanted.max.min(state.page_size), ..wanted };
        state.s3.check_bucket(&place.bucket)?;
        Ok(Reply::xml(&listing(&state.s3, &place.bucket, &wanted)))
    }))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "InvalidArgument", message)
}

/// A token is opaque to clients: it is not a key.
fn encode_token(after: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(after)
}

fn decode_token(token: &str) -> Result<String, Refusal> {
    let after = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let after = after.and_then(|after| String::from_utf8(after).ok());
    after.ok_or_else(|| invalid("The continuation token provided is incorrect"))
}

fn listing(s3: &S3, bucket: &str, wanted: &Wanted) -> String {
    let mut items = items(s3, bucket, wanted);
    let truncated = items.len() > wanted.max;
    items.truncate(wanted.max);
    let contents: String = items.iter().map(Item::xml).collect();
    let next = items.last().filter(|_| truncated).map_or_else(String::new, |last| {
        let token = encode_token(last.name());
        format!("<NextContinuationToken>{token}</NextContinuationToken>")
    });
    format!(
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{bucket}</Name>\
         <Prefix>{}</Prefix><Delimiter>{}</Delimiter><KeyCount>{}</KeyCount>\
         <MaxKeys>{}</MaxKeys><IsTruncated>{truncated}</IsTruncated>{contents}{next}\
         </ListBucketResult>",
        xml_escape(&wanted.prefix),
        xml_escape(&wanted.delimiter),
        items.len(),
        wanted.max,
    )
}

/// The items of a page in order, and one more if there is one.
fn items<'a>(s3: &'a S3, bucket: &str, wanted: &Wanted) -> Vec<Item<'a>> {
    let bucket = format!("{bucket}/");
    let start = format!("{bucket}{}", wanted.prefix.as_str().max(wanted.after.as_str()));
    let mut items: Vec<Item<'a>> = Vec::new();
    for (path, object) in s3.objects.range(start..) {
        let Some(key) = path.strip_prefix(&bucket) else { break };
        let Some(rest) = key.strip_prefix(wanted.prefix.as_str()) else { break };
        let item = match rest.split_once(&wanted.delimiter) {
            Some((group, _)) if !wanted.delimiter.is_empty() => {
                let length = wanted.prefix.len() + group.len() + wanted.delimiter.len();
                Item::Prefix(&key[..length])
            }
            _ => Item::Object(key, object),
        };
        let is_new = items.last().is_none_or(|last| last.name() != item.name());
        if is_new && item.name() > wanted.after.as_str() {
            items.push(item);
        }
        if items.len() > wanted.max {
            break;
        }
    }
    items
}
