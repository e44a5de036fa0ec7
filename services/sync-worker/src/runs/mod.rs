//! Runs at work in this process: claimed by a lease, carried out, given back when the process stops.
//!
//! A command is acknowledged once its run is claimed; from then on the run's row is what survives a crash. A run whose
//! lease runs out is taken over by whichever worker looks first.

mod commands;
mod held;
mod takeover;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use pagekeeper_common::domain::ids::{AccountId, RunId};
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_runtime::shutdown::Shutdown;
use pagekeeper_store::StoreError;
use pagekeeper_store::sync_runs::{self, RunEnd};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};
use uuid::Uuid;

pub use commands::Commands;
pub use held::HeldRun;
pub use takeover::take_over_abandoned;

use crate::connect;
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
    /// Facebook leaves no room for so long.
    PutOff(Duration),
}

/// Why a run's work broke off. Facebook's refusals are outcomes, not errors.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// Room for one run, held while it is at work.
#[derive(Debug)]
pub struct Room {
    _run: OwnedSemaphorePermit,
    _background: Option<OwnedSemaphorePermit>,
}

/// The runs of this process. Clones share them.
#[derive(Clone)]
pub struct Runs {
    parts: Parts,
    /// What this process is called in leases.
    owner: Arc<str>,
    room: Arc<Semaphore>,
    background_room: Arc<Semaphore>,
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
            room: Arc::new(Semaphore::new(sync.parallel_runs.get())),
            background_room: Arc::new(Semaphore::new(background_room(sync.parallel_runs))),
            pages: Arc::new(Semaphore::new(sync.pages_in_memory.get())),
            at_work: TaskTracker::new(),
            shutdown,
            parts,
        }
    }

    /// Room for one more run; none while too many are at work. A quarter of it is left to what somebody waits for.
    pub fn try_room(&self, lane: Lane) -> Option<Room> {
        let background = match lane {
            Lane::Interactive => None,
            Lane::Background => Some(Arc::clone(&self.background_room).try_acquire_owned().ok()?),
        };
        let run = Arc::clone(&self.room).try_acquire_owned().ok()?;
        Some(Room { _run: run, _background: background })
    }

    /// Claims a run and starts to carry it out. A run that ended, or that another worker holds, is left alone.
    pub async fn start(&self, account_id: AccountId, run_id: RunId, room: Room, span: Span) -> Result<(), StoreError> {
        let lease = self.parts.config.sync.lease();
        let owner = Arc::clone(&self.owner);
        let claimed = self
            .parts
            .store
            .accounts(&[account_id], async move |tx| sync_runs::claim(tx, run_id, &owner, lease).await)
            .await?;
        let Some((run, lease)) = claimed else { return Ok(()) };
        let held = HeldRun::new(self.parts.clone(), run, lease);
        let runs = self.clone();
        let work = async move {
            runs.carry_out(held).await;
            drop(room);
        };
        self.at_work.spawn(work.instrument(span));
        Ok(())
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
            Some(Ok(Outcome::Ended(end))) => held.end(end).await,
            Some(Ok(Outcome::Settled)) => Ok(()),
            Some(Ok(Outcome::PutOff(wait))) => held.put_off(wait).await,
            Some(Err(RunError::Store(error))) => self.give_up(&held, error).await,
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
            RunKind::First | RunKind::Incremental | RunKind::Backfill => {
                Box::pin(sync::sync_page(&self.parts, &self.pages, held)).await
            }
        }
    }

    /// The database is away, or has a fault: the run is tried again. One that another worker holds is no longer ours.
    async fn give_up(&self, held: &HeldRun, error: StoreError) -> Result<(), StoreError> {
        tracing::warn!(area = held.area(), error = %Chain(&error), "a run broke off");
        match error {
            StoreError::LeaseLost => Ok(()),
            error if error.is_transient() => held.release(OUR_FAULT_WAIT).await,
            _ => {
                let end = RunEnd { state: RunState::Failed, error: Some("internal".to_owned()), result: None };
                let lease = held.lease;
                self.parts
                    .store
                    .accounts(&[lease.account_id], async |tx| sync_runs::end(tx, &lease, &end).await)
                    .await?;
                held.tell_ended(&end);
                Ok(())
            }
        }
    }
}

/// Three quarters of it.
fn background_room(parallel_runs: NonZeroUsize) -> usize {
    parallel_runs.get() - parallel_runs.get() / 4
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
}
