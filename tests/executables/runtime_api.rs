//! Lambda's Runtime API, as far as a function speaks it.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

const NEXT: &str = "/2018-06-01/runtime/invocation/next";
const INIT_ERROR: &str = "/2018-06-01/runtime/init/error";

/// When an invocation must have been answered.
#[derive(Clone, Copy, Debug)]
pub enum Due {
    /// So long after it was handed out. A later answer is [`Answer::TimedOut`], as in Lambda.
    After(Duration),
    /// Before it was handed out, as local runtimes say that do not count the time.
    InThePast,
}

/// What became of an invocation.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Response(Value),
    Error(Value),
    TimedOut,
}

/// What the function told, and how it ended.
#[derive(Debug)]
pub enum Report {
    /// The invocation of this number.
    Answered(usize, Answer),
    InitError(Value),
    /// Something that Lambda would have refused.
    Refused(String),
    /// The process has ended. The API does not know this; whoever watches the process does.
    Ended,
}

/// A server on 127.0.0.1 that stops when it is dropped.
pub struct RuntimeApi {
    address: SocketAddr,
    invocations: UnboundedSender<Invocation>,
    handed_over: AtomicUsize,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Invocation {
    number: usize,
    payload: Bytes,
    due: Due,
}

/// What the server's connections share.
struct State {
    waiting: tokio::sync::Mutex<UnboundedReceiver<Invocation>>,
    /// The invocations that the function works on, by their ids, with their numbers.
    under_way: Mutex<HashMap<String, (usize, Option<Instant>)>>,
    reports: mpsc::Sender<Report>,
}

impl RuntimeApi {
    /// Starts to serve; what the function tells goes to `reports`.
    pub fn start(reports: mpsc::Sender<Report>) -> Self {
        let listener = StdListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (invocations, waiting) = unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let state = State {
            waiting: tokio::sync::Mutex::new(waiting),
            under_way: Mutex::default(),
            reports,
        };
        let thread = thread::spawn(move || serve(listener, Arc::new(state), stopped));
        RuntimeApi {
            address,
            invocations,
            handed_over: AtomicUsize::new(0),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Queues an invocation for a function that asks for the next one, and returns its number.
    pub fn invoke(&self, payload: Bytes, due: Due) -> usize {
        let number = self.handed_over.fetch_add(1, Ordering::Relaxed);
        self.invocations.send(Invocation { number, payload, due }).expect("a server that listens");
        number
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the Runtime API panicked");
        }
    }
}

fn serve(listener: StdListener, state: Arc<State>, stopped: oneshot::Receiver<()>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        tokio::select! {
            () = accept(listener, state) => {}
            _ = stopped => {}
        }
    });
}

async fn accept(listener: StdListener, state: Arc<State>) {
    listener.set_nonblocking(true).expect("a socket without blocking");
    let listener = TcpListener::from_std(listener).expect("a listening socket");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let state = state.clone();
        let service = service_fn(move |request| answer(request, state.clone()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<State>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if head.method == Method::GET && path == NEXT {
        return Ok(state.next().await);
    }
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let refuse =
        || Report::Refused(format!("{} {path} {}", head.method, String::from_utf8_lossy(&body)));
    let report = if head.method == Method::POST { state.report(path, &body) } else { None };
    let status = if report.is_some() { 202 } else { 400 };
    // A test that has ended does not listen any more.
    let _ = state.reports.send(report.unwrap_or_else(refuse));
    Ok(response(status).body(Full::from("{}")).expect("a response"))
}

impl State {
    /// Waits until there is an invocation, as Lambda does.
    async fn next(&self) -> Response<Full<Bytes>> {
        let Some(Invocation { number, payload, due }) = self.waiting.lock().await.recv().await
        else {
            return response(500).body(Full::default()).expect("a response");
        };
        self.under_way().insert(request_id(number), (number, due.instant()));
        let response = response(200)
            .header("Lambda-Runtime-Aws-Request-Id", request_id(number))
            .header("Lambda-Runtime-Deadline-Ms", due.unix_milliseconds().to_string())
            .header(
                "Lambda-Runtime-Invoked-Function-Arn",
                "arn:aws:lambda:eu-west-1:123456789012:function:fan",
            )
            .header(
                "Lambda-Runtime-Trace-Id",
                "Root=1-00000000-000000000000000000000000;Sampled=0",
            );
        response.body(Full::new(payload)).expect("a response")
    }

    /// What a POST says; `None` when Lambda would not take it.
    fn report(&self, path: &str, body: &[u8]) -> Option<Report> {
        let value: Value = serde_json::from_slice(body).ok()?;
        if path == INIT_ERROR {
            return Some(Report::InitError(value));
        }
        let (id, kind) = path.strip_prefix("/2018-06-01/runtime/invocation/")?.split_once('/')?;
        let answer = match kind {
            "response" => Answer::Response(value),
            "error" => Answer::Error(value),
            _ => return None,
        };
        let (number, deadline) = self.under_way().remove(id)?;
        let late = deadline.is_some_and(|deadline| Instant::now() > deadline);
        Some(Report::Answered(number, if late { Answer::TimedOut } else { answer }))
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<String, (usize, Option<Instant>)>> {
        self.under_way.lock().expect("the invocations under way")
    }
}

impl Due {
    fn instant(self) -> Option<Instant> {
        match self {
            Due::After(time) => Some(Instant::now() + time),
            Due::InThePast => None,
        }
    }

    fn unix_milliseconds(self) -> u128 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
        match self {
            Due::After(time) => (now + time).as_millis(),
            Due::InThePast => now.as_millis() - 60_000,
        }
    }
}

fn request_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn response(status: u16) -> hyper::http::response::Builder {
    Response::builder().status(status).header("Content-Type", "application/json")
}
