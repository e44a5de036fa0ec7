//! The schedule that syncs all Pages: one gateway of all fires, and an overdue one fires at start.

use std::time::Duration;

use actix_web::web;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::{SystemTx, schedules};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::sync_all_flow::start_all;
use crate::extract::api_error::{Answer, ApiError};
use crate::state::State;

const NAME: &str = "sync-all-pages";

/// How often a gateway looks whether the time has come.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A gateway that dies while it starts the runs is replaced after this time.
const LEASE: Duration = Duration::from_mins(1);

/// Fires until `stop`.
pub(crate) async fn fire(state: web::Data<State>, stop: CancellationToken) {
    let owner = Uuid::now_v7().to_string();
    let mut interval = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = interval.tick() => {}
        }
        if let Err(error) = fire_if_due(&state, &owner).await {
            tracing::warn!(area = "sync", error = %Chain(&error), "the schedule could not be looked at");
        }
    }
}

async fn fire_if_due(state: &State, owner: &str) -> Answer<()> {
    let is_ours = state
        .store
        .system(async |tx: &mut SystemTx| schedules::claim_due(tx, NAME, owner, LEASE).await.map_err(ApiError::from))
        .await?;
    if !is_ours {
        return Ok(());
    }
    let started = start_all(state).await?;
    tracing::info!(area = "sync", pages = started.len(), "the scheduled sync of all Pages has started");
    let every = Duration::from_mins(state.config.schedules.sync_all_minutes.get().into());
    state
        .store
        .system(async |tx: &mut SystemTx| schedules::complete(tx, NAME, owner, every).await.map_err(ApiError::from))
        .await?;
    Ok(())
}
