//! A strict, fault-injecting stand-in for S3, Firehose and CloudWatch Logs.
//!
//! Emulators forgive: they take calls that AWS refuses and never fail by themselves. This service is the opposite. It
//! speaks just enough of each protocol for the real SDKs, refuses whatever AWS documents as refused, and fails exactly
//! when a test says so. What it holds is what "durably accepted" means: a test compares that with what a sink claimed.
//!
//! ```ignore
//! let aws = StrictAws::start();
//! aws.create_delivery_stream("changes");
//! aws.set_faults(in_turn([Fault::AcceptThenDrop, Fault::Status(503)]));
//! // … point an SDK at `aws.url()`, let it work, and then:
//! assert_eq!(aws.firehose_records("changes").len(), 2);
//! ```

mod answer;
mod call;
mod fault;
mod firehose;
mod json;
mod log_store;
mod logs;
mod request;
mod s3;
mod s3_body;
mod server;
mod state;
mod wire;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Barrier, oneshot};

pub use call::{Call, CallInfo, Service};
pub use fault::{Fault, in_turn, seeded};
pub use log_store::LogEvent;
use state::State;

/// The running service; it stops when dropped.
///
/// It has a thread and a runtime of its own, so that it answers whatever the test's runtime is doing: blocking, paused
/// time, or none at all.
pub struct StrictAws {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl StrictAws {
    /// Starts the service on a free port of 127.0.0.1, with nothing declared and no faults.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free local port");
        let address = listener.local_addr().expect("a bound socket");
        let state = Arc::new(Mutex::new(State::default()));
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || server::run(listener, shared, stopped));
        Self { address, state, stop: Some(stop), thread: Some(thread) }
    }

    /// The endpoint of all three services. S3 is addressed by path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Declares a bucket.
    pub fn create_bucket(&self, bucket: &str) {
        self.state().s3.create_bucket(bucket);
    }

    /// Declares a Firehose delivery stream.
    pub fn create_delivery_stream(&self, stream: &str) {
        self.state().firehose.create_stream(stream);
    }

    /// Declares a log group that never expires. Its streams are made by `CreateLogStream`.
    pub fn create_log_group(&self, group: &str) {
        self.state().logs.create_group(group);
    }

    /// Sets the retention of a declared log group.
    pub fn set_retention_days(&self, group: &str, days: u32) {
        self.state().logs.set_retention_days(group, days);
    }

    /// Stops the services' clock at this time, in milliseconds since 1970. Until then they use the real time.
    pub fn set_clock(&self, now_ms: i64) {
        self.state().clock = Some(now_ms);
    }

    /// Decides the fate of every call from now on. The schedule runs inside the service: it must not call back into it.
    pub fn set_faults(&self, schedule: impl FnMut(&CallInfo) -> Fault + Send + 'static) {
        self.state().schedule = Box::new(schedule);
    }

    /// Makes every answer wait this long, in addition to what a fault adds.
    pub fn set_latency(&self, latency: Duration) {
        self.state().latency = latency;
    }

    /// Holds every answer back until so many calls are in hand, and then answers these together.
    pub fn answer_in_groups_of(&self, calls: usize) {
        self.state().meeting = Some(Arc::new(Barrier::new(calls)));
    }

    /// Resets the next connections as soon as they are opened, before anything is read from them.
    pub fn reset_next_connections(&self, count: usize) {
        self.state().connections_to_reset = count;
    }

    /// Every stored object by `bucket/key`.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        self.state().s3.objects()
    }

    /// Every record that the stream accepted, in order of acceptance, repeats included.
    pub fn firehose_records(&self, stream: &str) -> Vec<Bytes> {
        self.state().firehose.records(stream)
    }

    /// Every event that the log stream accepted, in order of acceptance, repeats included.
    pub fn log_events(&self, group: &str, stream: &str) -> Vec<LogEvent> {
        self.state().logs.events(group, stream)
    }

    /// Every call in the order in which the services took them up, whatever became of it.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The calls that tried to put `bucket/key`.
    pub fn put_attempts(&self, object: &str) -> Vec<Call> {
        let is_put =
            |call: &Call| call.info.operation == "PutObject" && call.info.resource == object;
        self.calls().into_iter().filter(is_put).collect()
    }

    /// How many connections have been opened.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// The most calls that a service has had in hand at the same time.
    pub fn max_concurrent(&self, service: Service) -> usize {
        self.state().concurrency.max(service)
    }

    /// Forgets objects, records, events and calls, but nothing that was declared: for benches that run long.
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
            // A panic of that thread has already been printed, and a second one here would abort the test.
            let _ = thread.join();
        }
    }
}
