//! The command line, with the sinks that changefan comes with.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    changefan::cli::run(changefan::Registry::default()).await
}
