//! An HTTP request, read to its end.

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{HeaderMap, Method};

use crate::wire::Broken;

/// The longest body that is read: above what a test sends, and below what exhausts its memory.
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

/// A request, read to its end.
pub(crate) struct Request {
    /// The HTTP method.
    pub(crate) method: Method,
    /// The path as it was sent, still percent-encoded.
    pub(crate) path: String,
    /// The body as it was sent.
    pub(crate) body: Bytes,
    query: String,
    headers: HeaderMap,
}

impl Request {
    /// Reads the body, which Hyper checks against the announced length.
    pub(crate) async fn read(request: hyper::Request<Incoming>) -> Result<Self, Broken> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY_BYTES).collect().await;
        Ok(Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body: body.map_err(|_| Broken::Closed)?.to_bytes(),
        })
    }

    /// The names and values of all headers that are text.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.headers.iter();
        headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// The value of a header, if it is present and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The names and values of the query, decoded.
    pub(crate) fn query(&self) -> impl Iterator<Item = (String, String)> + '_ {
        pairs(&self.query)
    }

    /// The value of a parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.query().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The content encoding of the stored bytes. The service removes `aws-chunked`.
    pub(crate) fn content_encoding(&self) -> Option<String> {
        let encodings = self.header("content-encoding")?.split(',').map(str::trim);
        let kept: Vec<&str> = encodings
            .filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked")
            .collect();
        (!kept.is_empty()).then(|| kept.join(","))
    }
}

/// The decoded names and values of a query.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((percent_decode(name)?, percent_decode(value)?))
    })
}

/// Decodes `%41` to `A`; none when it is malformed or not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        decoded.push(u8::from_str_radix(digits, 16).ok()?);
        decoded.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(decoded).ok()
}
