//! `POST /api/facebook/pages/{page_id}/full-sync-from-facebook`

use actix_web::{HttpResponse, post, web};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::{AccountTx, conversations, sync_runs};
use serde::Serialize;
use utoipa::ToSchema;

use super::awaited::{Awaited, start_and_wait};
use super::start::start_of_page;
use super::views::{self, StillRunning};
use crate::connections::read::read;
use crate::connections::views::Connection;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageConnections};
use crate::extract::wait::Wait;
use crate::state::State;

/// Conversations in one answer.
const LONGEST_LIST: u32 = 1_000;

#[derive(Serialize, ToSchema)]
pub(crate) struct FullSynced {
    #[schema(example = true)]
    success: bool,
    /// Our id of the connection.
    #[schema(example = 7)]
    page_id: i64,
    sync_results: SyncResults,
    #[schema(example = "12.4s")]
    duration: String,
    #[schema(example = 94)]
    run_id: i64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncResults {
    page_details: Connection,
    contacts: SyncedContacts,
    /// The most recently active ones, at most 1,000.
    conversations: Vec<SyncedConversation>,
    /// Present where the list was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<bool>,
    /// The route that has all of them, where the list was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/api/conversations?connection_id=7")]
    rest: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncedContacts {
    #[schema(example = 15)]
    synced_count: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncedConversation {
    #[schema(example = 120_034)]
    id: i64,
    /// Messages that are in sync.
    #[schema(example = 25)]
    messages_synced: u64,
}

/// Pull all of a Page
///
/// Its details, all customers, all conversations and all their messages. Waits 60 seconds unless `wait` says else; 202 when
/// it takes longer, which a large Page does: follow the run.
#[utoipa::path(tag = "Sync",
    params(("page_id" = i64, Path, description = "Our id of the connection", example = 7), Wait), responses(
    (status = 200, description = "All of it is here", body = FullSynced),
    (status = 202, description = "Still at work", body = StillRunning, headers(("location" = String, description = "The run"))),
    (status = 409, description = "The Page is disconnected, or needs a new login"),
))]
#[post("/api/facebook/pages/{page_id}/full-sync-from-facebook")]
pub(crate) async fn full_sync(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    path: web::Path<i64>,
    wait: Query<Wait>,
) -> Answer<HttpResponse> {
    let id = ConnectionId::new(path.into_inner());
    let wait = wait.or(state.config.waiting.default_wait());
    let start = async move |tx: &mut AccountTx| start_of_page(tx, RunKind::Full, id).await;
    let run = match start_and_wait(&state, &scope, wait, start).await? {
        Awaited::Succeeded(run) => run,
        Awaited::Running(answer) => return Ok(answer),
    };
    let (page, counts, figures) = scope
        .run(async move |tx: &mut AccountTx| {
            let page = read(tx, id).await?;
            let counts = conversations::count_messages(tx, id, LONGEST_LIST + 1).await?;
            Ok((page, counts, sync_runs::statistics(tx, id).await?))
        })
        .await?;
    let is_cut = counts.len() > LONGEST_LIST as usize;
    let conversations = counts
        .into_iter()
        .take(LONGEST_LIST as usize)
        .map(|count| SyncedConversation { id: count.id.get(), messages_synced: count.messages })
        .collect();
    Ok(HttpResponse::Ok().json(FullSynced {
        success: true,
        page_id: id.get(),
        sync_results: SyncResults {
            page_details: page,
            contacts: SyncedContacts { synced_count: figures.total_contacts },
            conversations,
            truncated: is_cut.then_some(true),
            rest: is_cut.then(|| format!("/api/conversations?connection_id={id}")),
        },
        duration: views::duration(&run),
        run_id: run.id.get(),
    }))
}
