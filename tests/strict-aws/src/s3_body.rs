//! The body of an S3 upload: `aws-chunked` framing, lengths and checksums.

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;

use crate::answer::Refusal;
use crate::request::Request;

const CRC32: &str = "x-amz-checksum-crc32";

/// The bytes to store, after everything that the request says about them has been verified.
pub fn payload(request: &Request) -> Result<Bytes, Refusal> {
    if request.header("content-length").is_none() {
        return Err(missing_length());
    }
    let streaming =
        request.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    let upload = if streaming {
        chunked(request)?
    } else {
        Upload { data: request.body.clone(), trailers: Vec::new() }
    };
    verify_crc32(request, &upload)?;
    Ok(upload.data)
}

/// The data of an upload, and the headers that came after it.
struct Upload {
    data: Bytes,
    trailers: Vec<(String, String)>,
}

impl Upload {
    fn trailer(&self, name: &str) -> Option<&str> {
        let mut trailers = self.trailers.iter();
        trailers
            .find(|(trailer, _)| trailer.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

fn missing_length() -> Refusal {
    Refusal::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
}

fn chunked(request: &Request) -> Result<Upload, Refusal> {
    let announced = request.header("x-amz-decoded-content-length");
    let announced: usize =
        announced.and_then(|length| length.parse().ok()).ok_or_else(missing_length)?;
    let upload = decode_chunks(&request.body)
        .filter(|upload| upload.data.len() == announced)
        .ok_or_else(|| Refusal::new(400, "IncompleteBody", "the chunks do not make up the body"))?;
    match request.header("x-amz-trailer") {
        Some(name) if upload.trailer(name).is_none() => {
            Err(Refusal::new(400, "MalformedTrailerError", "an announced trailer is missing"))
        }
        _ => Ok(upload),
    }
}

/// Takes the framing away: `<hex size>[;extensions]\r\n<data>\r\n` until a size of 0, then trailers until an empty line.
fn decode_chunks(body: &[u8]) -> Option<Upload> {
    let mut data = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let (line, after) = split_line(rest)?;
        let digits = line.split(';').next()?;
        let size = usize::from_str_radix(digits, 16).ok()?;
        if size == 0 {
            let trailers = decode_trailers(after)?;
            return Some(Upload { data: data.into(), trailers });
        }
        let (chunk, after) = after.split_at_checked(size)?;
        data.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
    }
}

fn decode_trailers(mut rest: &[u8]) -> Option<Vec<(String, String)>> {
    let mut trailers = Vec::new();
    loop {
        let (line, after) = split_line(rest)?;
        if line.is_empty() {
            return after.is_empty().then_some(trailers);
        }
        let (name, value) = line.split_once(':')?;
        trailers.push((name.trim().to_owned(), value.trim().to_owned()));
        rest = after;
    }
}

fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    Some((line, &bytes[end + 2..]))
}

/// Verifies the one checksum that the SDK for Rust sends unless told otherwise; others are taken on trust.
fn verify_crc32(request: &Request, upload: &Upload) -> Result<(), Refusal> {
    let Some(sent) = request.header(CRC32).or_else(|| upload.trailer(CRC32)) else {
        return Ok(());
    };
    let computed = crc32fast::hash(&upload.data).to_be_bytes();
    if sent == BASE64_STANDARD.encode(computed) {
        return Ok(());
    }
    let message = "The CRC32 you specified did not match the calculated checksum.";
    Err(Refusal::new(400, "BadDigest", message))
}
