//! The HTTP server: connections, calls, and how each call ends.

use std::error::Error;
use std::future::{pending, poll_fn};
use std::net::TcpListener as StdListener;
use std::sync::{Arc, Mutex};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request as HttpRequest, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::fault::Fault;
use crate::request::Request;
use crate::service::Service;
use crate::state::{State, lock};
use crate::wire::{AnswerBody, Broken};
use crate::{json, s3};

type Shared = Arc<Mutex<State>>;

/// Serves until `stopped` fires or its sender is gone; all connections end with it.
pub(crate) fn run(listener: StdListener, state: Shared, stopped: oneshot::Receiver<()>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        tokio::select! {
            () = accept(listener, state) => {}
            _ = stopped => {}
        }
    });
}

async fn accept(listener: StdListener, state: Shared) {
    listener.set_nonblocking(true).expect("a socket without blocking");
    let listener = TcpListener::from_std(listener).expect("a listening socket");
    loop {
        // A client may close its connection while it is queued.
        if let Ok((stream, _)) = listener.accept().await {
            admit(stream, &state);
        }
    }
}

fn admit(stream: TcpStream, state: &Shared) {
    let mut guard = lock(state);
    guard.connections += 1;
    if guard.connections_to_reset > 0 {
        guard.connections_to_reset -= 1;
        reset(&stream);
    } else {
        // Responses are small, and a benchmark must not measure Nagle's algorithm.
        let _ = stream.set_nodelay(true);
        tokio::spawn(serve(stream, Arc::clone(state)));
    }
}

/// Makes the close that follows a reset.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

async fn serve(stream: TcpStream, state: Shared) {
    let service = service_fn(|request| Box::pin(answer(request, Arc::clone(&state))));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let served = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    let broken = served.as_ref().err().and_then(Error::source);
    if broken.and_then(|cause| cause.downcast_ref()) == Some(&Broken::Reset) {
        reset(&stream);
    }
}

async fn answer(
    request: HttpRequest<Incoming>,
    state: Shared,
) -> Result<Response<AnswerBody>, Broken> {
    let service = Service::of(request.headers());
    let _in_progress = InProgress::new(service, &state);
    let request = Request::read(request).await?;
    let operation = parse(service, &request);
    let (delay, outcome) = lock(&state).carry_out(service, &request, operation);
    let meeting = lock(&state).meeting.clone();
    if let Some(meeting) = meeting {
        meeting.wait().await;
    }
    tokio::time::sleep(delay).await;
    outcome.deliver().await
}

fn parse(service: Service, request: &Request) -> Operation {
    let operation = match service {
        Service::S3 => s3::operation(request),
        _ => json::operation(request, service),
    };
    if request.header("authorization").is_some() {
        return operation;
    }
    let code = match service {
        Service::S3 => "AccessDenied",
        _ => "MissingAuthenticationTokenException",
    };
    let refusal = Refusal::new(403, code, "Missing Authentication Token");
    Operation { run: Box::new(|_, _| Err(refusal)), ..operation }
}

/// How a call ends for the client.
pub(crate) enum Outcome {
    /// With this answer.
    Answer(Reply),
    /// With this answer, broken off.
    Truncated(Reply),
    /// With the end of the connection.
    Broken(Broken),
    /// Not at all.
    Silence,
}

impl Outcome {
    /// How a call ends under a fault, given the reply of the service.
    pub(crate) fn of(fault: &Fault, service: Service, reply: Reply) -> Self {
        match fault {
            Fault::Status(status) | Fault::AcceptThenStatus(status) => {
                Self::Answer(Refusal::injected(service, *status).into_reply(service).of(service))
            }
            Fault::Error(status, code) => {
                let refusal = Refusal::new(*status, code, "injected by the test");
                Self::Answer(refusal.into_reply(service).of(service))
            }
            Fault::Hang | Fault::AcceptThenHang => Self::Silence,
            Fault::AcceptThenDrop => Self::Broken(Broken::Closed),
            Fault::ConnectionReset => Self::Broken(Broken::Reset),
            Fault::TruncatedAnswer => Self::Truncated(reply),
            _ => Self::Answer(reply),
        }
    }

    /// The status and the error code that the client receives, if it receives any.
    pub(crate) fn seen(&self) -> (Option<u16>, Option<String>) {
        match self {
            Self::Answer(reply) | Self::Truncated(reply) => {
                (Some(reply.status), reply.code.clone())
            }
            Self::Broken(_) | Self::Silence => (None, None),
        }
    }

    async fn deliver(self) -> Result<Response<AnswerBody>, Broken> {
        match self {
            Self::Answer(reply) => Ok(reply.into_response()),
            Self::Truncated(reply) => Ok(reply.into_truncated_response()),
            Self::Broken(broken) => Err(broken),
            // Ends when the client goes away: hyper then drops the call.
            Self::Silence => pending().await,
        }
    }
}

/// Counts a call as in progress until it is dropped.
struct InProgress {
    service: Service,
    state: Shared,
}

impl InProgress {
    fn new(service: Service, state: &Shared) -> Self {
        lock(state).concurrency.enter(service);
        let state = Arc::clone(state);
        Self { service, state }
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        lock(&self.state).concurrency.leave(self.service);
    }
}
