//! The Lambda function.

fn main() -> Result<(), changefan::Error> {
    changefan::run(journal::registry())
}
