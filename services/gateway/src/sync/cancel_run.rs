//! `POST /api/sync-runs/{id}/cancel`

use actix_web::{post, web};
use pagekeeper_common::domain::ids::RunId;
use pagekeeper_contracts::v1::RunProgressed;
use pagekeeper_store::{AccountTx, StoreError, sync_runs};

use super::views;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageConnections};
use crate::state::State;

/// Cancel a run
///
/// One that waits ends at once; one at work ends when it has stored what it holds. What is stored stays. A run that has
/// ended is answered as it is.
#[utoipa::path(tag = "Sync", params(("id" = i64, Path, description = "The run", example = 91)),
    responses((status = 200, description = "The run as it is now", body = views::Run)))]
#[post("/api/sync-runs/{id}/cancel")]
pub(crate) async fn cancel_run(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    path: web::Path<i64>,
) -> Answer<web::Json<views::Run>> {
    let id = RunId::new(path.into_inner());
    let (run, children) = scope
        .run(async move |tx: &mut AccountTx| {
            sync_runs::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            sync_runs::cancel(tx, id).await?;
            let run = sync_runs::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            Ok((run, sync_runs::list_children(tx, id).await?))
        })
        .await?;
    tracing::info!(area = "sync", account.id = %scope.principal.account, run.id = %id, user.id = %scope.principal.user, "a run was canceled");
    for run in std::iter::once(&run).chain(&children) {
        state.hints.send(&RunProgressed {
            account_id: run.account_id.get(),
            run_id: run.id.get(),
            parent_run_id: run.parent_id.map(RunId::get).unwrap_or_default(),
            ended: run.state.has_ended(),
        });
    }
    let needed = std::iter::once(&run).chain(&children).filter_map(|run| run.connection_id);
    let briefs = state.briefs.get(&scope, needed).await?;
    Ok(web::Json(views::Run::new(&run, &children, &briefs)))
}
