//! Connections of a function, and the invocations that they share.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use serde_json::Value;

use crate::http::{Connection, Head};
use crate::{Answer, Due, Report};

const NEXT: &str = "/2018-06-01/runtime/invocation/next";
const INIT_ERROR: &str = "/2018-06-01/runtime/init/error";
const INVOCATION: &str = "/2018-06-01/runtime/invocation/";

/// The state of the server, shared by the threads of its connections.
pub(crate) struct Server {
    replies: bool,
    on_report: Box<dyn Fn(Report) + Send + Sync>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopped: bool,
    invoked: usize,
    waiting: VecDeque<Invocation>,
    /// Invocations that the function works on, by number.
    running: HashMap<usize, Running>,
    admitted: usize,
    /// Open connections, shut down when the server stops so that no thread keeps reading.
    connections: HashMap<usize, TcpStream>,
}

struct Invocation {
    number: usize,
    payload: Bytes,
    due: Due,
}

struct Running {
    started: Instant,
    deadline: Option<Instant>,
}

impl Server {
    pub(crate) fn new(replies: bool, on_report: Box<dyn Fn(Report) + Send + Sync>) -> Self {
        Self { replies, on_report, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Queues an invocation and returns its number.
    pub(crate) fn queue(&self, payload: Bytes, due: Due) -> usize {
        let mut state = self.lock();
        let number = state.invoked;
        state.invoked += 1;
        state.waiting.push_back(Invocation { number, payload, due });
        self.changed.notify_one();
        number
    }

    /// Ends all connections and serves no new ones.
    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        for connection in state.connections.values() {
            // The function may have closed it already.
            let _ = connection.shutdown(Shutdown::Both);
        }
        self.changed.notify_all();
    }

    /// Serves connections, one thread each, until [`Server::stop`].
    pub(crate) fn accept(&self, listener: &TcpListener) {
        thread::scope(|scope| {
            for stream in listener.incoming().flatten() {
                let Some(id) = self.admit(&stream) else { break };
                scope.spawn(move || {
                    // A function that is killed breaks its connections off.
                    let _ = self.serve(stream);
                    self.lock().connections.remove(&id);
                });
            }
        });
    }

    /// Registers a connection; none when the server has stopped.
    fn admit(&self, stream: &TcpStream) -> Option<usize> {
        let mut state = self.lock();
        if state.stopped {
            return None;
        }
        let id = state.admitted;
        state.admitted += 1;
        state.connections.extend(stream.try_clone().ok().map(|stream| (id, stream)));
        Some(id)
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut connection = Connection::new(stream);
        while let Some(head) = connection.head()? {
            let body = connection.body(&head)?;
            if head.method == "GET" && head.path == NEXT {
                let Some(invocation) = self.next() else { break };
                self.hand_out(&mut connection, invocation)?;
                continue;
            }
            let report = self.report(&head, &body);
            let status = if report.is_some() { "202 Accepted" } else { "400 Bad Request" };
            (self.on_report)(report.unwrap_or_else(|| refused(&head, &body)));
            if self.replies {
                connection.answer(status, "", b"{}")?;
            }
        }
        Ok(())
    }

    /// Waits for an invocation, as Lambda does; none when the server stops.
    fn next(&self) -> Option<Invocation> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            match state.waiting.pop_front() {
                Some(invocation) => return Some(invocation),
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn hand_out(
        &self,
        connection: &mut Connection<TcpStream>,
        invocation: Invocation,
    ) -> io::Result<()> {
        let Invocation { number, payload, due } = invocation;
        let headers = format!(
            "lambda-runtime-aws-request-id: {}\r\n\
             lambda-runtime-deadline-ms: {}\r\n\
             lambda-runtime-invoked-function-arn: \
             arn:aws:lambda:eu-west-1:123456789012:function:fan\r\n\
             lambda-runtime-trace-id: Root=1-00000000-000000000000000000000000;Sampled=0\r\n",
            request_id(number),
            due.unix_milliseconds(),
        );
        let running = Running { started: Instant::now(), deadline: due.instant() };
        self.lock().running.insert(number, running);
        connection.answer("200 OK", &headers, &payload)
    }

    /// What a call reports; none when Lambda would refuse it.
    fn report(&self, head: &Head, body: &[u8]) -> Option<Report> {
        let now = Instant::now();
        if head.method != "POST" {
            return None;
        }
        let value: Value = serde_json::from_slice(body).ok()?;
        if head.path == INIT_ERROR {
            return Some(Report::InitError(value));
        }
        let (id, kind) = head.path.strip_prefix(INVOCATION)?.split_once('/')?;
        let answer = match kind {
            "response" => Answer::Response(value),
            "error" => Answer::Error(value),
            _ => return None,
        };
        let number = number(id)?;
        let Running { started, deadline } = self.lock().running.remove(&number)?;
        let late = deadline.is_some_and(|deadline| now > deadline);
        let answer = if late { Answer::TimedOut } else { answer };
        Some(Report::Answered { number, answer, elapsed: now - started })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(head: &Head, body: &[u8]) -> Report {
    Report::Refused(format!("{} {} {}", head.method, head.path, String::from_utf8_lossy(body)))
}

const REQUEST_ID: &str = "00000000-0000-4000-8000-";

fn request_id(number: usize) -> String {
    format!("{REQUEST_ID}{number:012}")
}

/// The number in a request id.
fn number(id: &str) -> Option<usize> {
    id.strip_prefix(REQUEST_ID)?.parse().ok()
}
