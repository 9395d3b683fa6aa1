//! Receives a payload through `lambda_runtime` and writes as many bytes as changefan does. A layer
//! takes the payload before the runtime would parse it, as changefan's does.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use floor::{ANSWER, Output};
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Error, LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde::de::IgnoredAny;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let output = Arc::new(Output::from_environment()?);
    Runtime::new(service_fn(answer)).layer(Untouched(output)).run().await
}

async fn answer(_: LambdaEvent<IgnoredAny>) -> Result<Value, Error> {
    Ok(serde_json::from_str(ANSWER)?)
}

/// Writes each payload and leaves `null` behind.
struct Untouched(Arc<Output>);

struct Writing<S>(Arc<Output>, S);

impl<S> Layer<S> for Untouched {
    type Service = Writing<S>;

    fn layer(&self, inner: S) -> Writing<S> {
        Writing(Arc::clone(&self.0), inner)
    }
}

impl<S: Service<LambdaInvocation>> Service<LambdaInvocation> for Writing<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.1.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> S::Future {
        let payload = mem::replace(&mut invocation.body, Bytes::from_static(b"null"));
        self.0.write(&payload).expect("standard output is read");
        self.1.call(invocation)
    }
}
