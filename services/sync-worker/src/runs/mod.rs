//! Runs at work in this process: claimed by a lease, carried out, given back when the process stops.
//!
//! A command is acknowledged once its run is claimed, or waits for room in the database; the run's row is what survives a
//! crash. A run whose lease runs out is taken over by whichever worker looks first. What a run saves need not be on the disk
//! at once: a database that crashes takes cursor and data back together, and the run fetches them again.

mod claim;
mod commands;
mod endings;
mod held;
mod retry;
mod rooms;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use pagekeeper_common::domain::ids::{AccountId, MessageRowId, RunId};
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_runtime::shutdown::Shutdown;
use pagekeeper_store::sync_runs::{self, RunEnd};
use pagekeeper_store::{AccountsTx, StoreError};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};
use uuid::Uuid;

pub use claim::WantedRun;
use claim::{accounts_of, claim_all};
pub use commands::Commands;
pub(crate) use endings::{Ending, SUCCEEDED, end_all};
pub use endings::{Endings, EndingsTask};
pub use held::{HeldRun, PageAccess};
pub use retry::{Next, after_failure};
pub use rooms::{Room, Rooms};
pub use waiting::start_waiting;

use crate::connect;
use crate::media::refresh_media;
use crate::parts::Parts;
use crate::sync;
use pagekeeper_limits::CallError;

/// After a failure of ours a run is tried again after so long.
const OUR_FAULT_WAIT: Duration = Duration::from_secs(10);

/// How a run's work came out, where nothing failed on our side.
#[derive(Debug)]
pub enum Outcome {
    Ended(RunEnd),
    /// Ended already, together with what had to be written beside it.
    Settled,
    /// Facebook leaves no room for so long, or another run goes first.
    PutOff(Duration),
    /// It failed for a reason that may pass, which is kept with the run.
    TryAgain(Duration, &'static str),
}

/// Why a run's work broke off. Facebook's refusals are outcomes, not errors.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// A run to start, and the room for it.
pub struct Start {
    pub run: WantedRun,
    pub room: Room,
    pub span: Span,
}

/// The runs of this process. Clones share them.
#[derive(Clone)]
pub struct Runs {
    parts: Parts,
    /// What this process is called in leases.
    owner: Arc<str>,
    pub(crate) rooms: Rooms,
    /// Full pages of conversations in memory.
    pages: Arc<Semaphore>,
    at_work: TaskTracker,
    shutdown: Shutdown,
}

impl Runs {
    pub fn new(parts: Parts, shutdown: Shutdown) -> Self {
        let sync = &parts.config.sync;
        Self {
            owner: format!("sync-worker/{}", Uuid::now_v7()).into(),
            rooms: Rooms::new(sync.parallel_runs),
            pages: Arc::new(Semaphore::new(sync.pages_in_memory.get())),
            at_work: TaskTracker::new(),
            shutdown,
            parts,
        }
    }

    /// Claims runs and starts to carry them out. A run that ended, that another worker holds, or that has to wait for
    /// another one of its Page, is left alone.
    pub async fn start_all(&self, starts: Vec<Start>) -> Result<(), StoreError> {
        let wanted: Vec<WantedRun> = starts.iter().map(|start| start.run).collect();
        let mut claimed = claim_all(&self.parts, &wanted, &self.owner).await?;
        for Start { run, room, span } in starts {
            let Some(held) = claimed.remove(&run.run_id) else { continue };
            let runs = self.clone();
            let work = async move {
                runs.carry_out(held).await;
                drop(room);
            };
            self.at_work.spawn(work.instrument(span));
        }
        Ok(())
    }

    /// Asks for a message's media beside the runs. Whoever waits for it asks again if this process ends first.
    pub fn refresh_media(&self, account_id: AccountId, message_id: MessageRowId, span: Span) {
        let (parts, stop) = (self.parts.clone(), self.shutdown.soft().clone());
        let work = async move {
            let _stopped = stop.run_until_cancelled(refresh_media(&parts, account_id, message_id)).await;
        };
        self.at_work.spawn(work.instrument(span));
    }

    /// There is no room for them here: whoever has room first takes them.
    pub async fn wait_for_room(&self, runs: &[WantedRun]) -> Result<(), StoreError> {
        if runs.is_empty() {
            return Ok(());
        }
        let ids: Vec<RunId> = runs.iter().map(|run| run.run_id).collect();
        let wait = async |tx: &mut AccountsTx| sync_runs::wait_for_room(tx, &ids).await;
        self.parts.store.accounts_unflushed(&accounts_of(runs), wait).await
    }

    /// Waits until every run has ended or was given back; to be called once the service stops.
    pub async fn ended(&self) {
        self.at_work.close();
        self.at_work.wait().await;
    }

    async fn carry_out(&self, mut held: HeldRun) {
        tracing::info!(area = held.area(), kind = held.run.kind.as_str(), "run started");
        let worked = tokio::select! {
            biased;
            // No time to give it back: its lease runs out.
            () = self.shutdown.hard().cancelled() => return,
            // Whatever was stored is saved with its cursor: nothing is lost by ending here.
            () = self.shutdown.soft().cancelled() => None,
            worked = self.work(&mut held) => Some(worked),
        };
        let settled = match worked {
            Some(Ok(Outcome::Ended(end))) => held.end(&end).await,
            Some(Ok(Outcome::Settled)) => Ok(()),
            Some(Ok(Outcome::PutOff(wait))) => held.put_off(wait).await,
            Some(Ok(Outcome::TryAgain(wait, error))) => held.try_again(wait, error).await,
            Some(Err(RunError::Store(error))) => self.give_up(&mut held, error).await,
            None => held.release(Duration::ZERO).await,
        };
        if let Err(error) = settled {
            // Its lease runs out, and it is taken over.
            tracing::warn!(area = held.area(), error = %Chain(&error), "a run could not be saved");
        }
    }

    async fn work(&self, held: &mut HeldRun) -> Result<Outcome, RunError> {
        match held.run.kind {
            RunKind::Connect => Box::pin(connect::connect(&self.parts, held)).await,
            _ => Box::pin(sync::sync_page(&self.parts, &self.pages, held)).await,
        }
    }

    /// The database is away, or has a fault: the run is tried again. One that another worker holds is no longer ours.
    async fn give_up(&self, held: &mut HeldRun, error: StoreError) -> Result<(), StoreError> {
        tracing::warn!(area = held.area(), error = %Chain(&error), "a run broke off");
        match error {
            StoreError::LeaseLost => Ok(()),
            error if error.is_transient() => held.release(OUR_FAULT_WAIT).await,
            _ => {
                let end = RunEnd { state: RunState::Parked, error: Some("internal".to_owned()), result: None };
                held.end_unsaved(&end).await
            }
        }
    }
}

/// What a failed call means for a run, and for its Page.
pub(crate) fn outcome_of(error: CallError) -> Result<Failure, RunError> {
    match error {
        CallError::Graph(error) => Ok(Failure::Graph(error)),
        CallError::Throttled(wait) => Ok(Failure::Throttled(wait)),
        CallError::Store(error) => Err(error.into()),
    }
}

/// A call that did not succeed, apart from failures of our database.
#[derive(Debug)]
pub(crate) enum Failure {
    Graph(pagekeeper_common::graph::GraphError),
    Throttled(Duration),
    /// Not by Facebook: heard while saving.
    Interrupted(Interruption),
    /// There is nothing more to do, and why.
    Ended(RunEnd),
}

/// Why a run leaves off at the end of a page of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// Somebody asked for its end.
    Canceled,
    /// A run that goes first waits for the Page.
    Yielded,
}
