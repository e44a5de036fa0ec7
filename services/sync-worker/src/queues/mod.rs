//! The queues of webhooks, shared by the workers.
//!
//! Every worker consumes every queue, so that the broker hands a dead worker's queues to the others at once and by itself.
//! For the balance, each worker has a row with a lease; every worker reckons from these rows which queues are whose, and
//! steps back from those that are another's. Whatever two workers think of each other, the broker lets only one of them
//! be at work on a queue.
//!
//! Queues beyond the configured number are looked for now and then and consumed as well: they are left from a larger
//! number, or webhook-ingest knows a larger one already.

mod shares;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use metrics::gauge;
use pagekeeper_bus::topology::webhook_queue;
use pagekeeper_bus::{BatchHandler, Bus, ConsumerOptions, consume_share};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::{Store, workers};
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use shares::is_ours;

/// A worker that was not heard of for so many intervals is taken for dead.
const LEASE_INTERVALS: u32 = 5;
/// Intervals between two looks for queues that the configuration does not name.
const LOOK_INTERVALS: u32 = 10;

/// This worker's share of the queues.
pub struct WebhookQueueShare<M> {
    pub bus: Bus,
    pub store: Store,
    pub options: ConsumerOptions,
    /// Between two signs of life.
    pub interval: Duration,
    /// Makes a queue's handler.
    pub handler: M,
}

impl<M, H> WebhookQueueShare<M>
where
    M: Fn() -> H,
    H: BatchHandler,
{
    /// Consumes until `stop`, and fails if a consumer panics.
    pub async fn run(self, stop: CancellationToken) -> Result<(), JoinError> {
        // Of a process, not of a machine: one that was killed and came back has to be told from its former self.
        let me = format!("sync-worker/{}", Uuid::now_v7());
        let mut alive = BTreeSet::new();
        let mut shares: BTreeMap<u16, watch::Sender<bool>> = BTreeMap::new();
        let mut consumers = FuturesUnordered::new();
        let mut beats = interval(self.interval);
        let mut until_look = 0;
        while !stop.is_cancelled() {
            for index in self.missing(&shares, &mut until_look).await {
                let (share, is_ours) = watch::channel(is_ours(index, &me, &alive));
                let (queue, handler) = (webhook_queue(index), (self.handler)());
                let consumer = consume_share(&self.bus, &queue, self.options, handler, is_ours, stop.clone());
                consumers.push(async move { (index, consumer.await) });
                shares.insert(index, share);
            }
            self.beat(&me, &mut alive).await;
            tell(&shares, &me, &alive);
            tokio::select! {
                _ = beats.tick() => {}
                Some((index, ended)) = consumers.next() => {
                    ended?;
                    // Its queue was deleted.
                    shares.remove(&index);
                }
                () = stop.cancelled() => {}
            }
        }
        while let Some((_, ended)) = consumers.next().await {
            ended?;
        }
        self.leave(&me).await;
        Ok(())
    }

    /// Queues that exist, or should, and that are not consumed yet.
    async fn missing(&self, shares: &BTreeMap<u16, watch::Sender<bool>>, until_look: &mut u32) -> Vec<u16> {
        let unknown = |index: &u16| !shares.contains_key(index);
        let mut missing: Vec<u16> = self.bus.webhook_queues().indices().filter(unknown).collect();
        if *until_look == 0 && self.bus.publisher().is_connected() {
            *until_look = LOOK_INTERVALS;
            let beyond: Vec<u16> = self.bus.webhook_queues().beyond().filter(unknown).collect();
            let found = self.bus.publisher().find_webhook_queues(&beyond).await;
            for index in &found {
                tracing::info!(area = "webhook", queue = webhook_queue(*index), "found a queue that is not configured");
            }
            missing.extend(found);
        }
        *until_look = until_look.saturating_sub(1);
        missing
    }

    async fn beat(&self, me: &str, alive: &mut BTreeSet<String>) {
        let lease = self.interval * LEASE_INTERVALS;
        match self.store.system(async |tx| workers::beat(tx, me, lease).await).await {
            Ok(found) => {
                if found != *alive {
                    tracing::info!(area = "webhook", workers = found.len(), "workers share the queues of webhooks");
                }
                *alive = found;
            }
            // Nothing can be stored either, whoever does it.
            Err(error) => tracing::debug!(area = "webhook", error = %Chain(&error), "cannot hear of the other workers"),
        }
    }

    async fn leave(&self, me: &str) {
        if let Err(error) = self.store.system(async |tx| workers::leave(tx, me).await).await {
            tracing::debug!(area = "webhook", error = %Chain(&error), "the others will notice that this worker is gone");
        }
    }
}

/// Tells the consumers which queues are this worker's.
fn tell(shares: &BTreeMap<u16, watch::Sender<bool>>, me: &str, alive: &BTreeSet<String>) {
    let mut count = 0_u32;
    for (index, share) in shares {
        let ours = is_ours(*index, me, alive);
        count += u32::from(ours);
        share.send_replace(ours);
    }
    gauge!("pagekeeper_webhook_queues_owned").set(count);
}
