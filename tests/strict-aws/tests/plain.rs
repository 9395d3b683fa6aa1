//! Plain HTTP, for services whose SDK is not at hand and for requests that no SDK sends.

use std::io::{Read, Write};
use std::net::TcpStream;

use changefan_strict_aws::StrictAws;
use serde_json::Value;

/// The header of a signed request; what it holds is not checked.
pub(crate) const SIGNED: &str = "authorization: AWS4\r\n";

/// Sends a request as it is, and returns the answer as it is.
pub(crate) fn send(aws: &StrictAws, request: &str) -> String {
    let address = aws.url();
    let mut stream =
        TcpStream::connect(address.trim_start_matches("http://")).expect("a connection");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    // A connection that is closed without an answer is an empty answer.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request with these headers (each with its line end) and this body.
pub(crate) fn request(start: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{start} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
}

pub(crate) fn assert_refused(answer: &str, status: u16, code: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(code), "{answer}");
}

/// Calls an operation of a JSON service, and returns the status and the body of the response.
pub(crate) fn call(aws: &StrictAws, target: &str, input: &Value) -> (u16, Value) {
    let headers = format!("{SIGNED}x-amz-target: {target}\r\n");
    let answer = send(aws, &request("POST /", &headers, &input.to_string()));
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    (status.expect("a status"), serde_json::from_str(body).expect("JSON"))
}

/// The body of a successful call.
pub(crate) fn succeed(aws: &StrictAws, target: &str, input: &Value) -> Value {
    let (status, body) = call(aws, target, input);
    assert_eq!(status, 200, "{body}");
    body
}

/// The status and the error code, without its namespace, of a call that is refused.
pub(crate) fn refuse(aws: &StrictAws, target: &str, input: &Value) -> (u16, String) {
    let (status, body) = call(aws, target, input);
    let kind = body["__type"].as_str().expect("an error");
    (status, kind.rsplit('#').next().expect("a code").to_owned())
}
