//! `GET /api/sync-runs/{id}`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::RunId;
use pagekeeper_store::{AccountTx, StoreError, sync_runs};

use super::views;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{AccountScope, Authorised, ReadConnections};
use crate::state::State;

/// Follow a run
///
/// Progress and result of work on Facebook; a connect run has a child for each Page.
#[utoipa::path(tag = "Sync", params(("id" = i64, Path, description = "The run", example = 91)),
    responses((status = 200, description = "The run", body = views::Run)))]
#[get("/api/sync-runs/{id}")]
pub(crate) async fn read_run(
    scope: Authorised<ReadConnections>,
    state: web::Data<State>,
    path: web::Path<i64>,
) -> Answer<web::Json<views::Run>> {
    read(&scope, &state, RunId::new(path.into_inner())).await.map(web::Json)
}

/// 404 where the account has no such run.
pub(super) async fn read(scope: &AccountScope, state: &State, id: RunId) -> Answer<views::Run> {
    let (run, children) = scope
        .run(async move |tx: &mut AccountTx| {
            let run = sync_runs::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            let children = sync_runs::list_children(tx, id).await?;
            Ok((run, children))
        })
        .await?;
    let needed = std::iter::once(&run).chain(&children).filter_map(|run| run.connection_id);
    let briefs = state.briefs.get(scope, needed).await?;
    Ok(views::Run::new(&run, &children, &briefs))
}
