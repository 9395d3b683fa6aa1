//! Redelivers the objects that were found, one after the other.

use std::collections::HashSet;

use changefan_sinks::{BoxError, Deadline, Quarantine, QuarantinedRecord, describe};

use super::failure::{Content, FailedBatch};
use super::filter::Filter;
use super::summary::Summary;
use super::survey::{Found, Order};
use crate::Handler;
use crate::cli::interrupt::Interrupt;
use crate::cli::replay::TIME_PER_BATCH;
use crate::cli::store::{Store, StoreError};
use crate::pipeline::Redelivery;

/// Failed objects in a row after which a destination counts as in need of an operator.
pub(super) const MAX_FAILED: usize = 5;

pub(super) const TOO_MANY_FAILED: &str = "stopped after five failures in a row: all else is kept";

pub(super) const HELD_BACK: &str = "held back: an earlier batch of its shard was not delivered";

/// What became of an object.
pub(super) enum Fate {
    /// Everything is delivered.
    Delivered,
    /// What is not delivered is kept, and no retry will deliver it.
    Rejected(String),
    /// What is not delivered is kept, and a retry may deliver it.
    Failed(String),
    /// It is kept, because what it contains is not a batch.
    Unusable(String),
}

impl Fate {
    /// Whether the object or message is kept whole, which holds back the later ones of its shard.
    pub(super) fn keeps_all(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Unusable(_))
    }

    /// The number of failures in a row, from the number before this one.
    pub(super) fn count_failed(&self, before: usize) -> usize {
        match self {
            Self::Failed(_) => before + 1,
            // No destination is at fault.
            Self::Unusable(_) => before,
            Self::Delivered | Self::Rejected(_) => 0,
        }
    }
}

/// Redelivers objects.
pub(super) struct Redriver<'a> {
    pub handler: &'a Handler,
    pub store: &'a dyn Store,
    pub filter: &'a Filter,
    /// Whether objects that are done are marked instead of deleted.
    pub keep: bool,
    pub summary: &'a mut Summary,
}

impl<'a> Redriver<'a> {
    pub(super) fn new(
        handler: &'a Handler,
        store: &'a dyn Store,
        filter: &'a Filter,
        keep: bool,
        summary: &'a mut Summary,
    ) -> Self {
        Self { handler, store, filter, keep, summary }
    }

    /// Redelivers the objects in their order. An object that fails holds back the later ones of its
    /// shard.
    pub(super) async fn run(
        &mut self,
        found: &[Found],
        interrupt: &Interrupt,
    ) -> Result<(), BoxError> {
        let (mut failed_shards, mut failed) = (HashSet::new(), 0);
        for object in found {
            if interrupt.is_requested() {
                break;
            }
            let shard = match &object.order {
                Order::Batch { shard, .. } => Some(shard),
                Order::Lines { .. } => None,
            };
            let name = self.store.name(&object.key);
            if shard.is_some_and(|shard| failed_shards.contains(shard)) {
                self.summary.add_kept(&name, HELD_BACK);
                continue;
            }
            let fate = match self.redrive(object).await {
                Ok(fate) => fate,
                Err(StoreError::Missing { .. }) => continue,
                Err(error) => Fate::Failed(describe(&error)),
            };
            failed = fate.count_failed(failed);
            match fate {
                Fate::Delivered => self.summary.add_done(),
                Fate::Rejected(reason) => self.summary.add_kept(&name, &reason),
                Fate::Failed(reason) | Fate::Unusable(reason) => {
                    failed_shards.extend(shard);
                    self.summary.add_kept(&name, &reason);
                }
            }
            if failed == MAX_FAILED {
                return Err(TOO_MANY_FAILED.into());
            }
        }
        Ok(())
    }

    async fn redrive(&mut self, object: &Found) -> Result<Fate, StoreError> {
        let version = Some(&object.version);
        let (content, _) = Content::read(self.store, &object.key, version).await?;
        match content {
            Content::Batch(batch) => self.redrive_batch(object, batch).await,
            Content::Lines(lines) => self.redrive_lines(object, &lines).await,
            Content::Unknown(reason) => Ok(Fate::Unusable(reason)),
        }
    }

    /// An object of an on-failure destination is delivered to all sinks, and kept whole unless all
    /// of it is done.
    async fn redrive_batch(
        &mut self,
        object: &Found,
        batch: FailedBatch,
    ) -> Result<Fate, StoreError> {
        let Some(payload) = batch.payload else {
            let reason = "it has no payload, as messages of queues and topics: see --queue";
            return Ok(Fate::Unusable(reason.to_owned()));
        };
        if self.summary.is_dry_run {
            let records = batch.range.batch_size;
            self.summary.add_planned(&self.store.name(&object.key), records, &batch.condition);
            return Ok(Fate::Delivered);
        }
        let fate = redeliver(self.handler, payload, self.summary).await;
        if !fate.keeps_all() {
            self.remove(object).await?;
        }
        Ok(fate)
    }

    /// Deletes or marks an object that is done.
    pub(super) async fn remove(&self, object: &Found) -> Result<(), StoreError> {
        if self.keep {
            return self.store.mark(&object.key).await;
        }
        self.store.delete(&object.key, &object.version).await
    }
}

/// Delivers a payload to all sinks as the function does: what is rejected goes to the quarantine,
/// if there is one.
pub(super) async fn redeliver(handler: &Handler, payload: String, summary: &mut Summary) -> Fate {
    let redelivery = match handler.redeliver(payload, None, TIME_PER_BATCH).await {
        Ok(redelivery) => redelivery,
        Err(error) => return Fate::Unusable(describe(&error)),
    };
    summary.add(&redelivery);
    let Redelivery { rejected, failed, .. } = redelivery;
    if !failed.is_empty() {
        return Fate::Failed(first_reason(&failed));
    }
    if rejected.is_empty() {
        return Fate::Delivered;
    }
    match quarantine(handler.config().quarantine.as_ref(), &rejected).await {
        Ok(()) => {
            summary.add_quarantined(rejected.len());
            Fate::Delivered
        }
        Err(reason) => Fate::Failed(format!("{}; {reason}", first_reason(&rejected))),
    }
}

async fn quarantine(
    quarantine: Option<&Quarantine>,
    rejected: &[QuarantinedRecord],
) -> Result<(), String> {
    let Some(quarantine) = quarantine else {
        return Err("set QUARANTINE to keep such records and continue".into());
    };
    let kept = quarantine.keep(rejected, None, Deadline::after(TIME_PER_BATCH)).await;
    kept.map_err(|error| format!("the quarantine failed: {}", describe(&*error)))
}

/// The first of several reasons, with the record and the sink that it belongs to.
pub(super) fn first_reason(records: &[QuarantinedRecord]) -> String {
    let Some(first) = records.iter().min_by_key(|record| record.position) else {
        return String::new();
    };
    let sink = first.sink.as_ref().map(|sink| format!("sink {sink}: ")).unwrap_or_default();
    let further = match records.len() - 1 {
        0 => String::new(),
        further => format!(" (and {further} more)"),
    };
    format!("record {}: {sink}{}{further}", first.position + 1, first.reason)
}
