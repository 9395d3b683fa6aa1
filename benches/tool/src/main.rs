//! What functions are measured with.
//!
//! - `tool race PLAN.json` starts functions, invokes them in turn, and prints the cost of each.
//! - `tool cold PLAN.json` starts functions whose executables are not in the page cache.
//! - `tool service [--latency MILLISECONDS] [--tls FOLDER]` prints the URL of AWS services that
//!   accept everything.
//! - `tool strict NOW` prints the URL of AWS services that enforce AWS's limits, and then what they
//!   received.
//!
//! `race` and `service` use threads and blocking sockets and parse as little as they can: their own
//! work is done on the machine that is being measured.

mod cold;
mod contestant;
mod race;
mod service;
mod strict;
mod tls;
mod usage;

type Error = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "usage: tool race PLAN.json | tool cold PLAN.json | tool strict NOW | \
                     tool service [--latency MILLISECONDS] [--tls FOLDER]";

fn main() -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["race", plan] => race::run(plan),
        ["cold", plan] => cold::run(plan),
        ["service", options @ ..] => service::run(options),
        ["strict", now] => strict::run(now),
        _ => Err(USAGE.into()),
    }
}
