//! The Runtime API as a function's HTTP client meets it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use changefan_fake_lambda::{Answer, Due, Report, RuntimeApi};
use serde_json::json;

const MINUTE: Due = Due::After(Duration::from_secs(60));
const FIRST: &str = "00000000-0000-4000-8000-000000000000";

fn start() -> (RuntimeApi, Receiver<Report>) {
    let (sender, reports) = channel();
    let api = RuntimeApi::start(move |report| drop(sender.send(report))).expect("a free port");
    (api, reports)
}

/// Sends one request on a separate connection and returns the whole response.
fn call(api: &RuntimeApi, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(api.address()).expect("a connection");
    let length = body.len();
    let request = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: x\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("a request");
    stream.shutdown(std::net::Shutdown::Write).expect("the end of the requests");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response in UTF-8");
    response
}

fn answer(reports: &Receiver<Report>) -> (usize, Answer) {
    match reports.try_recv().expect("a report") {
        Report::Answered { number, answer, .. } => (number, answer),
        other => panic!("expected an answer, found {other:?}"),
    }
}

#[test]
fn next_hands_out_invocations_in_order() {
    let (api, _reports) = start();
    assert_eq!((api.invoke("[1]", MINUTE), api.invoke("[2]", MINUTE)), (0, 1));
    let response = call(&api, "GET", "invocation/next", "");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.contains(&format!("lambda-runtime-aws-request-id: {FIRST}\r\n")));
    assert!(response.ends_with("\r\n\r\n[1]"), "{response}");
    assert!(call(&api, "GET", "invocation/next", "").ends_with("\r\n\r\n[2]"));
}

#[test]
fn next_waits_for_an_invocation() {
    let (api, _reports) = start();
    std::thread::scope(|scope| {
        let poll = scope.spawn(|| call(&api, "GET", "invocation/next", ""));
        api.invoke("{}", MINUTE);
        assert!(poll.join().expect("a poll").ends_with("\r\n\r\n{}"));
    });
}

#[test]
fn answers_name_their_invocation() {
    let (api, reports) = start();
    for (number, kind) in ["response", "error"].iter().enumerate() {
        api.invoke("{}", MINUTE);
        call(&api, "GET", "invocation/next", "");
        let path = format!("invocation/00000000-0000-4000-8000-{number:012}/{kind}");
        assert!(call(&api, "POST", &path, "[7]").starts_with("HTTP/1.1 202 Accepted\r\n"));
    }
    assert_eq!(answer(&reports), (0, Answer::Response(json!([7]))));
    assert_eq!(answer(&reports), (1, Answer::Error(json!([7]))));
}

#[test]
fn answer_after_the_deadline_timed_out() {
    let (api, reports) = start();
    let path = format!("invocation/{FIRST}/response");
    api.invoke("{}", Due::After(Duration::ZERO));
    call(&api, "GET", "invocation/next", "");
    call(&api, "POST", &path, "{}");
    assert_eq!(answer(&reports), (0, Answer::TimedOut));
}

#[test]
fn deadline_in_the_past_never_times_out() {
    let (api, reports) = start();
    api.invoke("{}", Due::InThePast);
    call(&api, "GET", "invocation/next", "");
    call(&api, "POST", &format!("invocation/{FIRST}/response"), "{}");
    assert_eq!(answer(&reports), (0, Answer::Response(json!({}))));
}

#[test]
fn init_error_is_reported() {
    let (api, reports) = start();
    call(&api, "POST", "init/error", r#"{"errorMessage":"no sink"}"#);
    let expected = Report::InitError(json!({"errorMessage": "no sink"}));
    assert_eq!(reports.try_recv(), Ok(expected));
}

#[test]
fn calls_that_lambda_refuses_are_reported() {
    let (api, reports) = start();
    api.invoke("{}", MINUTE);
    let response = format!("invocation/{FIRST}/response");
    for (method, path, body) in [
        // Not sent yet.
        ("POST", response.as_str(), "{}"),
        ("POST", "invocation/other/response", "{}"),
        ("POST", "init/error", "no JSON"),
        ("GET", "init/error", "{}"),
        ("POST", "nowhere", "{}"),
    ] {
        let answer = call(&api, method, path, body);
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        let refused = format!("{method} /2018-06-01/runtime/{path} {body}");
        assert_eq!(reports.try_recv(), Ok(Report::Refused(refused)));
    }
}

#[test]
fn second_answer_to_an_invocation_is_refused() {
    let (api, reports) = start();
    api.invoke("{}", MINUTE);
    call(&api, "GET", "invocation/next", "");
    let path = format!("invocation/{FIRST}/response");
    call(&api, "POST", &path, "{}");
    assert!(call(&api, "POST", &path, "{}").starts_with("HTTP/1.1 400 "));
    assert_eq!(answer(&reports).0, 0);
    assert!(matches!(reports.try_recv(), Ok(Report::Refused(_))));
}

#[test]
fn reports_without_replies_leave_the_caller_waiting() {
    let (sender, reports) = channel();
    let api = RuntimeApi::start_without_replies(move |report| drop(sender.send(report)));
    let api = api.expect("a free port");
    // The connection ends without a byte, because the client has nothing more to send.
    assert_eq!(call(&api, "POST", "init/error", "{}"), "");
    assert_eq!(reports.try_recv(), Ok(Report::InitError(json!({}))));
}

#[test]
fn drop_ends_polls_and_idle_connections() {
    let (api, _reports) = start();
    let mut poll = TcpStream::connect(api.address()).expect("a connection");
    let request = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n";
    poll.write_all(request.as_bytes()).expect("a request");
    let mut idle = TcpStream::connect(api.address()).expect("a connection");
    drop(api);
    // A reset ends a connection as well.
    assert!(matches!(poll.read(&mut [0; 1]), Ok(0) | Err(_)));
    assert!(matches!(idle.read(&mut [0; 1]), Ok(0) | Err(_)));
}
