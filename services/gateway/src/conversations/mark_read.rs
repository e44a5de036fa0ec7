//! `POST /api/conversations/{id}/read`

use actix_web::{post, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::ConversationId;
use pagekeeper_contracts::v1::ConversationsChanged;
use pagekeeper_runtime::http::Json;
use pagekeeper_store::{AccountTx, conversations};
use serde::Deserialize;
use utoipa::ToSchema;

use super::read::read;
use super::views::Conversation;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::state::State;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadRequest {
    /// `sent_at` of the newest message that was seen: what came later stays unread.
    up_to: DateTime<Utc>,
}

/// Mark a conversation as read
///
/// Here only; the customer sees nothing of it.
#[utoipa::path(tag = "Inbox", params(("id" = i64, Path, description = "The conversation", example = 120_034)),
    request_body = ReadRequest,
    responses((status = 200, description = "The conversation as it is now", body = Conversation)))]
#[post("/api/conversations/{id}/read")]
pub(crate) async fn mark_conversation_read(
    scope: Authorised<ReadInbox>,
    state: web::Data<State>,
    path: web::Path<i64>,
    body: Json<ReadRequest>,
) -> Answer<web::Json<Conversation>> {
    let (id, up_to) = (ConversationId::new(path.into_inner()), body.up_to);
    let has_changed = scope.run(async |tx: &mut AccountTx| Ok(conversations::mark_read(tx, id, up_to).await?)).await?;
    if has_changed {
        let hint = ConversationsChanged {
            account_id: scope.principal.account.get(),
            conversation_ids: vec![id.get()],
            version: state.now().timestamp_micros(),
        };
        state.hints.send(&hint);
    }
    read(&state, &scope, id).await.map(web::Json)
}
