//! The function with a sink that does nothing: the path of the batch alone, as the reference of
//! other measurements.

use changefan::{
    Aws, ChangeEvent, ConfigIssue, Deadline, Options, Outcome, Registry, Sink, SinkType,
    async_trait,
};

struct Null;

#[async_trait]
impl Sink for Null {
    async fn deliver(&self, _: &[&ChangeEvent], _: Deadline) -> Outcome {
        Outcome::delivered()
    }
}

fn build(_: &Options, _: &Aws) -> Result<Box<dyn Sink>, ConfigIssue> {
    Ok(Box::new(Null))
}

fn main() -> Result<(), changefan::Error> {
    let mut registry = Registry::default();
    registry.register(SinkType::new("null", build));
    changefan::run(registry)
}
