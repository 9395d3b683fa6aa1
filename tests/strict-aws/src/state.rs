//! Everything the services know, behind one lock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Barrier;

use crate::answer::Reply;
use crate::call::{Call, CallInfo, Operation, Service};
use crate::fault::Fault;
use crate::firehose::Firehose;
use crate::log_store::Logs;
use crate::request::Request;
use crate::s3::S3;
use crate::server::Outcome;

/// Decides the fate of calls.
pub type Schedule = Box<dyn FnMut(&CallInfo) -> Fault + Send>;

/// Everything the services know.
pub struct State {
    /// Amazon S3.
    pub s3: S3,
    /// Amazon Data Firehose.
    pub firehose: Firehose,
    /// CloudWatch Logs.
    pub logs: Logs,
    /// The time at which the clock was stopped.
    pub clock: Option<i64>,
    /// Decides the fate of calls.
    pub schedule: Schedule,
    /// How long every answer waits.
    pub latency: Duration,
    /// Where calls wait for one another before they are answered.
    pub meeting: Option<Arc<Barrier>>,
    /// How many of the next connections are reset when they are opened.
    pub connections_to_reset: usize,
    /// How many connections were opened.
    pub connections: usize,
    /// The calls so far.
    pub calls: Vec<Call>,
    /// How many calls were in hand at the same time.
    pub concurrency: Concurrency,
    attempts: BTreeMap<(Service, String, String), usize>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            s3: S3::default(),
            firehose: Firehose::default(),
            logs: Logs::default(),
            clock: None,
            schedule: Box::new(|_| Fault::None),
            latency: Duration::ZERO,
            meeting: None,
            connections_to_reset: 0,
            connections: 0,
            calls: Vec::new(),
            concurrency: Concurrency::default(),
            attempts: BTreeMap::new(),
        }
    }
}

/// Locks the state. A schedule that panicked has failed its own test already; the others' data is still sound.
pub fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// The services' time, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let real = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        self.clock.unwrap_or(real)
    }

    /// Forgets what was stored and called.
    pub fn forget(&mut self) {
        self.s3.forget();
        self.firehose.forget();
        self.logs.forget();
        self.calls.clear();
        self.attempts.clear();
    }

    /// Carries a call out as far as its fault allows, and logs it.
    pub fn carry_out(
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
        let outcome = Outcome::of(&fault, service, reply);
        let delay = match fault {
            Fault::Delay(delay) => self.latency + delay,
            _ => self.latency,
        };
        let (status, code) = outcome.told();
        self.calls.push(Call { info, fault, stored, status, code });
        (delay, outcome)
    }

    fn describe(&mut self, service: Service, request: &Request, operation: &Operation) -> CallInfo {
        let key = (service, operation.name.clone(), operation.resource.clone());
        let attempts = self.attempts.entry(key).or_default();
        let attempt = *attempts;
        *attempts += 1;
        CallInfo {
            service,
            operation: operation.name.clone(),
            resource: operation.resource.clone(),
            records: operation.records,
            bytes: request.body.len(),
            content_encoding: request.content_encoding(),
            number: self.calls.len(),
            attempt,
        }
    }
}

/// Counts calls in hand.
#[derive(Default)]
pub struct Concurrency {
    now: BTreeMap<Service, usize>,
    max: BTreeMap<Service, usize>,
}

impl Concurrency {
    /// The most so far.
    pub fn max(&self, service: Service) -> usize {
        self.max.get(&service).copied().unwrap_or_default()
    }

    /// One more.
    pub fn enter(&mut self, service: Service) {
        let now = self.now.entry(service).or_default();
        *now += 1;
        let max = self.max.entry(service).or_default();
        *max = (*max).max(*now);
    }

    /// One less.
    pub fn leave(&mut self, service: Service) {
        if let Some(now) = self.now.get_mut(&service) {
            *now = now.saturating_sub(1);
        }
    }
}
