//! An HTTP request, read to its end.

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{HeaderMap, Method};

use crate::wire::Broken;

/// The longest body that is read: far above what any of the services takes in one call, and below what hurts the tests.
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

/// A request, read to its end.
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The path as it was sent, still percent-encoded.
    pub path: String,
    /// The body as it was sent.
    pub body: Bytes,
    query: String,
    headers: HeaderMap,
}

impl Request {
    /// Reads the body. Hyper sees to it that the length is the announced one.
    pub async fn read(request: hyper::Request<Incoming>) -> Result<Self, Broken> {
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

    /// A header's value, when it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The names and values of the query, decoded.
    pub fn query(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs.filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((percent_decode(name)?, percent_decode(value)?))
        })
    }

    /// The content encoding that the stored bytes have. `aws-chunked` is none: it ends at the service.
    pub fn content_encoding(&self) -> Option<String> {
        let encodings = self.header("content-encoding")?.split(',').map(str::trim);
        let kept: Vec<&str> = encodings
            .filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked")
            .collect();
        (!kept.is_empty()).then(|| kept.join(","))
    }
}

/// Decodes `%41` to `A`; none when it is malformed or no UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
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
