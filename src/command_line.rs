//! The command line: files through the same path as the function, and a check of the configuration.

mod check;
mod input;
mod replay;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use changefan_sinks::client_settings;
use clap::{Parser, Subcommand};

use crate::config::aws_settings;
use crate::{Aws, Config, ConfigError, Handler, Registry, environment, logging};

/// Captures the changes of a DynamoDB table and fans them out. This is the command line; the Lambda function is the
/// executable `bootstrap`.
#[derive(Debug, Parser)]
#[command(name = "changefan", version, after_long_help = VARIABLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run payload files through the sinks that SINKS names.
    ///
    /// A file holds JSON texts, one after the other or one a line: batches as Lambda receives them from DynamoDB
    /// Streams, Kinesis or EventBridge Pipes, single records, lines of the quarantine, or objects that an event source
    /// mapping wrote to its on-failure destination in S3.
    ///
    /// Exit status: 0 when every record was delivered; 1 when one was not, or a file cannot be read; 2 when the
    /// arguments or the environment are not valid.
    Replay {
        /// Files to run, in this order; - is standard input.
        #[arg(required = true, value_name = "FILE|-")]
        files: Vec<PathBuf>,
    },
    /// Print the resolved configuration and ask each sink whether its destination can be used. Writes no event.
    ///
    /// Exit status: 0 when all destinations can be used; 1 when one cannot; 2 when the environment is not valid.
    Check,
}

const VARIABLES: &str = "\
Environment:
  SINKS                   comma-separated entries TYPE or NAME:TYPE (default: stdout)
                          types: stdout, file, s3, firehose, cloudwatch_logs
  <NAME>_FORMAT           log, dynamodb-json, json or debezium
  <NAME>_NUMBERS          number or string: how json and debezium write numbers
  FILE_DIR                folder of `file` (required)
  S3_BUCKET               bucket of `s3` (required)
  S3_PREFIX, FILE_PREFIX  first part of the keys (default: changes/)
  S3_COMPRESSION, FILE_COMPRESSION
                          gzip, zstd or none (default: gzip)
  FIREHOSE_STREAM         delivery stream of `firehose` (required)
  FIREHOSE_PACK           bytes up to which events share a Firehose record
  CLOUDWATCH_LOGS_GROUP   log group of `cloudwatch_logs` (required)
  CLOUDWATCH_LOGS_STREAM  its log stream (default: changefan)
  QUARANTINE              s3://bucket/prefix or file:///folder for rejected records
  PARTIAL_BATCH_RESPONSE, CONNECT_AT_INIT, METRICS
                          for the function only
  CHANGEFAN_LOG           off, error, warn, info or debug (default here: off)
  AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and whatever else AWS's own tools read

Exit status: 0 done; 1 something was not delivered or cannot be used; 2 invalid arguments or environment

Example:
  SINKS=stdout,file FILE_DIR=/tmp/changes changefan replay events/samples/orders.json";

/// Runs the command line and returns its exit status.
pub async fn run(registry: Registry) -> ExitCode {
    let arguments = Arguments::parse();
    let variables = environment();
    let config = match configure(&variables, &registry) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    if variables.contains_key("CHANGEFAN_LOG") {
        logging::start(config.log_level);
    }
    let succeeded = match arguments.command {
        Command::Replay { files } => replay::replay(&Handler::new(config), &files).await,
        Command::Check => check::check(&config).await,
    };
    if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn configure(
    variables: &BTreeMap<String, String>,
    registry: &Registry,
) -> Result<Config, ConfigError> {
    let mut mistakes = Vec::new();
    let ca_bundle = aws_settings(variables, &mut mistakes).ca_bundle;
    let aws = Aws::loaded_by(|| load_aws(ca_bundle));
    Config::after(mistakes, variables, registry, &aws)
}

/// Profiles, single sign-on and all that: on a thread of its own, because clients are made where nothing can be awaited.
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
        // Without a configuration every call fails, and says why.
        _ => aws_types::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .build(),
    }
}
