//! The Lambda function with the sinks that changefan comes with.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), changefan::Error> {
    changefan::run(changefan::Registry::default()).await
}
