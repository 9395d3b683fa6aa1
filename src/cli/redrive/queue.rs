//! Redelivers the dead letters of a Pipe, which state positions in a stream and have no records.

use std::collections::HashSet;

use changefan_sinks::{Aws, BoxError, describe};
use serde_json::{Value, json};

use super::arn::service;
use super::dynamodb_streams::DynamoDbStreams;
use super::failure::{FailedBatch, ShardRange};
use super::fetch::{Fetched, Shards, fetch};
use super::filter::Filter;
use super::kinesis::Kinesis;
use super::objects::{Fate, HELD_BACK, MAX_FAILED, TOO_MANY_FAILED, redeliver};
use super::sqs::{Letter, Queue};
use super::summary::Summary;
use crate::Handler;
use crate::cli::interrupt::Interrupt;

/// Redelivers the messages of a queue, shard by shard in the order of their sequence numbers, as
/// far as the streams still have their records. A message is deleted when all of its records are
/// delivered; all others are kept.
pub(super) async fn redrive(
    handler: &Handler,
    aws: &Aws,
    url: &str,
    filter: &Filter,
    interrupt: &Interrupt,
    summary: &mut Summary,
) -> Result<(), BoxError> {
    let queue = Queue::new(url, aws);
    let letters = queue.receive_all(interrupt).await?;
    let (mut batches, mut kept) = (Vec::new(), Vec::new());
    for letter in letters {
        match FailedBatch::parse(&letter.body) {
            Ok(batch) if filter.selects_batch(&batch) => batches.push((batch.range, letter)),
            Ok(_) => kept.push(letter),
            Err(_) => {
                summary.add_kept(&letter.name(), "it is not a dead letter of a stream");
                kept.push(letter);
            }
        }
    }
    batches.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
    let mut redriver = Redriver { handler, aws, queue: &queue, summary };
    let result = redriver.run(batches, &mut kept, interrupt).await;
    for letter in &kept {
        queue.release(letter).await;
    }
    result
}

fn order(range: &ShardRange) -> impl Ord + use<'_> {
    (&range.stream_arn, &range.shard_id, &range.start, &range.end)
}

struct Redriver<'a> {
    handler: &'a Handler,
    aws: &'a Aws,
    queue: &'a Queue,
    summary: &'a mut Summary,
}

impl Redriver<'_> {
    /// Redelivers batches in their order. One that fails holds back the later ones of its shard.
    async fn run(
        &mut self,
        batches: Vec<(ShardRange, Letter)>,
        kept: &mut Vec<Letter>,
        interrupt: &Interrupt,
    ) -> Result<(), BoxError> {
        let (mut failed_shards, mut failed) = (HashSet::new(), 0);
        for (range, letter) in batches {
            let shard = (range.stream_arn.clone(), range.shard_id.clone());
            if interrupt.is_requested() || failed == MAX_FAILED {
                kept.push(letter);
                continue;
            }
            if failed_shards.contains(&shard) {
                self.summary.add_kept(&letter.name(), HELD_BACK);
                kept.push(letter);
                continue;
            }
            let fate = self.redrive(&range, &letter).await;
            failed = fate.count_failed(failed);
            if fate.keeps_all() {
                failed_shards.insert(shard);
            }
            match fate {
                Fate::Delivered => {
                    self.summary.add_done();
                    kept.extend(self.summary.is_dry_run.then_some(letter));
                }
                Fate::Rejected(reason) | Fate::Failed(reason) | Fate::Unusable(reason) => {
                    self.summary.add_kept(&letter.name(), &reason);
                    kept.push(letter);
                }
            }
        }
        if failed == MAX_FAILED { Err(TOO_MANY_FAILED.into()) } else { Ok(()) }
    }

    async fn redrive(&mut self, range: &ShardRange, letter: &Letter) -> Fate {
        let fetched = match self.fetch(range).await {
            Ok(fetched) => fetched,
            Err(error) => return Fate::Failed(describe(&*error)),
        };
        let expired = fetched.expired(range);
        if self.summary.is_dry_run {
            let what = expired.as_deref().unwrap_or("all of them in the stream");
            self.summary.add_planned(&letter.name(), fetched.records.len(), what);
            return Fate::Delivered;
        }
        if !fetched.records.is_empty() {
            let fate = redeliver(self.handler, payload(fetched), self.summary).await;
            if fate.keeps_all() {
                return fate;
            }
        }
        // No retry brings back what has expired, so it holds nothing back.
        match expired {
            Some(reason) => Fate::Rejected(reason),
            None => match self.queue.delete(letter).await {
                Ok(()) => Fate::Delivered,
                Err(error) => Fate::Failed(describe(&error)),
            },
        }
    }

    async fn fetch(&self, range: &ShardRange) -> Result<Fetched, BoxError> {
        let arn = range.stream_arn.as_str();
        let shards: Box<dyn Shards> = match service(arn) {
            Some("kinesis") => Box::new(Kinesis::new(self.aws, arn)),
            Some("dynamodb") => Box::new(DynamoDbStreams::new(self.aws, arn)),
            _ => {
                return Err(
                    format!("found the stream {arn}, expected DynamoDB's or Kinesis's").into()
                );
            }
        };
        Ok(fetch(&*shards, range).await?)
    }
}

fn payload(fetched: Fetched) -> String {
    let records: Vec<Value> = fetched.records;
    json!({ "Records": records }).to_string()
}
