//! What keeps the database in order: statistics of tables that were empty until now, and the end of what is too old.

use std::time::Duration;

use chrono::TimeDelta;
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::{Store, StoreError, SystemTx, statistics, sync_runs};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::parts::Parts;

/// Between two looks for tables without statistics, with which the first sync of all would run with plans for nothing:
/// PostgreSQL itself looks once a minute.
const STATISTICS_EVERY: Duration = Duration::from_secs(2);

const HISTORY_EVERY: Duration = Duration::from_hours(1);

/// Runs that ended are shown for so long.
const RUNS: TimeDelta = TimeDelta::days(90);
/// Use of limits by the minute: what the plots of a week need.
const USAGE: TimeDelta = TimeDelta::days(8);
/// Statistics by the hour.
const STATISTICS: TimeDelta = TimeDelta::days(400);

/// Keeps house until asked to stop. Of several workers each does it; the second finds nothing to do.
pub(crate) async fn keep_house(parts: Parts, stop: CancellationToken) {
    let (mut statistics, mut history) = (interval(STATISTICS_EVERY), interval(HISTORY_EVERY));
    statistics.set_missed_tick_behavior(MissedTickBehavior::Delay);
    history.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let kept = tokio::select! {
            _ = statistics.tick() => analyze(&parts.store).await,
            _ = history.tick() => trim(&parts).await,
            () = stop.cancelled() => return,
        };
        if let Err(error) = kept {
            tracing::debug!(area = "database", error = %Chain(&error), "the database could not be kept in order");
        }
    }
}

async fn analyze(store: &Store) -> Result<(), StoreError> {
    let tables = store.system(async |tx: &mut SystemTx| statistics::analyze_young_tables(tx).await).await?;
    if tables > 0 {
        tracing::debug!(area = "database", tables, "first statistics were taken");
    }
    Ok(())
}

async fn trim(parts: &Parts) -> Result<(), StoreError> {
    let now = parts.clock.now();
    let trim = async |tx: &mut SystemTx| sync_runs::trim_history(tx, now - RUNS, now - USAGE, now - STATISTICS).await;
    parts.store.system(trim).await
}
