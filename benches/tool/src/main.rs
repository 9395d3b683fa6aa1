//! What functions are measured with.
//!
//! - `tool race PLAN.json` starts functions, hands them invocations in turn, and prints what each of them took.
//! - `tool service [--latency MILLISECONDS] [--tls FOLDER]` stands in for AWS: it takes everything and prints its URL.
//!
//! Both use threads and blocking sockets and parse as little as they can: their own work is on the same machine and
//! must not matter.

mod contestant;
mod http;
mod race;
mod runtime_api;
mod service;
mod tls;

type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["race", plan] => race::run(plan),
        ["service", options @ ..] => service::run(options),
        _ => {
            Err("usage: tool race PLAN.json | tool service [--latency MILLISECONDS] [--tls FOLDER]"
                .into())
        }
    }
}
