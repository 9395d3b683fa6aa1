//! AWS services that enforce AWS's limits, for a run before the measured ones.

use std::io::{self, Read};

use changefan_strict_aws::StrictAws;
use serde::Serialize;

use crate::Error;

/// The name of the bucket, the delivery stream and the log group.
const RESOURCE: &str = "bench";

/// What the services received.
#[derive(Serialize)]
struct Received {
    /// How many records, events and objects they stored.
    stored: usize,
    /// The calls that they refused, as `operation code`, besides those in [`EXPECTED`].
    refused: Vec<String>,
}

/// Refusals that are part of how a sink works: an object that an earlier round has written, and a
/// log stream that is created once it is found missing.
const EXPECTED: [&str; 3] = [
    "PutObject PreconditionFailed",
    "PutLogEvents ResourceNotFoundException",
    "CreateLogStream ResourceAlreadyExistsException",
];

/// Serves until standard input ends, then prints what was received. The first line of standard
/// output is the URL. `now` is the services' time in milliseconds since 1970.
pub fn run(now: &str) -> Result<(), Error> {
    let aws = StrictAws::start();
    aws.set_clock(now.parse()?);
    aws.create_bucket(RESOURCE);
    aws.create_delivery_stream(RESOURCE);
    aws.create_log_group(RESOURCE);
    println!("{}", aws.url());
    io::stdin().read_to_end(&mut Vec::new())?;
    println!("{}", serde_json::to_string(&received(&aws))?);
    Ok(())
}

fn received(aws: &StrictAws) -> Received {
    let calls = aws.calls();
    let stored = calls.iter().map(|call| call.stored).sum();
    let refused = calls
        .iter()
        .filter_map(|call| Some(format!("{} {}", call.info.operation, call.code.as_ref()?)))
        .filter(|refused| !EXPECTED.contains(&refused.as_str()))
        .collect();
    Received { stored, refused }
}
