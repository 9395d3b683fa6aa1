//! `GetObject` and `HeadObject`: ranges and conditions.

use std::ops::Range;

use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::request::Request;
use crate::s3::object::Object;
use crate::s3::put::replace;
use crate::s3::{Place, precondition_failed};

/// What a read asks for, besides the object.
struct Wanted {
    range: Option<String>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    checksum: bool,
}

/// The operations differ in the body alone, which HTTP leaves out of the response to a HEAD.
pub(super) fn read_object(name: &str, request: &Request, place: Place) -> Operation {
    let header = |name| request.header(name).map(str::to_owned);
    let wanted = Wanted {
        range: header("range"),
        if_match: header("if-match"),
        if_none_match: header("if-none-match"),
        checksum: request.header("x-amz-checksum-mode") == Some("ENABLED"),
    };
    Operation::new(name, place.path(), move |state, fault| {
        replace(state, &place, fault);
        read(state.s3.object(&place)?, &wanted)
    })
}

fn read(object: &Object, wanted: &Wanted) -> Result<Reply, Refusal> {
    if wanted.if_match.as_ref().is_some_and(|etag| *etag != object.etag) {
        return Err(precondition_failed());
    }
    let reply = describe(object);
    if wanted.if_none_match.as_ref() == Some(&object.etag) {
        return Ok(reply.status(304));
    }
    let size = object.data.len();
    match wanted.range.as_deref().and_then(|range| parse_range(range, size)) {
        None => Ok(with_checksum(reply, object, wanted).body(object.data.clone())),
        Some(range) if range.is_empty() => Err(invalid_range()),
        Some(range) => {
            let content_range = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            let part = object.data.slice(range);
            Ok(reply.status(206).header("content-range", content_range).body(part))
        }
    }
}

fn describe(object: &Object) -> Reply {
    let mut reply = Reply::ok()
        .header("etag", object.etag.clone())
        .header("last-modified", object.last_modified())
        .header("accept-ranges", "bytes");
    if !object.headers.iter().any(|(name, _)| name == "content-type") {
        reply = reply.header("content-type", "binary/octet-stream");
    }
    if !object.tags.is_empty() {
        reply = reply.header("x-amz-tagging-count", object.tags.len().to_string());
    }
    object.headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value))
}

/// S3 returns the checksum of a whole object alone, and only when it is asked for.
fn with_checksum(reply: Reply, object: &Object, wanted: &Wanted) -> Reply {
    let checksum = object.checksum.as_ref().filter(|_| wanted.checksum);
    checksum.into_iter().fold(reply, |reply, (name, sum)| reply.header(name, sum))
}

/// The bytes of a range, empty when it begins beyond the object; none when it is ignored, as
/// a malformed one is.
fn parse_range(text: &str, size: usize) -> Option<Range<usize>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if last >= first => {
            Some(first.min(size)..last.saturating_add(1).min(size))
        }
        (Ok(first), Err(_)) if last.is_empty() => Some(first.min(size)..size),
        (Err(_), Ok(length)) if first.is_empty() => Some(size.saturating_sub(length)..size),
        _ => None,
    }
}

fn invalid_range() -> Refusal {
    Refusal::new(416, "InvalidRange", "The requested range is not satisfiable")
}
