//! The glue to Lambda's runtime.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use changefan_sinks::{Aws, BoxError, Deadline, Registry, describe};
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Diagnostic, LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde::de::IgnoredAny;
use tokio::runtime::Builder;

use crate::reply::{InvocationError, Reply, reply};
use crate::{Config, ConfigError, Handler, config, connect, environment, logging, metrics};

/// What ends the function. A `main` may return it, and any other error with `?`.
pub struct Error(BoxError);

/// A `main` that returns an error prints it in this way, so it is a sentence.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&describe(self.0.as_ref()))
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Error(error.into())
    }
}

/// What is left between the last delivery and Lambda's own deadline, to answer in. At most a quarter of the time.
///
/// To answer for 10,000 records that two hanging sinks have not taken was measured to take 14 ms of a whole core; a
/// function of 128 MB has a fourteenth of one.
const MARGIN: Duration = Duration::from_millis(500);

/// Taken when the runtime tells a deadline that has passed, as local runtimes do.
const UNKNOWN_DEADLINE: Duration = Duration::from_secs(30);

tokio::task_local! {
    /// The payload of the invocation that a task is working on: invocations at once are tasks of their own.
    static PAYLOAD: Bytes;
}

/// Runs the Lambda function with the sinks of a registry, configured by the environment, until Lambda ends it.
///
/// # Errors
///
/// A mistake in the environment, which Lambda is told as an init error, or a runtime API that cannot be reached.
///
/// # Panics
///
/// When it is called by asynchronous code: it starts a Tokio runtime of its own.
pub fn run(registry: Registry) -> Result<(), Error> {
    let variables = environment();
    // Threads cost at start, and only invocations at once have work for them.
    let mut runtime = if config::several_at_once(&variables) {
        Builder::new_multi_thread()
    } else {
        Builder::new_current_thread()
    };
    runtime.enable_all().build()?.block_on(start(&variables, &registry))
}

async fn start(variables: &BTreeMap<String, String>, registry: &Registry) -> Result<(), Error> {
    if !variables.contains_key("AWS_LAMBDA_RUNTIME_API") {
        let message = "AWS_LAMBDA_RUNTIME_API is not set: this program runs inside Lambda; \
                       to process files on this machine use `changefan replay FILE`";
        return Err(Error(message.into()));
    }
    match configure(variables, registry) {
        Ok(config) => serve(Handler::new(config)).await,
        Err(error) => {
            // If Lambda cannot be told, the log still has it.
            let _ = report_init_error(&error).await;
            Err(error.into())
        }
    }
}

fn configure(
    variables: &BTreeMap<String, String>,
    registry: &Registry,
) -> Result<Config, ConfigError> {
    let mut mistakes = Vec::new();
    let aws = Aws::new(config::aws_settings(variables, &mut mistakes));
    Config::after(mistakes, variables, registry, &aws)
}

async fn serve(handler: Handler) -> Result<(), Error> {
    logging::start(handler.config().log_level);
    if handler.config().connect_at_init {
        connect::connect(&handler.config().sinks).await;
    }
    let handler = Arc::new(handler);
    let invoke = move |event: LambdaEvent<IgnoredAny>| {
        let handler = handler.clone();
        async move {
            let deadline = deadline(event.context.deadline());
            let function = &event.context.env_config.function_name;
            invoke(&handler, PAYLOAD.get(), deadline, function).await.map_err(diagnostic)
        }
    };
    Runtime::new(service_fn(invoke)).layer(RawPayload).run_concurrent().await.map_err(Error)
}

async fn invoke(
    handler: &Handler,
    payload: Bytes,
    deadline: Deadline,
    function: &str,
) -> Result<Reply, InvocationError> {
    let report = handler.handle(payload, deadline).await?;
    if handler.config().metrics {
        metrics::emit(&report, function);
    }
    reply(&report, handler.config().partial_batch_response)
}

fn diagnostic(error: InvocationError) -> Diagnostic {
    let error_type = match error {
        InvocationError::Payload(_) => "PayloadError",
        InvocationError::Unhandled { .. } => "UnhandledRecords",
    };
    Diagnostic { error_type: error_type.into(), error_message: describe(&error) }
}

fn deadline(lambdas: SystemTime) -> Deadline {
    let now = SystemTime::now();
    match lambdas.duration_since(now) {
        Ok(left) if lambdas > UNIX_EPOCH => Deadline::after(left - MARGIN.min(left / 4)),
        _ => Deadline::after(UNKNOWN_DEADLINE),
    }
}

/// Tells Lambda why the function cannot start.
async fn report_init_error(error: &ConfigError) -> Result<(), BoxError> {
    let body = serde_json::json!({ "errorType": "Runtime.ConfigError", "errorMessage": error.to_string() });
    let request = lambda_runtime_api_client::build_request()
        .method(http::Method::POST)
        .uri("/2018-06-01/runtime/init/error")
        .header("lambda-runtime-function-error-type", "Runtime.ConfigError")
        .body(serde_json::to_vec(&body)?.into())?;
    lambda_runtime_api_client::Client::builder().build()?.call(request).await?;
    Ok(())
}

/// Takes the payload out of an invocation before the runtime would parse it: 6 MB are neither copied nor read twice.
struct RawPayload;

#[derive(Clone)]
struct TakePayload<S>(S);

impl<S> Layer<S> for RawPayload {
    type Service = TakePayload<S>;

    fn layer(&self, inner: S) -> TakePayload<S> {
        TakePayload(inner)
    }
}

impl<S> Service<LambdaInvocation> for TakePayload<S>
where
    S: Service<LambdaInvocation>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = tokio::task::futures::TaskLocalFuture<Bytes, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> Self::Future {
        let payload = std::mem::replace(&mut invocation.body, Bytes::from_static(b"null"));
        PAYLOAD.scope(payload, self.0.call(invocation))
    }
}
