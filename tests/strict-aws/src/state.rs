//! The state of all services, behind one lock.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Barrier;

use crate::answer::Reply;
use crate::call::{Call, CallInfo, Operation};
use crate::dynamodb::DynamoDb;
use crate::dynamodb_streams::DynamoDbStreams;
use crate::eventbridge::EventBridge;
use crate::fault::Fault;
use crate::firehose::Firehose;
use crate::kinesis::Kinesis;
use crate::log_store::Logs;
use crate::request::Request;
use crate::s3::S3;
use crate::server::Outcome;
use crate::service::Service;
use crate::sqs::Sqs;

/// Decides the fate of calls.
pub(crate) type Schedule = Box<dyn FnMut(&CallInfo) -> Fault + Send>;

/// The state of all services.
pub(crate) struct State {
    /// Amazon S3.
    pub(crate) s3: S3,
    /// Amazon Data Firehose.
    pub(crate) firehose: Firehose,
    /// CloudWatch Logs.
    pub(crate) logs: Logs,
    /// Amazon EventBridge.
    pub(crate) eventbridge: EventBridge,
    /// Amazon SQS.
    pub(crate) sqs: Sqs,
    /// Amazon DynamoDB.
    pub(crate) dynamodb: DynamoDb,
    /// Amazon DynamoDB Streams.
    pub(crate) dynamodb_streams: DynamoDbStreams,
    /// Amazon Kinesis Data Streams.
    pub(crate) kinesis: Kinesis,
    /// Where the services listen.
    pub(crate) address: SocketAddr,
    /// The time at which the clock was stopped.
    pub(crate) clock: Option<i64>,
    /// The most items of a page, below what each service allows.
    pub(crate) page_size: usize,
    /// Decides the fate of calls.
    pub(crate) schedule: Schedule,
    /// How long every response waits.
    pub(crate) latency: Duration,
    /// Where calls wait for one another before they are answered.
    pub(crate) meeting: Option<Arc<Barrier>>,
    /// How many of the next connections are reset when they are opened.
    pub(crate) connections_to_reset: usize,
    /// How many connections were opened.
    pub(crate) connections: usize,
    /// The calls so far.
    pub(crate) calls: Vec<Call>,
    /// How many calls were in progress at the same time.
    pub(crate) concurrency: Concurrency,
    nths: BTreeMap<(Service, String), usize>,
    attempts: BTreeMap<(Service, String, String), usize>,
}

impl State {
    /// The state of services without resources.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            s3: S3::default(),
            firehose: Firehose::default(),
            logs: Logs::default(),
            eventbridge: EventBridge::default(),
            sqs: Sqs::default(),
            dynamodb: DynamoDb::default(),
            dynamodb_streams: DynamoDbStreams::default(),
            kinesis: Kinesis::default(),
            clock: None,
            page_size: usize::MAX,
            schedule: Box::new(|_| Fault::None),
            latency: Duration::ZERO,
            meeting: None,
            connections_to_reset: 0,
            connections: 0,
            calls: Vec::new(),
            concurrency: Concurrency::default(),
            nths: BTreeMap::new(),
            attempts: BTreeMap::new(),
        }
    }
}

/// Locks the state. A schedule that panics fails its own test; it leaves the state consistent.
pub(crate) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// The services' time, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let real = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        self.clock.unwrap_or(real)
    }

    /// Forgets what was delivered and called.
    pub(crate) fn forget(&mut self) {
        self.s3.forget();
        self.firehose.forget();
        self.logs.forget();
        self.eventbridge.forget();
        self.calls.clear();
        self.nths.clear();
        self.attempts.clear();
    }

    /// Carries a call out as far as its fault allows, and logs it.
    pub(crate) fn carry_out(
        &mut self,
        service: Service,
        request: &Request,
        operation: Operation,
    ) -> (Duration, Outcome) {
        let info = self.describe(service, request, &operation);
        let fault = (self.schedule)(&info);
        let reply = if fault.lets_through() {
            let done = (operation.run)(self, &fault);
            done.unwrap_or_else(|refusal| refusal.into_reply(service))
        } else {
            Reply::ok()
        };
        let stored = reply.stored;
        let outcome = Outcome::of(&fault, service, reply.of(service));
        let delay = match fault {
            Fault::Delay(delay) => self.latency + delay,
            _ => self.latency,
        };
        let (status, code) = outcome.seen();
        self.calls.push(Call { info, fault, stored, status, code });
        (delay, outcome)
    }

    fn describe(&mut self, service: Service, request: &Request, operation: &Operation) -> CallInfo {
        let nth = count(self.nths.entry((service, operation.name.clone())));
        let key = (service, operation.name.clone(), operation.resource.clone());
        let attempt = count(self.attempts.entry(key));
        CallInfo {
            service,
            operation: operation.name.clone(),
            resource: operation.resource.clone(),
            records: operation.records,
            bytes: request.body.len(),
            content_encoding: request.content_encoding(),
            number: self.calls.len(),
            nth,
            attempt,
        }
    }
}

/// The count before this one.
fn count<K: Ord>(entry: Entry<'_, K, usize>) -> usize {
    let count = entry.or_default();
    *count += 1;
    *count - 1
}

/// Counts calls in progress.
#[derive(Default)]
pub(crate) struct Concurrency {
    now: BTreeMap<Service, usize>,
    max: BTreeMap<Service, usize>,
}

impl Concurrency {
    /// The most so far.
    pub(crate) fn max(&self, service: Service) -> usize {
        self.max.get(&service).copied().unwrap_or_default()
    }

    /// One more.
    pub(crate) fn enter(&mut self, service: Service) {
        let now = self.now.entry(service).or_default();
        *now += 1;
        let max = self.max.entry(service).or_default();
        *max = (*max).max(*now);
    }

    /// One less.
    pub(crate) fn leave(&mut self, service: Service) {
        if let Some(now) = self.now.get_mut(&service) {
            *now = now.saturating_sub(1);
        }
    }
}
