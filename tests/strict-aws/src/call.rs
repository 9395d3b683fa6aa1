//! What is known about a call: before it is carried out, and when it is over.

use crate::answer::{Refusal, Reply};
use crate::fault::Fault;
use crate::service::Service;
use crate::state::State;

/// A call as a fault schedule sees it, before it is carried out.
#[derive(Clone, Debug)]
pub struct CallInfo {
    /// The service that is called.
    pub service: Service,
    /// The operation by its API name, such as `PutRecordBatch`.
    pub operation: String,
    /// The resource: a delivery stream, `group/stream`, `bucket/key`, a bus, a queue, a table, a
    /// stream or `stream/shard`. Empty when the request does not name one.
    pub resource: String,
    /// How many records, events, entries or objects the call stores if it succeeds.
    pub records: usize,
    /// Length of the request's body as it was sent.
    pub bytes: usize,
    /// The `Content-Encoding` of the body, without `aws-chunked`.
    pub content_encoding: Option<String>,
    /// Position among all calls, from 0.
    pub number: usize,
    /// Position among the calls of this operation on any resource, from 0.
    pub nth: usize,
    /// Position among the calls of this operation on this resource, from 0.
    pub attempt: usize,
}

/// A call that is over.
#[derive(Clone, Debug)]
pub struct Call {
    /// What was requested.
    pub info: CallInfo,
    /// What the schedule decided.
    pub fault: Fault,
    /// How many records, events, entries or objects the call stored.
    pub stored: usize,
    /// The status of the response; none when there was no response.
    pub status: Option<u16>,
    /// The error code of the response; none for a success.
    pub code: Option<String>,
}

/// Carries an operation out. The fault is for services that can reject single records.
pub(crate) type Run = Box<dyn FnOnce(&mut State, &Fault) -> Result<Reply, Refusal> + Send>;

/// A request that has been parsed and not been carried out.
pub(crate) struct Operation {
    /// Its API name.
    pub(crate) name: String,
    /// See [`CallInfo::resource`].
    pub(crate) resource: String,
    /// See [`CallInfo::records`].
    pub(crate) records: usize,
    /// What it does.
    pub(crate) run: Run,
}

impl Operation {
    /// An operation that stores nothing.
    pub(crate) fn new(
        name: &str,
        resource: impl Into<String>,
        run: impl FnOnce(&mut State, &Fault) -> Result<Reply, Refusal> + Send + 'static,
    ) -> Self {
        Self { name: name.to_owned(), resource: resource.into(), records: 0, run: Box::new(run) }
    }

    /// Sets how many records the operation stores if it succeeds.
    pub(crate) fn storing(self, records: usize) -> Self {
        Self { records, ..self }
    }

    /// An operation that can only be refused.
    pub(crate) fn refused(name: &str, refusal: Refusal) -> Self {
        Self::new(name, "", move |_, _| Err(refusal))
    }
}
