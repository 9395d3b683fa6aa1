//! The Lambda function.

fn main() -> Result<(), changefan::Error> {
    let mut registry = changefan::Registry::default();
    registry.register(journal::sink_type());
    changefan::run(registry)
}
