//! `POST /api/facebook/pages/{page_id}/sync-from-facebook`, `…/sync-contacts-from-facebook`

use actix_web::{HttpResponse, post, web};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::AccountTx;
use serde::Serialize;
use utoipa::ToSchema;

use super::awaited::{Awaited, start_and_wait};
use super::start::start_of_page;
use super::views::StillRunning;
use crate::connections::read::read;
use crate::connections::views::Connection;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageConnections};
use crate::extract::wait::Wait;
use crate::state::State;

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncedPage {
    #[schema(example = true)]
    success: bool,
    /// Our id of the connection.
    #[schema(example = 7)]
    page_id: i64,
    page: Connection,
    /// Pages that were read: 1. For contacts, the customers that Facebook named.
    #[schema(example = 1)]
    synced_count: u32,
    #[schema(example = 91)]
    run_id: i64,
}

/// Pull a Page's details
///
/// Name, category, about, phone, website, fan count and picture, as Facebook has them now. Waits 60 seconds unless `wait`
/// says else; 202 when it takes longer.
#[utoipa::path(tag = "Sync",
    params(("page_id" = i64, Path, description = "Our id of the connection", example = 7), Wait), responses(
    (status = 200, description = "The Page as it is now", body = SyncedPage),
    (status = 202, description = "Still at work", body = StillRunning, headers(("location" = String, description = "The run"))),
    (status = 409, description = "The Page is disconnected, or needs a new login"),
))]
#[post("/api/facebook/pages/{page_id}/sync-from-facebook")]
pub(crate) async fn sync_details(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    path: web::Path<i64>,
    wait: Query<Wait>,
) -> Answer<HttpResponse> {
    pull(RunKind::Details, &scope, &state, path.into_inner(), *wait).await
}

/// Pull a Page's customers
///
/// Everybody who has a conversation with the Page, with their names. Waits 60 seconds unless `wait` says else; 202 when it
/// takes longer.
#[utoipa::path(tag = "Sync",
    params(("page_id" = i64, Path, description = "Our id of the connection", example = 7), Wait), responses(
    (status = 200, description = "How many there are", body = SyncedPage),
    (status = 202, description = "Still at work", body = StillRunning, headers(("location" = String, description = "The run"))),
    (status = 409, description = "The Page is disconnected, or needs a new login"),
))]
#[post("/api/facebook/pages/{page_id}/sync-contacts-from-facebook")]
pub(crate) async fn sync_contacts(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    path: web::Path<i64>,
    wait: Query<Wait>,
) -> Answer<HttpResponse> {
    pull(RunKind::Contacts, &scope, &state, path.into_inner(), *wait).await
}

async fn pull(
    kind: RunKind,
    scope: &Authorised<ManageConnections>,
    state: &State,
    page_id: i64,
    wait: Wait,
) -> Answer<HttpResponse> {
    let id = ConnectionId::new(page_id);
    let wait = wait.or(state.config.waiting.default_wait());
    let start = async move |tx: &mut AccountTx| start_of_page(tx, kind, id).await;
    let run = match start_and_wait(state, scope, wait, start).await? {
        Awaited::Succeeded(run) => run,
        Awaited::Running(answer) => return Ok(answer),
    };
    let page = scope.run(async move |tx: &mut AccountTx| read(tx, id).await).await?;
    let synced_count = if kind == RunKind::Contacts { run.conversations } else { 1 };
    Ok(HttpResponse::Ok().json(SyncedPage { success: true, page_id, page, synced_count, run_id: run.id.get() }))
}
