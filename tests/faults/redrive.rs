//! The operator's part: what the source gave up, and what is in the quarantine, is redriven by the
//! command line.

use std::process::{Command, Stdio};

use serde_json::json;

use super::services::Services;
use super::source::{GivenUp, Source};
use changefan_strict_aws::seeded;

/// The most runs, each under other faults, that a batch needs.
const MAX_RUNS: u64 = 10;

/// Writes on-failure objects, and redrives everything in the bucket until none of them is left.
/// Afterwards the source lists those that are.
pub(super) fn redrive(source: &mut Source, services: &Services, seed: u64) {
    for (number, batch) in source.given_up.iter().enumerate() {
        services.aws.put_object(&key(number), on_failure(batch));
    }
    for run in 0..MAX_RUNS {
        services.aws.set_faults(seeded(seed + run, 10));
        changefan(services);
        let objects = services.aws.objects();
        for (number, batch) in source.given_up.iter_mut().enumerate() {
            batch.is_kept = objects.contains_key(&key(number));
        }
        if !source.given_up.iter().any(|batch| batch.is_kept) {
            break;
        }
    }
}

/// The names do not follow the order in which the batches were given up.
fn key(number: usize) -> String {
    format!("kept/aws/lambda/mapping/shard/2026/01/01/{:04}", number.wrapping_mul(7919) % 10_000)
}

fn on_failure(batch: &GivenUp) -> String {
    let payload = std::str::from_utf8(&batch.payload).expect("a payload is JSON");
    let object = json!({
        "requestContext": { "condition": batch.condition },
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:00Z",
        "DDBStreamBatchInfo": {
            "shardId": format!("shardId-{}", batch.shard),
            "startSequenceNumber": batch.sequence_numbers.0,
            "endSequenceNumber": batch.sequence_numbers.1,
            "batchSize": batch.records.len(),
            "streamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026",
        },
        "payload": payload,
    });
    object.to_string()
}

/// It fails as long as a record is kept, and those that sinks never accept are.
fn changefan(services: &Services) {
    let status = Command::new(env!("CARGO_BIN_EXE_changefan"))
        .args(["redrive", "s3://kept/"])
        .env_clear()
        .envs(services.variables())
        .stderr(Stdio::null())
        .status();
    let code = status.expect("a process").code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}");
}
