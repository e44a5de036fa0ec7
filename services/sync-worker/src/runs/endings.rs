//! Ends of syncs: those that come to their end while others are being stored go together in the next transaction.

use pagekeeper_common::domain::sync_run::RunState;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::connections::{self, Synced};
use pagekeeper_store::sync_runs::{self, EndedRun, RunEnd, RunLease, RunProgress};
use pagekeeper_store::{AccountsTx, Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::claim::each_once;
use super::held::hand_on;

/// Ends in one transaction, at most.
const AT_ONCE: usize = 64;

/// How a sync ends that went through all that it was to go through.
pub(crate) const SUCCEEDED: RunEnd = RunEnd { state: RunState::Succeeded, error: None, result: None };

/// A sync that has come to its end.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub lease: RunLease,
    /// What it did since it was saved last.
    pub last: RunProgress,
    pub synced: Synced,
}

/// Takes ends; clones feed the same task.
#[derive(Clone)]
pub struct Endings {
    waiting: mpsc::Sender<Waiting>,
}

/// The task that stores what [`Endings`] takes.
pub struct EndingsTask {
    store: Store,
    waiting: mpsc::Receiver<Waiting>,
}

struct Waiting {
    ending: Ending,
    /// Dropped where it was not stored.
    stored: oneshot::Sender<()>,
}

impl Endings {
    pub fn new(store: Store) -> (Self, EndingsTask) {
        let (sender, receiver) = mpsc::channel(AT_ONCE);
        (Self { waiting: sender }, EndingsTask { store, waiting: receiver })
    }

    /// Whether the end is stored. If not, one of those that it went with is at fault, or the database: stored alone, it
    /// hears why.
    pub(crate) async fn store(&self, ending: Ending) -> bool {
        let (sender, stored) = oneshot::channel();
        let waits = self.waiting.send(Waiting { ending, stored: sender }).await;
        waits.is_ok() && stored.await.is_ok()
    }
}

impl EndingsTask {
    /// Stores ends until asked to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(AT_ONCE);
        while stop.run_until_cancelled(self.waiting.recv_many(&mut batch, AT_ONCE)).await.is_some_and(|count| count > 0)
        {
            let (endings, waiting): (Vec<_>, Vec<_>) = batch.drain(..).map(|one| (one.ending, one.stored)).unzip();
            match self.store(&endings).await {
                Ok(()) => {
                    for stored in waiting {
                        // Whoever waited may be gone: this process stops.
                        let _ = stored.send(());
                    }
                }
                Err(error) => {
                    tracing::debug!(area = "sync", error = %Chain(&error), runs = endings.len(), "ends are stored one by one");
                }
            }
        }
    }

    async fn store(&self, endings: &[Ending]) -> Result<(), StoreError> {
        let accounts = each_once(endings.iter().map(|ending| ending.lease.account_id));
        self.store.accounts_unflushed(&accounts, async |tx: &mut AccountsTx| end_all(tx, endings).await).await
    }
}

/// Ends these, and hands their Pages on to what waits for them: all of it, or none.
pub(crate) async fn end_all(tx: &mut AccountsTx, endings: &[Ending]) -> Result<(), StoreError> {
    let synced: Vec<Synced> = endings.iter().map(|ending| ending.synced).collect();
    let ended: Vec<EndedRun<'_>> = endings
        .iter()
        .map(|ending| EndedRun { lease: ending.lease, end: &SUCCEEDED, last: Some(&ending.last) })
        .collect();
    let leases: Vec<RunLease> = endings.iter().map(|ending| ending.lease).collect();
    connections::mark_synced(tx, &synced).await?;
    sync_runs::end_all(tx, &ended).await?;
    hand_on(tx, &leases).await
}
