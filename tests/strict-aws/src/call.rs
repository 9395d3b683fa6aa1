//! What is known of a call: before it is carried out, and when it is over.

use hyper::HeaderMap;

use crate::answer::{Refusal, Reply};
use crate::fault::Fault;
use crate::state::State;

/// The services that this endpoint speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Amazon S3.
    S3,
    /// Amazon Data Firehose.
    Firehose,
    /// CloudWatch Logs.
    Logs,
    /// A JSON request for none of the above: always refused.
    Unknown,
}

impl Service {
    /// The header by which the JSON services are told apart; S3 has none.
    pub const TARGET: &str = "x-amz-target";

    /// The service that a request is for.
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(target) = headers.get(Self::TARGET) else {
            return Self::S3;
        };
        match target.to_str().ok().and_then(|target| target.split_once('.')) {
            Some(("Firehose_20150804", _)) => Self::Firehose,
            Some(("Logs_20140328", _)) => Self::Logs,
            _ => Self::Unknown,
        }
    }
}

/// A call as a fault schedule sees it, before it is carried out.
#[derive(Clone, Debug)]
pub struct CallInfo {
    /// The service that is called.
    pub service: Service,
    /// The operation by its API name, such as `PutRecordBatch`.
    pub operation: String,
    /// What it works on: a delivery stream, `group/stream`, `bucket/key`, or empty when the request does not tell.
    pub resource: String,
    /// How many records, events or objects it wants to store.
    pub records: usize,
    /// Length of the request's body as it was sent.
    pub bytes: usize,
    /// The `Content-Encoding` of the body, `aws-chunked` left out.
    pub content_encoding: Option<String>,
    /// Position among all calls, from 0.
    pub number: usize,
    /// Position among the calls of this operation on this resource, from 0.
    pub attempt: usize,
}

/// A call that is over.
#[derive(Clone, Debug)]
pub struct Call {
    /// What was asked.
    pub info: CallInfo,
    /// What the schedule decided.
    pub fault: Fault,
    /// How many records, events or objects it stored.
    pub stored: usize,
    /// The status of the answer; none when there was no answer.
    pub status: Option<u16>,
    /// The error code of the answer; none when it told success.
    pub code: Option<String>,
}

/// Carries an operation out. The fault is there for the services that can refuse single records.
pub type Run = Box<dyn FnOnce(&mut State, &Fault) -> Result<Reply, Refusal> + Send>;

/// A request that has been understood and not yet been carried out.
pub struct Operation {
    /// Its API name.
    pub name: String,
    /// See [`CallInfo::resource`].
    pub resource: String,
    /// See [`CallInfo::records`].
    pub records: usize,
    /// What it does.
    pub run: Run,
}

impl Operation {
    /// An operation that stores nothing.
    pub fn new(
        name: &str,
        resource: impl Into<String>,
        run: impl FnOnce(&mut State, &Fault) -> Result<Reply, Refusal> + Send + 'static,
    ) -> Self {
        Self { name: name.to_owned(), resource: resource.into(), records: 0, run: Box::new(run) }
    }

    /// Says how many records it wants to store.
    pub fn storing(self, records: usize) -> Self {
        Self { records, ..self }
    }

    /// An operation that can only be refused.
    pub fn refused(name: &str, refusal: Refusal) -> Self {
        Self::new(name, "", move |_, _| Err(refusal))
    }
}
