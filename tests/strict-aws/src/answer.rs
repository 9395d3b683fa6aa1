//! The response of a service: a reply or a refusal, each in the form of its protocol.

use bytes::Bytes;
use hyper::Response;
use serde_json::{Value, json};

use crate::service::Service;
use crate::wire::AnswerBody;

/// A response, with what the log of calls records about it.
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Headers besides those that every response has.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
    /// How many records, events, entries or objects the call stored.
    pub(crate) stored: usize,
    /// The error code, for an error.
    pub(crate) code: Option<String>,
}

impl Reply {
    /// An empty success.
    pub(crate) fn ok() -> Self {
        Self { status: 200, headers: Vec::new(), body: Bytes::new(), stored: 0, code: None }
    }

    /// A success of a JSON service.
    pub(crate) fn json(body: &Value) -> Self {
        Self::ok().body(body.to_string())
    }

    /// A success of S3 with these elements.
    pub(crate) fn xml(elements: &str) -> Self {
        Self::ok().body(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{elements}"))
    }

    /// Sets the status.
    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    pub(crate) fn body(self, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self { body, ..self }
    }

    /// Sets how many records were stored.
    pub(crate) fn stored(self, stored: usize) -> Self {
        Self { stored, ..self }
    }

    /// Sets the type of the body to the service's, unless the reply has its own.
    pub(crate) fn of(self, service: Service) -> Self {
        let has_type = self.headers.iter().any(|(name, _)| name == "content-type");
        if has_type || self.body.is_empty() {
            return self;
        }
        self.header("content-type", service.content_type())
    }

    /// The whole response, ready to be sent.
    pub(crate) fn into_response(self) -> Response<AnswerBody> {
        let body = AnswerBody::whole(self.body.clone());
        self.response(body)
    }

    /// A response that ends in the middle of its body.
    pub(crate) fn into_truncated_response(self) -> Response<AnswerBody> {
        let half = self.body.slice(..self.body.len() / 2);
        // An empty body can only be cut off when it is announced as longer.
        let announced = self.body.len().max(1).to_string();
        self.header("content-length", announced).response(AnswerBody::cut_after(half))
    }

    fn response(self, body: AnswerBody) -> Response<AnswerBody> {
        let start = Response::builder()
            .status(self.status)
            .header("x-amzn-requestid", "strict-aws")
            .header("x-amz-request-id", "strict-aws");
        self.headers
            .into_iter()
            .fold(start, |response, (name, value)| response.header(name, value))
            .body(body)
            .unwrap_or_else(|_| unanswerable())
    }
}

/// Replaces a response that HTTP cannot carry, such as a status outside 100..999.
fn unanswerable() -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::whole(Bytes::new()));
    *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// A call that a service refuses as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    /// A refusal with the service's own status, code and message.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, code, message }
    }

    /// A refusal by a fault, with the code that the service uses with this status.
    pub(crate) fn injected(service: Service, status: u16) -> Self {
        let code = match (service, status) {
            (Service::S3, 301) => "PermanentRedirect",
            (Service::S3, 403) => "AccessDenied",
            (Service::S3, 405) => "MethodNotAllowed",
            (Service::S3, 409) => "ConditionalRequestConflict",
            (Service::S3, 501) => "NotImplemented",
            (Service::S3, 503) => "SlowDown",
            (Service::S3, 500..) => "InternalError",
            (Service::S3, _) => "InvalidRequest",
            (Service::Kinesis, 400 | 429) => "ProvisionedThroughputExceededException",
            (_, 400 | 429) => "ThrottlingException",
            (_, 403) => "AccessDeniedException",
            (_, 503) => "ServiceUnavailableException",
            (_, 500..) => "InternalFailure",
            _ => "ValidationException",
        };
        Self::new(status, code, "injected by the test")
    }

    /// The code of the error.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// The refusal in the form of the service's protocol.
    pub(crate) fn into_reply(self, service: Service) -> Reply {
        let code = self.code;
        let reply = match service {
            Service::S3 => Reply::xml(&self.xml()),
            _ => {
                let kind = format!("{}{code}", service.error_namespace());
                Reply::json(&json!({"__type": kind, "message": self.message}))
            }
        };
        let reply = match service {
            Service::Sqs => reply.header("x-amzn-query-error", format!("{};Sender", query(code))),
            _ => reply,
        };
        Reply { status: self.status, code: Some(code.to_owned()), ..reply }
    }

    fn xml(&self) -> String {
        let (code, message) = (self.code, xml_escape(&self.message));
        format!(
            "<Error><Code>{code}</Code><Message>{message}</Message>\
             <RequestId>strict-aws</RequestId></Error>"
        )
    }
}

/// The code of an SQS error in the older query protocol, which SQS sends along in a header.
fn query(code: &str) -> &str {
    match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        _ => code,
    }
}

/// Escapes text for XML. S3 writes control characters as numeric references.
pub(crate) fn xml_escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ if character.is_control() => {
                escaped.push_str(&format!("&#x{:x};", u32::from(character)));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}
