//! `changefan check`: the resolved configuration, and whether it is usable.

use changefan_sinks::{BoxError, describe};

use super::terminal::printable;
use crate::{Config, Metrics};

/// Prints the configuration and probes each destination. True if all of them are usable.
pub(super) async fn check(config: &Config) -> bool {
    println!("PARTIAL_BATCH_RESPONSE={}", config.partial_batch_response);
    println!("CONNECT_AT_INIT={}", config.connect_at_init);
    println!("METRICS={}", metrics(config.metrics));
    println!("CHANGEFAN_LOG={}", config.log_level);
    match config.allowed_sources.to_string() {
        sources if sources.is_empty() => println!("ALLOWED_SOURCES is not set: all are allowed"),
        sources => println!("ALLOWED_SOURCES={}", printable(&sources)),
    }
    match &config.quarantine {
        Some(quarantine) => println!("QUARANTINE={}", printable(quarantine.location())),
        None => println!("QUARANTINE is not set: a record that is rejected blocks its shard"),
    }
    let mut usable = true;
    for sink in &config.sinks {
        println!("\nsink {} of type {}", sink.spec.name, sink.spec.sink_type);
        for (variable, value) in sink.options.printable() {
            println!("  {variable}={}", printable(&value));
        }
        usable &= print(sink.sink.check().await);
    }
    if let Some(quarantine) = &config.quarantine {
        println!("\nquarantine {}", printable(quarantine.location()));
        usable &= print(quarantine.check().await);
    }
    usable
}

fn metrics(metrics: Metrics) -> &'static str {
    match metrics {
        Metrics::Basic => "basic",
        Metrics::PerSink => "per_sink",
        Metrics::None => "none",
    }
}

fn print(result: Result<(), BoxError>) -> bool {
    match &result {
        Ok(()) => println!("  ok"),
        Err(error) => println!("  not usable: {}", printable(&describe(error.as_ref()))),
    }
    result.is_ok()
}
