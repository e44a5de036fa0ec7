//! What starts by the clock: one gateway of all fires, and what is overdue fires at start.

use std::time::Duration;

use actix_web::web;
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::{SystemTx, schedules};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::sync_all_flow::{start_all, start_due_full, start_silent};
use crate::extract::api_error::{Answer, ApiError};
use crate::state::State;

/// How often a gateway looks whether the time has come.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A gateway that dies while it starts the runs is replaced after this time.
const LEASE: Duration = Duration::from_mins(1);

/// Between two looks for accounts whose hour of the full sync has passed, and for Pages that have fallen silent.
const LOOK_AT_CLOCKS_EVERY: Duration = Duration::from_mins(5);

/// Something that is started by the clock.
#[derive(Debug, Clone, Copy)]
enum Schedule {
    /// What changed at every Page.
    SyncAll,
    /// Everything, where it is the hour for it.
    FullSync,
    /// What webhooks may have missed.
    Watchdog,
}

impl Schedule {
    const ALL: [Self; 3] = [Self::SyncAll, Self::FullSync, Self::Watchdog];

    fn name(self) -> &'static str {
        match self {
            Self::SyncAll => "sync-all-pages",
            Self::FullSync => "full-sync-all-pages",
            Self::Watchdog => "webhook-watchdog",
        }
    }

    fn every(self, state: &State) -> Duration {
        match self {
            Self::SyncAll => Duration::from_mins(state.config.schedules.sync_all_minutes.get().into()),
            Self::FullSync | Self::Watchdog => LOOK_AT_CLOCKS_EVERY,
        }
    }

    /// How many Pages it started.
    async fn start(self, state: &State) -> Answer<usize> {
        let started = match self {
            Self::SyncAll => start_all(state, RunKind::Incremental).await?,
            Self::FullSync => start_due_full(state).await?,
            Self::Watchdog => start_silent(state).await?,
        };
        Ok(started.len())
    }
}

/// Fires until `stop`.
pub(crate) async fn fire(state: web::Data<State>, stop: CancellationToken) {
    let owner = Uuid::now_v7().to_string();
    let mut interval = tokio::time::interval(LOOK_EVERY);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        for schedule in Schedule::ALL {
            if let Err(error) = fire_if_due(schedule, &state, &owner).await {
                let schedule = schedule.name();
                tracing::warn!(area = "sync", schedule, error = %Chain(&error), "the schedule could not be looked at");
            }
        }
    }
}

async fn fire_if_due(schedule: Schedule, state: &State, owner: &str) -> Answer<()> {
    let name = schedule.name();
    let claim = async |tx: &mut SystemTx| schedules::claim_due(tx, name, owner, LEASE).await.map_err(ApiError::from);
    if !state.store.system(claim).await? {
        return Ok(());
    }
    let pages = schedule.start(state).await?;
    if pages > 0 {
        tracing::info!(area = "sync", schedule = name, pages, "syncs were started by the clock");
    }
    let every = schedule.every(state);
    let complete = async |tx: &mut SystemTx| schedules::complete(tx, name, owner, every).await.map_err(ApiError::from);
    state.store.system(complete).await?;
    Ok(())
}
