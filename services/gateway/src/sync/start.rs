//! Starting runs. The row and its command are written together; a run that does the same already is joined.

use std::collections::HashMap;
use std::time::Duration;

use pagekeeper_common::domain::connection::{ConnectionState, ConnectionType};
use pagekeeper_common::domain::ids::{ConnectionId, ConversationId, RunId, UserId};
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::domain::page_update::PageUpdateRequest;
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_contracts::Contract;
use pagekeeper_contracts::v1::{ConnectPages, SyncPage};
use pagekeeper_outbox as outbox;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::connections::Connection;
use pagekeeper_store::sync_runs::{self, CreatedRun, NewRun};
use pagekeeper_store::{AccountTx, StoreError, connections, conversations};

use crate::extract::api_error::Answer;

/// Connects all Pages of a person who has logged in.
pub(crate) async fn start_connect(tx: &mut AccountTx, user: UserId) -> Result<RunId, StoreError> {
    let account_id = tx.account_id();
    let run = NewRun::connect(account_id, user);
    start(tx, &run, |run_id| ConnectPages { account_id: account_id.get(), run_id: run_id.get() }).await
}

/// Syncs Pages by the clock, each some time from now. A Page's run that is active already is joined.
pub(super) async fn start_by_clock(
    tx: &mut AccountTx,
    kind: RunKind,
    pages: &[(ConnectionId, Duration)],
) -> Result<Vec<RunId>, StoreError> {
    let account_id = tx.account_id().get();
    let delays: HashMap<_, _> = pages.iter().copied().collect();
    let runs = sync_runs::create_of_pages(tx, kind, pages).await?;
    let commands: Vec<_> = runs
        .iter()
        .filter(|run| run.is_new)
        .map(|run| {
            let command = SyncPage { account_id, run_id: run.id.get(), interactive: false };
            (command, delays.get(&run.connection_id).copied().unwrap_or_default())
        })
        .collect();
    outbox::enqueue_all(tx, commands.iter().map(|(command, delay)| (command, *delay))).await?;
    Ok(runs.into_iter().map(|run| run.id).collect())
}

/// Syncs one Page, or a part of it, for somebody who waits. 404 for another account's, 409 for one that is disconnected.
pub(super) async fn start_of_page(tx: &mut AccountTx, kind: RunKind, connection: ConnectionId) -> Answer<RunId> {
    require_connected(tx, connection).await?;
    let run = NewRun::of_page(tx.account_id(), kind, connection);
    // A whole Page may take hours, and takes no room from what somebody waits for.
    let interactive = !kind.is_page_wide();
    if kind == RunKind::Full {
        sync_runs::cancel_kind(tx, connection, RunKind::Backfill).await?;
    }
    Ok(start_page(tx, NewRun { interactive, ..run }).await?)
}

/// The same for one conversation.
pub(super) async fn start_of_conversation(tx: &mut AccountTx, kind: RunKind, id: ConversationId) -> Answer<RunId> {
    let conversation = conversations::find(tx, id).await?.ok_or(StoreError::NotFound)?;
    require_connected(tx, conversation.connection_id).await?;
    let run = NewRun::of_page(tx.account_id(), kind, conversation.connection_id);
    Ok(start_page(tx, NewRun { interactive: true, conversation_id: Some(id), ..run }).await?)
}

/// Writes fields of a Page to Facebook. Each such request is a run of its own.
pub(super) async fn start_page_update(
    tx: &mut AccountTx,
    connection: ConnectionId,
    request: &PageUpdateRequest,
) -> Answer<RunId> {
    if require_connected(tx, connection).await?.connection_type == ConnectionType::Instagram {
        let problem = Problem::conflict(
            "an Instagram account's profile is changed on Instagram: Facebook takes fields of Pages alone",
        );
        return Err(problem.with_kind("/problems/instagram-account").into());
    }
    let request = serde_json::to_value(request).map_err(|error| Problem::internal(&error))?;
    let run = NewRun::of_page(tx.account_id(), RunKind::UpdatePage, connection);
    Ok(start_page(tx, NewRun { interactive: true, request: Some(request), ..run }).await?)
}

async fn require_connected(tx: &mut AccountTx, id: ConnectionId) -> Answer<Connection> {
    let connection = connections::find(tx, id).await?.ok_or(StoreError::NotFound)?;
    if connection.state == ConnectionState::Disconnected {
        let problem = Problem::conflict("the Page is disconnected: connect it again first");
        return Err(problem.with_kind("/problems/disconnected").into());
    }
    Ok(connection)
}

async fn start_page(tx: &mut AccountTx, run: NewRun) -> Result<RunId, StoreError> {
    let (account_id, interactive) = (run.account_id.get(), run.interactive && run.kind.lane() == Lane::Background);
    start(tx, &run, |run_id| SyncPage { account_id, run_id: run_id.get(), interactive }).await
}

async fn start<M: Contract>(
    tx: &mut AccountTx,
    run: &NewRun,
    command: impl Fn(RunId) -> M + Send,
) -> Result<RunId, StoreError> {
    let created = sync_runs::create(tx, run).await?;
    if let CreatedRun::Created(id) = created {
        outbox::enqueue_all(tx, [(&command(id), run.delay)]).await?;
    }
    Ok(created.id())
}
