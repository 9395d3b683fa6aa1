//! What a service answers: a reply or a refusal, each in the service's own shape.

use bytes::Bytes;
use hyper::Response;
use serde_json::{Value, json};

use crate::call::Service;
use crate::wire::AnswerBody;

/// A service's answer, with what the log of calls wants to know of it.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers besides those that every answer has.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
    /// How many records, events or objects the call stored.
    pub stored: usize,
    /// The error code, when the answer is an error.
    pub code: Option<String>,
}

impl Reply {
    /// An empty success.
    pub fn ok() -> Self {
        Self { status: 200, headers: Vec::new(), body: Bytes::new(), stored: 0, code: None }
    }

    /// A success in the JSON protocol.
    pub fn json(body: &Value) -> Self {
        Self::ok().header("content-type", "application/x-amz-json-1.1").body(body.to_string())
    }

    /// A success in S3's protocol.
    pub fn xml(body: String) -> Self {
        Self::ok().header("content-type", "application/xml").body(body)
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the body.
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self { body, ..self }
    }

    /// Says how many records were stored.
    pub fn stored(self, stored: usize) -> Self {
        Self { stored, ..self }
    }

    /// The whole answer, ready to be sent.
    pub fn into_response(self) -> Response<AnswerBody> {
        let body = AnswerBody::whole(self.body.clone());
        self.response(body)
    }

    /// An answer that announces more than it then sends.
    pub fn into_truncated_response(self) -> Response<AnswerBody> {
        let half = self.body.slice(..self.body.len() / 2);
        let announced = (self.body.len() + 1).to_string();
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

/// Stands in for an answer that HTTP cannot carry, such as a status outside 100..999 that a test asked for.
fn unanswerable() -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::whole(Bytes::new()));
    *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// A call that a service refuses as a whole.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    /// A refusal with the service's own status, code and words.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, code, message }
    }

    /// A refusal by a fault, with the code that the service uses with this status.
    pub fn injected(service: Service, status: u16) -> Self {
        let code = match (service, status) {
            (Service::S3, 403) => "AccessDenied",
            (Service::S3, 409) => "ConditionalRequestConflict",
            (Service::S3, 503) => "SlowDown",
            (Service::S3, 500..) => "InternalError",
            (Service::S3, _) => "InvalidRequest",
            (_, 400 | 429) => "ThrottlingException",
            (_, 403) => "AccessDeniedException",
            (_, 503) => "ServiceUnavailableException",
            (_, 500..) => "InternalFailure",
            _ => "ValidationException",
        };
        Self::new(status, code, "injected by the test")
    }

    /// The refusal in the service's own shape.
    pub fn into_reply(self, service: Service) -> Reply {
        let reply = match service {
            Service::S3 => Reply::xml(self.xml()),
            _ => Reply::json(&json!({"__type": self.code, "message": self.message})),
        };
        Reply { status: self.status, code: Some(self.code.to_owned()), ..reply }
    }

    fn xml(&self) -> String {
        let (code, message) = (self.code, xml_escape(&self.message));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
             <RequestId>strict-aws</RequestId></Error>"
        )
    }
}

/// Escapes text for XML.
pub fn xml_escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
