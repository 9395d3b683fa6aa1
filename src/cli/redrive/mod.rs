//! `changefan redrive`: what was set aside, once more through the sinks.

mod arn;
mod dynamodb_streams;
mod failure;
mod fetch;
mod filter;
mod kinesis;
mod lines;
mod objects;
mod queue;
mod sequence;
mod sqs;
mod summary;
mod survey;

use changefan_sinks::{Aws, BoxError, describe};
use jiff::Timestamp;

use super::interrupt::Interrupt;
use super::store::Location;
use super::terminal::printable;
use crate::Handler;
use filter::{Filter, parse_time};
use objects::Redriver;
use summary::Summary;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Where the objects are.
    #[arg(
        value_name = "s3://BUCKET/PREFIX|FOLDER",
        value_parser = Location::parse,
        required_unless_present = "queue",
        conflicts_with = "queue"
    )]
    location: Option<Location>,
    /// Read the dead letters of a Pipe from this SQS queue, and their records from the stream.
    #[arg(long, value_name = "URL", conflicts_with_all = ["sink", "keep"])]
    queue: Option<String>,
    /// Only what was set aside at this time or later: a date, or a time as in 2026-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<Timestamp>,
    /// Only what was set aside before this time.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    until: Option<Timestamp>,
    /// Only lines of the quarantine for this sink. The value `none` selects those that name no
    /// sink.
    #[arg(long, value_name = "NAME")]
    sink: Option<String>,
    /// Only what has this text in its reason, or in the condition of its on-failure record.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Delete nothing: tag what was delivered with changefan=redriven, and append .redriven to the
    /// name of a file. Such objects are not read again.
    #[arg(long, visible_alias = "tag")]
    keep: bool,
    /// Print what would be delivered, and deliver, write and delete nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Redrives and prints a summary. True when everything that was selected is delivered.
pub(super) async fn redrive(handler: &Handler, aws: &Aws, arguments: &Arguments) -> bool {
    let filter = Filter {
        since: arguments.since,
        until: arguments.until,
        sink: arguments.sink.clone(),
        reason: arguments.reason.clone(),
    };
    let noun = if arguments.queue.is_some() { "message" } else { "object" };
    let mut summary = Summary::new(handler, noun, arguments.dry_run);
    let interrupt = Interrupt::listen();
    let result = match (&arguments.queue, &arguments.location) {
        (Some(url), _) => {
            queue::redrive(handler, aws, url, &filter, &interrupt, &mut summary).await
        }
        (None, Some(location)) => {
            let keep = arguments.keep;
            redrive_objects(handler, aws, location, &filter, keep, &interrupt, &mut summary).await
        }
        (None, None) => Err("expected a location or a queue".into()),
    };
    summary.print(&interrupt);
    if let Err(error) = &result {
        eprintln!("error: {}", printable(&describe(&**error)));
    }
    result.is_ok() && summary.is_complete() && !interrupt.is_requested()
}

async fn redrive_objects(
    handler: &Handler,
    aws: &Aws,
    location: &Location,
    filter: &Filter,
    keep: bool,
    interrupt: &Interrupt,
    summary: &mut Summary,
) -> Result<(), BoxError> {
    let (store, prefix) = location.open(aws);
    let found = survey::survey(&*store, &prefix, filter, interrupt, summary).await?;
    let mut redriver = Redriver::new(handler, &*store, filter, keep, summary);
    redriver.run(&found, interrupt).await
}
