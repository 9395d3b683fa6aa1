//! Lambda's Runtime API on 127.0.0.1, as far as functions use it.
//!
//! Tests and benchmarks start a real function with `AWS_LAMBDA_RUNTIME_API` set to
//! [`RuntimeApi::address`], queue invocations, and receive what the function reports. The server
//! uses threads and blocking sockets and parses as little as it can: in a benchmark, its own work
//! is done on the machine that is being measured.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! ```
//! use std::sync::mpsc::channel;
//! use std::time::Duration;
//! use changefan_fake_lambda::{Due, RuntimeApi};
//!
//! let (sender, reports) = channel();
//! let api = RuntimeApi::start(move |report| drop(sender.send(report)))?;
//! let number = api.invoke("{}", Due::After(Duration::from_secs(3)));
//! assert_eq!(number, 0);
//! // Start a function with AWS_LAMBDA_RUNTIME_API={api.address()}, then read `reports`.
//! # assert!(reports.try_recv().is_err());
//! # std::io::Result::Ok(())
//! ```

pub mod http;
mod server;

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::Value;

use crate::server::Server;

/// The deadline of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// This long after it was sent to the function. A later answer is [`Answer::TimedOut`], as in
    /// Lambda.
    After(Duration),
    /// Before it was sent to the function, as local runtimes report that keep no time. An answer
    /// never times out.
    InThePast,
}

impl Due {
    /// The deadline of a call that starts now; none without a limit.
    fn instant(self) -> Option<Instant> {
        match self {
            Self::After(time) => Some(Instant::now() + time),
            Self::InThePast => None,
        }
    }

    /// The deadline as the function receives it.
    fn unix_milliseconds(self) -> u128 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        match self {
            Self::After(time) => (now + time).as_millis(),
            Self::InThePast => now.as_millis() - 60_000,
        }
    }
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With this response.
    Response(Value),
    /// With this error.
    Error(Value),
    /// With a response or an error after the deadline, which Lambda discards.
    TimedOut,
}

/// What the function reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// An invocation has ended.
    Answered {
        /// The number that [`RuntimeApi::invoke`] returned.
        number: usize,
        /// How it ended.
        answer: Answer,
        /// The time from sending the payload to reading the answer.
        elapsed: Duration,
    },
    /// The function could not be initialized.
    InitError(Value),
    /// A call that Lambda would have refused: its method, path and body.
    Refused(String),
}

/// A server on a free port of 127.0.0.1 that stops when it is dropped.
pub struct RuntimeApi {
    address: SocketAddr,
    server: Arc<Server>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for RuntimeApi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RuntimeApi").field("address", &self.address).finish_non_exhaustive()
    }
}

impl RuntimeApi {
    /// Starts to serve. `on_report` receives each report, before the function receives a reply, on
    /// the thread of the function's connection.
    ///
    /// # Errors
    ///
    /// Returns the error of binding the socket.
    pub fn start(on_report: impl Fn(Report) + Send + Sync + 'static) -> io::Result<Self> {
        Self::serve(Server::new(true, Box::new(on_report)))
    }

    /// Starts to serve without ever replying to a report, so that a function does nothing after
    /// its first one. A counter of instructions then stops at the answer.
    ///
    /// # Errors
    ///
    /// Returns the error of binding the socket.
    pub fn start_without_replies(
        on_report: impl Fn(Report) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Self::serve(Server::new(false, Box::new(on_report)))
    }

    fn serve(server: Server) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let server = Arc::new(server);
        let shared = Arc::clone(&server);
        let thread = thread::spawn(move || shared.accept(&listener));
        Ok(Self { address, server, thread: Some(thread) })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Queues an invocation for the next poll of the function. Returns its number, counted from 0.
    pub fn invoke(&self, payload: impl Into<Bytes>, due: Due) -> usize {
        self.server.queue(payload.into(), due)
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.stop();
        // The server leaves `accept` at the next connection.
        drop(TcpStream::connect(self.address));
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the Runtime API panicked");
        }
    }
}
