//! The body of an S3 upload: `aws-chunked` framing, lengths and checksums.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::answer::Refusal;
use crate::request::Request;
use crate::s3::checksum::{is_checksum, verify};

/// The content of an upload, and its verified checksum by the name of its header.
pub(super) struct Payload {
    pub(super) data: Bytes,
    pub(super) checksum: Option<(String, String)>,
}

/// The bytes to store, after everything that the request says about them has been verified.
pub(super) fn payload(request: &Request) -> Result<Payload, Refusal> {
    if request.header("content-length").is_none() {
        return Err(missing_length());
    }
    let upload = match request.header("x-amz-content-sha256") {
        Some(signed) if signed.starts_with("STREAMING-") => chunked(request)?,
        signed => {
            verify_signed(signed, &request.body)?;
            Upload { data: request.body.clone(), trailers: Vec::new() }
        }
    };
    let checksum = checksum(request, &upload)?;
    Ok(Payload { data: upload.data, checksum })
}

/// Whether the body is the one whose hash was signed. `UNSIGNED-PAYLOAD` is any body.
fn verify_signed(signed: Option<&str>, body: &[u8]) -> Result<(), Refusal> {
    let digits: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    match signed {
        Some(signed) if signed != digits && signed != "UNSIGNED-PAYLOAD" => {
            let message = "The provided 'x-amz-content-sha256' header does not match what was \
                           computed.";
            Err(Refusal::new(400, "XAmzContentSHA256Mismatch", message))
        }
        _ => Ok(()),
    }
}

/// The checksum in the headers or in the trailers. S3 accepts one.
fn checksum(request: &Request, upload: &Upload) -> Result<Option<(String, String)>, Refusal> {
    let headers = request.headers().map(|(name, sum)| (name.to_owned(), sum.to_owned()));
    let trailers = upload.trailers.iter().cloned();
    let mut sums = headers.chain(trailers).filter(|(name, _)| is_checksum(name));
    let Some((name, sum)) = sums.next() else { return Ok(None) };
    if sums.next().is_some() {
        let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not \
                       allowed.";
        return Err(Refusal::new(400, "InvalidRequest", message));
    }
    verify(&name, &sum, &upload.data)?;
    Ok(Some((name, sum)))
}

/// The data of an upload, and the headers that follow it, with names in lower case.
struct Upload {
    data: Bytes,
    trailers: Vec<(String, String)>,
}

impl Upload {
    fn trailer(&self, name: &str) -> Option<&str> {
        let mut trailers = self.trailers.iter();
        trailers.find(|(trailer, _)| trailer == name).map(|(_, value)| value.as_str())
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
        Some(name) if upload.trailer(&name.to_lowercase()).is_none() => {
            Err(Refusal::new(400, "MalformedTrailerError", "an announced trailer is missing"))
        }
        _ => Ok(upload),
    }
}

/// Removes the framing: `<hex size>[;extensions]\r\n<data>\r\n` until a size of 0, then trailers
/// until an empty line.
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
        trailers.push((name.trim().to_lowercase(), value.trim().to_owned()));
        rest = after;
    }
}

fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    Some((line, &bytes[end + 2..]))
}
