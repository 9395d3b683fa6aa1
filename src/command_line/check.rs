//! `changefan check`: what is configured, and whether it can work.

use changefan_sinks::{BoxError, Sink, describe};

use crate::Config;

/// Prints the configuration and asks each destination. True when all of them can be used.
pub(super) async fn check(config: &Config) -> bool {
    println!("PARTIAL_BATCH_RESPONSE={}", config.partial_batch_response);
    println!("CONNECT_AT_INIT={}", config.connect_at_init);
    println!("METRICS={}", if config.metrics { "emf" } else { "none" });
    println!("CHANGEFAN_LOG={}", config.log_level);
    match &config.quarantine {
        Some(quarantine) => println!("QUARANTINE={}", quarantine.location()),
        None => println!("QUARANTINE is not set: a record that is rejected holds up its shard"),
    }
    let mut usable = true;
    for sink in &config.sinks {
        println!("\nsink {} of type {}", sink.entry.name, sink.entry.sink_type);
        sink.options.iter().for_each(|(name, value)| println!("  {name}={value}"));
        usable &= tell(sink.sink.check().await);
    }
    if let Some(quarantine) = &config.quarantine {
        println!("\nquarantine {}", quarantine.location());
        usable &= tell(quarantine.check().await);
    }
    usable
}

fn tell(result: Result<(), BoxError>) -> bool {
    match &result {
        Ok(()) => println!("  ok"),
        Err(error) => println!("  not usable: {}", describe(error.as_ref())),
    }
    result.is_ok()
}
