//! Runs whose worker is gone, and runs that were put off: found again, also those of a process that died.

use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::sync_runs;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::Runs;
use pagekeeper_common::domain::lane::Lane;

/// Runs that are taken over at once.
const AT_ONCE: u32 = 50;

/// Takes over what nobody holds, at the start and then at an interval, until asked to stop.
pub async fn take_over_abandoned(runs: Runs, stop: CancellationToken) {
    let mut look = interval(runs.parts.config.sync.takeover_interval());
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = look.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = take_over(&runs).await {
            tracing::debug!(area = "sync", error = %Chain(&error), "abandoned runs could not be looked for");
        }
    }
}

async fn take_over(runs: &Runs) -> Result<(), pagekeeper_store::StoreError> {
    let Some(room) = runs.try_room(Lane::Background) else { return Ok(()) };
    let mut room = Some(room);
    let abandoned = runs.parts.store.system(async |tx| sync_runs::claim_abandoned(tx, AT_ONCE).await).await?;
    for run in abandoned {
        // Those that find no room are abandoned again in two minutes.
        let Some(room) = room.take().or_else(|| runs.try_room(Lane::Background)) else { return Ok(()) };
        let span = tracing::info_span!("takeover", run.id = %run.run_id, account.id = %run.account_id);
        runs.start(run.account_id, run.run_id, room, span).await?;
    }
    Ok(())
}
