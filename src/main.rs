//! The Lambda function with the sinks that changefan comes with.

fn main() -> Result<(), changefan::Error> {
    changefan::run(changefan::Registry::default())
}
