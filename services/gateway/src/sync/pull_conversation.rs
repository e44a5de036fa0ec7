//! `POST /api/facebook/conversations/{conv_id}/sync-messages-from-facebook`, `…/sync-status-from-facebook`

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::ConversationId;
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::AccountTx;
use pagekeeper_store::sync_runs::Run;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::awaited::{Awaited, start_and_wait};
use super::start::start_of_conversation;
use super::views::StillRunning;
use crate::conversations::read::read;
use crate::conversations::views::Conversation;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::wait::Wait;
use crate::state::State;

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncedMessages {
    #[schema(example = true)]
    success: bool,
    #[schema(example = 120_034)]
    conversation_id: i64,
    conversation: Conversation,
    /// Messages that Facebook has of it.
    #[schema(example = 25)]
    synced_count: u64,
    /// Those among them that were new here.
    #[schema(example = 2)]
    new_count: u32,
    #[schema(example = 92)]
    run_id: i64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SyncedStatus {
    #[schema(example = true)]
    success: bool,
    #[schema(example = 120_034)]
    conversation_id: i64,
    conversation: Conversation,
    status: FacebookStatus,
    #[schema(example = 1)]
    synced_count: u32,
    #[schema(example = 93)]
    run_id: i64,
}

/// What Facebook says of a conversation.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct FacebookStatus {
    /// Facebook's own count, which may differ from ours: reading a conversation here does not mark it there.
    #[schema(example = 2)]
    unread_count: u32,
    #[schema(example = 25)]
    message_count: Option<u32>,
    /// Whether the customer can be answered.
    #[schema(example = true)]
    can_reply: Option<bool>,
    updated_time: Option<DateTime<Utc>>,
}

/// Pull a conversation's messages
///
/// All of them, from the newest to the oldest. Waits 60 seconds unless `wait` says else; 202 when it takes longer.
#[utoipa::path(tag = "Sync",
    params(("conv_id" = i64, Path, description = "The conversation", example = 120_034), Wait), responses(
    (status = 200, description = "The conversation as it is now", body = SyncedMessages),
    (status = 202, description = "Still at work", body = StillRunning, headers(("location" = String, description = "The run"))),
    (status = 409, description = "Facebook has the conversation no more, or its Page needs a new login"),
))]
#[post("/api/facebook/conversations/{conv_id}/sync-messages-from-facebook")]
pub(crate) async fn sync_messages(
    scope: Authorised<ReadInbox>,
    state: web::Data<State>,
    path: web::Path<i64>,
    wait: Query<Wait>,
) -> Answer<HttpResponse> {
    let id = ConversationId::new(path.into_inner());
    let run = match pull(RunKind::Messages, &scope, &state, id, *wait).await? {
        Awaited::Succeeded(run) => run,
        Awaited::Running(answer) => return Ok(answer),
    };
    Ok(HttpResponse::Ok().json(SyncedMessages {
        success: true,
        conversation_id: id.get(),
        conversation: read(&state, &scope, id).await?,
        synced_count: told_messages(&run),
        new_count: run.messages,
        run_id: run.id.get(),
    }))
}

/// Pull a conversation's status
///
/// How much of it is unread on Facebook, and whether the customer can be answered. What was read there is read here too.
#[utoipa::path(tag = "Sync",
    params(("conv_id" = i64, Path, description = "The conversation", example = 120_034), Wait), responses(
    (status = 200, description = "What Facebook says", body = SyncedStatus),
    (status = 202, description = "Still at work", body = StillRunning, headers(("location" = String, description = "The run"))),
    (status = 409, description = "Facebook has the conversation no more, or its Page needs a new login"),
))]
#[post("/api/facebook/conversations/{conv_id}/sync-status-from-facebook")]
pub(crate) async fn sync_status_of_conversation(
    scope: Authorised<ReadInbox>,
    state: web::Data<State>,
    path: web::Path<i64>,
    wait: Query<Wait>,
) -> Answer<HttpResponse> {
    let id = ConversationId::new(path.into_inner());
    let run = match pull(RunKind::Status, &scope, &state, id, *wait).await? {
        Awaited::Succeeded(run) => run,
        Awaited::Running(answer) => return Ok(answer),
    };
    let status = run.result.as_ref().and_then(|result| FacebookStatus::deserialize(result).ok()).unwrap_or_default();
    Ok(HttpResponse::Ok().json(SyncedStatus {
        success: true,
        conversation_id: id.get(),
        conversation: read(&state, &scope, id).await?,
        status,
        synced_count: 1,
        run_id: run.id.get(),
    }))
}

async fn pull(
    kind: RunKind,
    scope: &Authorised<ReadInbox>,
    state: &State,
    id: ConversationId,
    wait: Wait,
) -> Answer<Awaited> {
    let start = async move |tx: &mut AccountTx| start_of_conversation(tx, kind, id).await;
    start_and_wait(state, scope, wait.or(state.config.waiting.default_wait()), start).await
}

/// Each page of messages tells the conversation once, too.
fn told_messages(run: &Run) -> u64 {
    run.result.as_ref().and_then(|result| result.get("messages")?.as_u64()).unwrap_or_default()
}
