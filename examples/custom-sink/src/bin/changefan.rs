//! The command line, with the sink beside changefan's own.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    changefan::cli::run(journal::registry()).await
}
