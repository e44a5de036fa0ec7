//! Starting runs. The row and its command are written together; a run that is active already is joined.

use pagekeeper_common::domain::ids::{ConnectionId, RunId, UserId};
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_contracts::Contract;
use pagekeeper_contracts::v1::{ConnectPages, SyncPage};
use pagekeeper_outbox as outbox;
use pagekeeper_store::sync_runs::{self, CreatedRun, NewRun};
use pagekeeper_store::{AccountTx, StoreError};

/// Connects all Pages of a person who has logged in.
pub(crate) async fn start_connect(tx: &mut AccountTx, user: UserId) -> Result<RunId, StoreError> {
    let account_id = tx.account_id();
    let run = NewRun { account_id, kind: RunKind::Connect, parent_id: None, connection_id: None, user_id: Some(user) };
    start(tx, &run, |run_id| ConnectPages { account_id: account_id.get(), run_id: run_id.get() }).await
}

/// Fetches what changed at one Page.
pub(crate) async fn start_incremental(tx: &mut AccountTx, connection: ConnectionId) -> Result<RunId, StoreError> {
    let account_id = tx.account_id();
    let run = NewRun {
        account_id,
        kind: RunKind::Incremental,
        parent_id: None,
        connection_id: Some(connection),
        user_id: None,
    };
    start(tx, &run, |run_id| SyncPage { account_id: account_id.get(), run_id: run_id.get() }).await
}

async fn start<M: Contract>(
    tx: &mut AccountTx,
    run: &NewRun,
    command: impl Fn(RunId) -> M + Send,
) -> Result<RunId, StoreError> {
    let created = sync_runs::create(tx, run).await?;
    if let CreatedRun::Created(id) = created {
        outbox::enqueue(tx, &command(id)).await?;
    }
    Ok(created.id())
}
