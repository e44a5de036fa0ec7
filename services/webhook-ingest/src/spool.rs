//! The spool: a table for bundles that the broker did not confirm in time, and the task that publishes them later.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metrics::{counter, histogram};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::spool::{self, ClaimedBundle, SpooledBundle};
use pagekeeper_store::{Store, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;
use crate::bundle::{Bundle, BundleLimits};
use crate::pack::repack;

/// Bundles that a drain publishes in one flight: a few megabytes at most.
const DRAINED_AT_ONCE: u32 = 16;

/// Longer than a flight may take; what a killed process had claimed waits this long.
const LEASE: Duration = Duration::from_secs(15);

/// Time for a drained flight: nobody waits for an answer to it.
const DRAIN_FLIGHT_LIMIT: Duration = Duration::from_secs(5);

/// Writes bundles to the spool.
pub(crate) struct Spool {
    store: Store,
    limit: Duration,
    is_away: AtomicBool,
}

impl Spool {
    pub(crate) fn new(store: Store, limit: Duration) -> Self {
        Self { store, limit, is_away: AtomicBool::new(false) }
    }

    /// Whether all of them are committed, within the limit.
    pub(crate) async fn write(&self, bundles: &[Bundle]) -> bool {
        let started = Instant::now();
        let rows: Vec<SpooledBundle> = bundles.iter().map(row).collect();
        let insert = self.store.system(async |tx| spool::insert(tx, &rows).await);
        let outcome = timeout(self.limit, insert).await.unwrap_or(Err(StoreError::TimedOut));
        histogram!("pagekeeper_webhook_spool_write_duration_seconds").record(started.elapsed());
        self.log_change(outcome.as_ref().err());
        outcome.is_ok()
    }

    /// One line when it goes away and one when it is back, however many requests are affected.
    fn log_change(&self, error: Option<&StoreError>) {
        match (error, self.is_away.swap(error.is_some(), Ordering::Relaxed)) {
            (Some(error), false) => {
                let error = Chain(error);
                tracing::error!(area = "webhook", %error, "the spool cannot be written: webhooks are refused with 503");
            }
            (None, true) => tracing::info!(area = "webhook", "the spool can be written again"),
            _ => {}
        }
    }
}

fn row(bundle: &Bundle) -> SpooledBundle {
    SpooledBundle { bundle: bundle.encoded.to_vec(), entries: bundle.entries }
}

/// A bundle that was in the spool.
struct Drained {
    id: i64,
    entries: u32,
}

/// Publishes what the spool holds, oldest first, whenever the broker is there; until `stop`.
pub(crate) struct Drain {
    pub(crate) store: Store,
    pub(crate) broker: Broker,
    /// Of a bundle that has to be packed again.
    pub(crate) limits: BundleLimits,
    pub(crate) open_breakers: watch::Receiver<usize>,
    pub(crate) interval: Duration,
    pub(crate) stop: CancellationToken,
}

impl Drain {
    pub(crate) async fn run(mut self) -> Result<(), Infallible> {
        let stop = self.stop.clone();
        // A bundle whose drain is cut off keeps its lease and is published again later: the worker stores it once.
        stop.run_until_cancelled(async {
            loop {
                if self.open_breakers.wait_for(|open| *open == 0).await.is_err() {
                    return std::future::pending().await;
                }
                if !self.drain_some().await {
                    sleep(self.interval).await;
                }
            }
        })
        .await;
        Ok(())
    }

    /// Whether some were drained, so that there may be more.
    async fn drain_some(&self) -> bool {
        let claimed = match self.store.system(async |tx| spool::claim(tx, DRAINED_AT_ONCE, LEASE).await).await {
            Ok(claimed) if claimed.is_empty() => return false,
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::debug!(area = "webhook", error = %Chain(&error), "the spool cannot be read");
                return false;
            }
        };
        let (published, refused) = self.publish(claimed).await;
        self.settle(&published, &refused).await;
        refused.is_empty()
    }

    /// What is safe in its queues, and what is not. The number of queues may have changed since it was spooled, so that
    /// one bundle may become several messages.
    async fn publish(&self, claimed: Vec<ClaimedBundle>) -> (Vec<Drained>, Vec<Drained>) {
        let (mut drained, mut flight) = (Vec::with_capacity(claimed.len()), Vec::new());
        for ClaimedBundle { id, bundle, entries } in claimed {
            let packed = repack(bundle.into(), entries, self.limits, self.broker.queues());
            drained.push((Drained { id, entries }, packed.len()));
            flight.extend(packed.into_iter().map(|packed| (packed.queue, packed.encoded)));
        }
        let mut confirmed = self.broker.publish(flight, Instant::now() + DRAIN_FLIGHT_LIMIT).await.into_iter();
        let (mut published, mut refused) = (Vec::new(), Vec::new());
        for (bundle, messages) in drained {
            let confirms = confirmed.by_ref().take(messages).filter(|is_confirmed| *is_confirmed).count();
            if confirms == messages { &mut published } else { &mut refused }.push(bundle);
        }
        (published, refused)
    }

    async fn settle(&self, published: &[Drained], refused: &[Drained]) {
        let ids = |bundles: &[Drained]| bundles.iter().map(|bundle| bundle.id).collect::<Vec<_>>();
        let (done, given_back) = (ids(published), ids(refused));
        let settled = self.store.system(async |tx| {
            spool::done(tx, &done).await?;
            spool::give_back(tx, &given_back).await
        });
        if let Err(error) = settled.await {
            tracing::warn!(area = "webhook", error = %Chain(&error), "spooled webhooks will be published once more");
        }
        let entries: u64 = published.iter().map(|bundle| u64::from(bundle.entries)).sum();
        counter!("pagekeeper_webhook_drained_entries_total").increment(entries);
        if entries > 0 {
            tracing::info!(area = "webhook", bundles = published.len(), entries, "published from the spool");
        }
    }
}
