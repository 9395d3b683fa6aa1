//! Connects the handler to Lambda's runtime.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use changefan_sinks::{Aws, BoxError, Deadline, Registry, describe};
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Context, Diagnostic, LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde::de::IgnoredAny;
use tokio::runtime::Builder;
use tracing::Instrument;
use tracing::level_filters::LevelFilter;

use crate::ack::{InvocationError, Reply, reply};
use crate::config::{self, Reader, environment};
use crate::observe::lines::Lines;
use crate::observe::log;
use crate::observe::metrics::{Invocation, Metrics, summary};
use crate::{Config, ConfigError, Handler, connect, freed_memory};

/// Why the function ends. A `main` may return it, and any other error with `?`.
pub struct Error(BoxError);

/// A `main` that returns an error prints it in this form, so it is a sentence.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&describe(self.0.as_ref()))
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Time between the last delivery and Lambda's own deadline, reserved for the reply. At most a
/// quarter of the time.
///
/// Replying for the 10,000 events of a piece that two hanging sinks did not accept was measured to
/// take 14 ms of a whole core; a function of 128 MB has a fourteenth of one.
const MARGIN: Duration = Duration::from_millis(500);

/// Used if the runtime states a deadline in the past, as local runtimes do.
const UNKNOWN_DEADLINE: Duration = Duration::from_secs(30);

tokio::task_local! {
    /// The payload of the invocation that a task processes: concurrent invocations are separate
    /// tasks.
    static PAYLOAD: Bytes;
}

/// Runs the Lambda function with the sinks of a registry, configured by the environment, until
/// Lambda ends it.
///
/// # Errors
///
/// An invalid environment, which is reported to Lambda as an init error, or a Runtime API that
/// cannot be reached.
///
/// # Panics
///
/// If it is called from asynchronous code: it starts a Tokio runtime.
pub fn run(registry: Registry) -> Result<(), Error> {
    freed_memory::keep();
    let variables = environment();
    // Threads cost at start, and only concurrent invocations have work for them.
    let mut runtime = if config::is_concurrent(&variables) {
        Builder::new_multi_thread()
    } else {
        Builder::new_current_thread()
    };
    runtime.enable_all().build()?.block_on(start(&variables, &registry))
}

async fn start(variables: &BTreeMap<String, String>, registry: &Registry) -> Result<(), Error> {
    if !variables.contains_key("AWS_LAMBDA_RUNTIME_API") {
        let message = "AWS_LAMBDA_RUNTIME_API is not set: this program runs inside Lambda; \
                       to process local files use `changefan replay FILE`";
        return Err(Error(message.into()));
    }
    match configure(variables, registry) {
        Ok(config) => serve(Handler::new(config)).await,
        Err(error) => {
            // If the Runtime API cannot be reached, the log still has it.
            let _ = report_init_error(&error).await;
            Err(error.into())
        }
    }
}

fn configure(
    variables: &BTreeMap<String, String>,
    registry: &Registry,
) -> Result<Config, ConfigError> {
    let mut reader = Reader::new(variables);
    let aws = Aws::new(reader.aws_settings());
    reader.config(registry, &aws)
}

async fn serve(handler: Handler) -> Result<(), Error> {
    let lines = log::start(handler.config().log_level);
    if handler.config().connect_at_init {
        connect::connect(&handler.config().sinks).await;
    }
    let function = Arc::new(Function { handler, lines });
    let invoke = move |event: LambdaEvent<IgnoredAny>| {
        let function = Arc::clone(&function);
        async move { function.invoke(PAYLOAD.get(), event.context).await.map_err(diagnostic) }
    };
    Runtime::new(service_fn(invoke)).layer(RawPayload).run_concurrent().await.map_err(Error)
}

/// What invocations share.
struct Function {
    handler: Handler,
    lines: Lines,
}

impl Function {
    async fn invoke(&self, payload: Bytes, context: Context) -> Result<Reply, InvocationError> {
        let span = tracing::error_span!(
            "invocation",
            requestId = context.request_id,
            traceId = context.xray_trace_id,
            version = context.env_config.version,
        );
        let handled = self.handle(payload, &context).instrument(span);
        let reply = log::with_request_id(context.request_id.clone(), handled).await;
        self.lines.flush().await;
        reply
    }

    async fn handle(&self, payload: Bytes, context: &Context) -> Result<Reply, InvocationError> {
        let handled = self.handler.handle(payload, deadline(context.deadline())).await;
        let outcome = handled.inspect_err(log::invalid_payload)?;
        let Config { metrics, log_level, .. } = self.handler.config();
        let invocation = Invocation {
            function: &context.env_config.function_name,
            version: &context.env_config.version,
            request_id: &context.request_id,
            trace_id: context.xray_trace_id.as_deref(),
        };
        if *metrics != Metrics::None || *log_level >= LevelFilter::INFO {
            self.lines.push(summary(&outcome, *metrics, invocation));
        }
        reply(&outcome)
    }
}

fn diagnostic(error: InvocationError) -> Diagnostic {
    let error_type = match error {
        InvocationError::Payload(_) => "PayloadError",
        InvocationError::Unprocessed { .. } => "UnprocessedRecords",
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

/// Reports to Lambda why the function cannot start.
async fn report_init_error(error: &ConfigError) -> Result<(), BoxError> {
    let body = serde_json::json!({
        "errorType": "Runtime.ConfigError",
        "errorMessage": error.to_string(),
    });
    let request = lambda_runtime_api_client::build_request()
        .method(http::Method::POST)
        .uri("/2018-06-01/runtime/init/error")
        .header("lambda-runtime-function-error-type", "Runtime.ConfigError")
        .body(serde_json::to_vec(&body)?.into())?;
    lambda_runtime_api_client::Client::builder().build()?.call(request).await?;
    Ok(())
}

/// Takes the payload out of an invocation before the runtime parses it: 6 MB are neither copied nor
/// read twice.
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

    fn poll_ready(&mut self, context: &mut std::task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> Self::Future {
        let payload = std::mem::replace(&mut invocation.body, Bytes::from_static(b"null"));
        PAYLOAD.scope(payload, self.0.call(invocation))
    }
}
