//! Waiting for a run to end.

use std::time::Duration;

use pagekeeper_common::domain::ids::{AccountId, RunId};
use pagekeeper_store::sync_runs::{self, Run};
use pagekeeper_store::{AccountTx, StoreError};
use tokio::time::{Instant, sleep_until};

use crate::extract::api_error::Answer;
use crate::live::hub::{Hint, Subscription};
use crate::state::State;

/// The row is read this often even if no hint comes: a hint may be lost.
const NET: Duration = Duration::from_secs(1);

/// Waits until the run has ended, or until `deadline`; answers the run as it is then. Subscribe before the run is
/// started, so that its end is not missed.
pub(super) async fn wait_for_end(
    state: &State,
    hints: &mut Subscription,
    account: AccountId,
    run: RunId,
    deadline: Instant,
) -> Answer<Run> {
    loop {
        let now = Instant::now();
        let row = find(state, account, run).await;
        match row {
            Ok(row) if row.state.has_ended() || now >= deadline => return Ok(row),
            // The run goes on without us; a database that comes back in time is soon enough.
            Err(error) if now >= deadline || !error.is_transient() => return Err(error.into()),
            Ok(_) | Err(_) => {}
        }
        tokio::select! {
            () = ended(hints, run) => {}
            () = sleep_until(deadline.min(now + NET)) => {}
            () = state.shutdown.soft().cancelled() => return Ok(find(state, account, run).await?),
        }
    }
}

async fn ended(hints: &mut Subscription, run: RunId) {
    loop {
        match hints.next().await {
            Hint::Run { id, ended: true, .. } if id == run => return,
            Hint::Resync => return,
            _ => {}
        }
    }
}

async fn find(state: &State, account: AccountId, run: RunId) -> Result<Run, StoreError> {
    let found = state.store.account(account, async move |tx: &mut AccountTx| sync_runs::find(tx, run).await).await?;
    found.ok_or(StoreError::NotFound)
}
