//! The command line: files through the same path as the function, and a check of the configuration.

mod backfill;
mod check;
mod compression;
mod help;
mod input;
mod interrupt;
mod progress;
mod redrive;
mod replay;
mod schema;
mod store;
mod terminal;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use changefan_sinks::client_settings;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{Reader, environment};
use crate::observe::log;
use crate::{Aws, Config, ConfigError, Handler, Registry, freed_memory};

/// Captures the changes of a DynamoDB table and fans them out. This is the command line; the Lambda
/// function is the executable `bootstrap`.
#[derive(Debug, Parser)]
#[command(name = "changefan", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run payload files through the sinks that SINKS names.
    ///
    /// A file or an object, which may be compressed with gzip or zstd, holds JSON texts, one after
    /// the other or one per line: batches as Lambda receives them from DynamoDB Streams, Kinesis or
    /// EventBridge Pipes, single records, lines of the quarantine, or objects that an event source
    /// mapping wrote to its on-failure destination in S3.
    ///
    /// Exit status: 0 if every record was delivered; 1 if one was not, or a file cannot be read; 2
    /// if the arguments or the environment are not valid.
    Replay {
        /// Files and objects to run, in this order; - is standard input. With a key that ends with
        /// a slash, all objects below it.
        #[arg(required = true, value_name = "FILE|s3://BUCKET/KEY|-")]
        files: Vec<PathBuf>,
    },
    /// Deliver again what on-failure destinations, the quarantine or a dead-letter queue keep.
    ///
    /// Reads the objects below a prefix: those that an event source mapping wrote to its on-failure
    /// destination, which go to all sinks of SINKS, and those of the quarantine, whose lines go to
    /// the sink that each of them names. What was delivered is deleted; what was not is kept with
    /// the reason. A run that was interrupted is continued by running it again.
    ///
    /// Exit status: 0 if every selected record was delivered; 1 if one was not, or an object cannot
    /// be read; 2 if the arguments or the environment are not valid.
    Redrive(redrive::Arguments),
    /// Write the items of full table exports to the s3 and file sinks of SINKS.
    ///
    /// An export is a folder that DynamoDB wrote in DynamoDB JSON:
    /// s3://bucket/prefix/AWSDynamoDB/ID, or a local copy of it. Each item becomes a READ row, and
    /// one SNAPSHOT row closes the export when every file was verified and every item was
    /// delivered. The same export makes the same objects: run the same command again after an
    /// interruption, and it continues.
    ///
    /// Exit status: 0 if every export is complete; 1 if one is not; 2 if the arguments or the
    /// environment are not valid; 130 after Ctrl-C.
    Backfill(backfill::Arguments),
    /// Print the resolved configuration and probe the destination of each sink. Writes no event.
    ///
    /// Exit status: 0 if all destinations are usable; 1 if one is not; 2 if the environment is not
    /// valid.
    Check,
    /// Print the sink types with their options and permissions as JSON, as the Terraform module
    /// reads it.
    Schema,
}

/// Runs the command line and returns its exit status.
pub async fn run(registry: Registry) -> ExitCode {
    freed_memory::keep();
    let command = Arguments::command().after_long_help(help::environment(&registry));
    let matches = command.get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if matches!(arguments.command, Command::Schema) {
        // A reader that has ended, as `head` does, needs no more.
        let _ = writeln!(io::stdout(), "{}", schema::schema(&registry));
        return ExitCode::SUCCESS;
    }
    let variables = environment();
    let (config, aws) = match configure(&variables, &registry) {
        Ok(configured) => configured,
        Err(error) => {
            eprintln!("error: {}", terminal::printable(&error.to_string()));
            return ExitCode::from(2);
        }
    };
    let lines = variables.contains_key("CHANGEFAN_LOG").then(|| log::start(config.log_level));
    let status = match arguments.command {
        Command::Replay { files } => {
            status(replay::replay(&Handler::new(config), &aws, &files).await)
        }
        Command::Redrive(arguments) => {
            status(redrive::redrive(&Handler::new(config), &aws, &arguments).await)
        }
        Command::Backfill(arguments) => backfill::backfill(&config, &aws, &arguments).await,
        Command::Check => status(check::check(&config).await),
        Command::Schema => unreachable!("handled above"),
    };
    if let Some(lines) = lines {
        lines.flush().await;
    }
    status
}

fn status(succeeded: bool) -> ExitCode {
    if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn configure(
    variables: &BTreeMap<String, String>,
    registry: &Registry,
) -> Result<(Config, Aws), ConfigError> {
    let mut reader = Reader::new(variables);
    let ca_bundle = reader.aws_settings().ca_bundle;
    let aws = Aws::loaded_by(|| load_aws(ca_bundle));
    Ok((reader.config(registry, &aws)?, aws))
}

/// The retries of the services that the command line itself calls, which no layer of a sink
/// surrounds. They last for about a minute, because a run may last for hours.
fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(28)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(5))
}

/// Loads profiles, single sign-on and the like on a separate thread, because clients are built
/// where nothing can be awaited.
fn load_aws(ca_bundle: Option<Vec<u8>>) -> aws_types::SdkConfig {
    let load = move || {
        let (retries, timeouts) = client_settings();
        let loader = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(changefan_sinks::native_http_client(ca_bundle))
            .retry_config(retries)
            .timeout_config(timeouts);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map(|runtime| runtime.block_on(loader.load()))
    };
    match thread::spawn(load).join() {
        Ok(Ok(config)) => config,
        // Without a configuration every call fails with the reason.
        _ => aws_types::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .build(),
    }
}
