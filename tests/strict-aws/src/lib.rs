//! A strict, fault-injecting stand-in for the AWS services that changefan calls: S3, Firehose,
//! CloudWatch Logs, EventBridge, SQS, DynamoDB, DynamoDB Streams and Kinesis.
//!
//! Emulators accept calls that AWS refuses, and never fail by themselves. This stand-in implements
//! just enough of each protocol for the real SDKs, refuses what AWS documents as refused, and
//! fails exactly when a test demands it. What it holds has been durably accepted: a test compares
//! that with what a sink reported.
//!
//! ```
//! use changefan_strict_aws::{Fault, StrictAws, in_turn};
//!
//! let aws = StrictAws::start();
//! aws.create_delivery_stream("changes");
//! aws.set_faults(in_turn([Fault::AcceptThenDrop, Fault::Status(503)]));
//! // Point an SDK at `aws.url()`, let it work, and then compare:
//! assert_eq!(aws.firehose_records("changes"), [""; 0]);
//! ```

mod answer;
mod call;
mod dynamodb;
mod dynamodb_streams;
mod eventbridge;
mod fault;
mod firehose;
mod json;
mod kinesis;
mod log_store;
mod logs;
mod queue;
mod request;
mod s3;
mod schedule;
mod server;
mod service;
mod shards;
mod sqs;
mod state;
mod wire;

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{Barrier, oneshot};

pub use call::{Call, CallInfo};
pub use eventbridge::{AbsentBus, BusEvent};
pub use fault::Fault;
pub use kinesis::KinesisRecord;
pub use log_store::LogEvent;
pub use schedule::{hang_calls, in_turn, only, refuse_calls_containing, seeded};
pub use service::Service;
use state::State;

/// The running services; they stop when dropped.
///
/// They have their own thread and runtime, so that they respond independently of the test's
/// runtime, which may block, pause time or not exist.
pub struct StrictAws {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for StrictAws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StrictAws").field("url", &self.url()).finish_non_exhaustive()
    }
}

impl StrictAws {
    /// Starts the services on a free port of 127.0.0.1, without resources and without faults.
    ///
    /// # Panics
    ///
    /// Panics when no port is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free local port");
        let address = listener.local_addr().expect("a bound socket");
        let state = Arc::new(Mutex::new(State::new(address)));
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || server::run(listener, shared, stopped));
        Self { address, state, stop: Some(stop), thread: Some(thread) }
    }

    /// The endpoint of all services. S3 is addressed by path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops the services' clock at this time, in milliseconds since 1970. Until then they use the
    /// real time.
    pub fn set_clock(&self, now_ms: i64) {
        self.state().clock = Some(now_ms);
    }

    /// Decides the fate of every call from now on. The schedule runs while the state is locked: it
    /// must not call the stand-in.
    pub fn set_faults(&self, schedule: impl FnMut(&CallInfo) -> Fault + Send + 'static) {
        self.state().schedule = Box::new(schedule);
    }

    /// Delays every response, in addition to the delay of a fault.
    pub fn set_latency(&self, latency: Duration) {
        self.state().latency = latency;
    }

    /// Limits the items of each page that `ListObjectsV2`, `DescribeStream`, `ListShards` and
    /// `GetRecords` return, below the limit of the service.
    pub fn set_page_size(&self, items: usize) {
        self.state().page_size = items;
    }

    /// Holds every response back until this many calls are in progress, and then answers these
    /// together.
    pub fn answer_in_groups_of(&self, calls: usize) {
        self.state().meeting = Some(Arc::new(Barrier::new(calls)));
    }

    /// Resets the next connections as soon as they are opened, before anything is read from them.
    pub fn reset_next_connections(&self, count: usize) {
        self.state().connections_to_reset = count;
    }

    /// Every call in the order in which the services began it, including failed ones.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The calls of an operation on a resource: see [`CallInfo::resource`].
    pub fn calls_of(&self, operation: &str, resource: &str) -> Vec<Call> {
        let mut calls = self.calls();
        calls.retain(|call| call.info.operation == operation && call.info.resource == resource);
        calls
    }

    /// The calls of `PutObject` for `bucket/key`.
    pub fn put_attempts(&self, object: &str) -> Vec<Call> {
        self.calls_of("PutObject", object)
    }

    /// The number of connections that have been opened.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// The most calls of a service that were in progress at the same time.
    pub fn max_concurrent(&self, service: Service) -> usize {
        self.state().concurrency.max(service)
    }

    /// Forgets objects, records, events and calls, but no resources.
    pub fn forget(&self) {
        self.state().forget();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        state::lock(&self.state)
    }
}

impl Drop for StrictAws {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has been printed. A second one here would abort the test.
            let _ = thread.join();
        }
    }
}
