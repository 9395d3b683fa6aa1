//! The function with a sink that does nothing: the path of the batch alone, as the reference of
//! other measurements.

use async_trait::async_trait;
use changefan::{ChangeEvent, Deadline, DeliveryError, Registry, Sink};

struct Null;

#[async_trait]
impl Sink for Null {
    async fn deliver(&self, _: &[ChangeEvent], _: Deadline) -> Result<(), DeliveryError> {
        Ok(())
    }
}

fn main() -> Result<(), changefan::Error> {
    let mut registry = Registry::default();
    registry.register("null", |_options, _aws| Box::new(Null));
    changefan::run(registry)
}
