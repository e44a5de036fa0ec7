//! Runs that wait in the database: for room, for their time, or because the worker that had them is gone.

use std::time::Duration;

use pagekeeper_common::domain::lane::Lane;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::sync_runs::WaitingRun;
use pagekeeper_store::{StoreError, sync_runs};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::{Runs, Start, WantedRun};

/// Runs that are claimed at once.
const AT_ONCE: usize = 50;

/// After a run has left, others that leave too are waited for: one look for all.
const GATHER: Duration = Duration::from_millis(50);

/// Starts what waits, whenever there is room, until asked to stop.
pub async fn start_waiting(runs: Runs, stop: CancellationToken) {
    let mut look = interval(runs.parts.config.sync.takeover_interval());
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = look.tick() => {}
            () = async { runs.rooms.freed().await; sleep(GATHER).await } => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = start_all(&runs).await {
            tracing::debug!(area = "sync", error = %Chain(&error), "waiting runs could not be looked for");
        }
    }
}

async fn start_all(runs: &Runs) -> Result<(), StoreError> {
    loop {
        let free = runs.rooms.free().min(AT_ONCE);
        if free == 0 {
            return Ok(());
        }
        let except = runs.rooms.full_accounts();
        let most = u32::try_from(free).unwrap_or(u32::MAX);
        let waiting = runs.parts.store.system(async |tx| sync_runs::claim_waiting(tx, most, &except).await).await?;
        let found = waiting.len();
        let (mut starts, mut full) = (Vec::new(), Vec::new());
        for WaitingRun { run_id, account_id, interactive } in waiting {
            let lane = if interactive { Lane::Interactive } else { Lane::Background };
            let run = WantedRun { account_id, run_id };
            match runs.rooms.enter(account_id, lane) {
                Some(room) => {
                    let span = tracing::info_span!("takeover", run.id = %run_id, account.id = %account_id);
                    starts.push(Start { run, room, span });
                }
                // Its account has come to its part of the room.
                None => full.push(run),
            }
        }
        runs.start_all(starts).await?;
        runs.wait_for_room(&full).await?;
        if found < free {
            return Ok(());
        }
    }
}
