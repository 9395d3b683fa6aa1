//! What no well-behaved SDK sends, over plain HTTP.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use changefan_strict_aws::StrictAws;

use crate::plain::{SIGNED, assert_refused, request, send};

fn with_bucket() -> StrictAws {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    aws
}

#[test]
fn unsigned_requests_are_refused() {
    let aws = with_bucket();
    assert_refused(&send(&aws, &request("PUT /lake/k", "", "x")), 403, "<Code>AccessDenied</Code>");
    let target = "x-amz-target: Firehose_20150804.PutRecordBatch\r\n";
    assert_refused(
        &send(&aws, &request("POST /", target, "{}")),
        403,
        "MissingAuthenticationTokenException",
    );
    assert!(aws.objects().is_empty());
    assert_eq!(aws.calls().len(), 2);
}

#[test]
fn unreadable_json_is_refused() {
    let aws = StrictAws::start();
    aws.create_delivery_stream("changes");
    let ask = |target: &str, body: &str| {
        send(&aws, &request("POST /", &format!("{SIGNED}x-amz-target: {target}\r\n"), body))
    };
    for (target, code) in [
        ("Firehose_20150804.PutRecordBatch", "ValidationException"),
        ("Logs_20140328.PutLogEvents", "InvalidParameterException"),
    ] {
        assert_refused(&ask(target, "{"), 400, "SerializationException");
        assert_refused(&ask(target, "[]"), 400, "SerializationException");
        assert_refused(&ask(target, "{}"), 400, code);
    }
    for target in [
        "Firehose_20150804.Nonsense",
        "Logs_20140328.Nonsense",
        "Other_1.PutRecordBatch",
        "nonsense",
    ] {
        assert_refused(&ask(target, "{}"), 400, "UnknownOperationException");
    }
    let put = |record: &str| {
        let body = format!(r#"{{"DeliveryStreamName":"changes","Records":[{record}]}}"#);
        ask("Firehose_20150804.PutRecordBatch", &body)
    };
    assert_refused(&put(r#"{"Data":"?"}"#), 400, "SerializationException");
    for record in ["{}", "1", "null", r#"{"Data":7}"#] {
        assert_refused(&put(record), 400, "ValidationException");
    }
}

#[test]
fn unsupported_s3_operations_are_refused() {
    let aws = with_bucket();
    for start in ["PUT /lake/k?acl", "GET /lake/k?versionId=1", "PUT /lake", "GET /lake", "GET /"] {
        assert_refused(&send(&aws, &request(start, SIGNED, "")), 501, "NotImplemented");
    }
    for start in ["PUT /lake/%", "PUT /lake/%zz", "PUT /lake/%ff"] {
        assert_refused(&send(&aws, &request(start, SIGNED, "")), 400, "InvalidURI");
    }
    let condition = format!("{SIGNED}if-none-match: \"etag\"\r\n");
    assert_refused(&send(&aws, &request("PUT /lake/k", &condition, "x")), 501, "NotImplemented");
}

#[test]
fn s3_verifies_lengths_and_checksums() {
    let aws = with_bucket();
    let unmeasured = "PUT /lake/k HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
                      authorization: AWS4\r\n\
                      transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    assert_refused(&send(&aws, unmeasured), 411, "MissingContentLength");
    let wrong = format!("{SIGNED}x-amz-checksum-crc32: AAAAAA==\r\n");
    assert_refused(&send(&aws, &request("PUT /lake/k", &wrong, "abc")), 400, "BadDigest");
    let right = format!("{SIGNED}x-amz-checksum-crc32: NSRBwg==\r\n");
    assert!(send(&aws, &request("PUT /lake/k", &right, "abc")).starts_with("HTTP/1.1 200 "));
    assert_eq!(aws.objects()["lake/k"], "abc");
}

#[test]
fn s3_decodes_aws_chunked() {
    let aws = with_bucket();
    let put = |length: usize, body: &str| {
        let headers = format!(
            "{SIGNED}content-encoding: aws-chunked\r\n\
             x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n\
             x-amz-trailer: x-amz-checksum-crc32\r\nx-amz-decoded-content-length: {length}\r\n"
        );
        send(&aws, &request("PUT /lake/k", &headers, body))
    };
    let crc = "x-amz-checksum-crc32:NSRBwg==\r\n";
    for body in ["3\r\nabd\r\n0\r\n", "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n"] {
        assert!(!send_ok(&put(3, &format!("{body}\r\n"))));
    }
    assert_refused(&put(4, &format!("3\r\nabc\r\n0\r\n{crc}\r\n")), 400, "IncompleteBody");
    for body in [
        "",
        "3",
        "zz\r\n",
        "ffffffffffffffff\r\nabc",
        "3\r\nabcde\r\n0\r\n\r\n",
        "3\r\nabc\r\n0\r\n\r\nmore",
    ] {
        assert_refused(&put(3, body), 400, "IncompleteBody");
    }
    assert_refused(&put(3, "3\r\nabc\r\n0\r\n\r\n"), 400, "MalformedTrailerError");
    assert!(aws.objects().is_empty());
    assert!(send_ok(&put(3, &format!("1;chunk-signature=0\r\na\r\n2\r\nbc\r\n0\r\n{crc}\r\n"))));
    assert_eq!(aws.objects()["lake/k"], "abc");
    assert!(aws.put_attempts("lake/k").iter().all(|call| call.info.content_encoding.is_none()));
}

fn send_ok(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200 ")
}

#[test]
fn incomplete_request_is_no_call() {
    let aws = with_bucket();
    let address = aws.url();
    let mut stream =
        TcpStream::connect(address.trim_start_matches("http://")).expect("a connection");
    let whole = request("PUT /lake/k", SIGNED, "abcdef");
    stream.write_all(&whole.as_bytes()[..whole.len() - 1]).expect("half a request");
    stream.shutdown(Shutdown::Write).expect("an end");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(!send_ok(&answer));
    assert!(aws.calls().is_empty() && aws.objects().is_empty());
}

#[test]
fn dropped_service_closes_its_port() {
    let aws = StrictAws::start();
    let address = aws.url().trim_start_matches("http://").to_owned();
    drop(aws);
    assert!(TcpStream::connect(address).is_err());
}
