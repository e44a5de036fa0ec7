//! `GET /api/conversations/{id}/events`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::ConversationId;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::{AccountTx, StoreError, conversations, events};
use serde::Serialize;
use utoipa::ToSchema;

use super::views::ConversationEvent;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::paging::Paging;

/// What happened in a conversation, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationEventList {
    data: Vec<ConversationEvent>,
    /// Leads to older ones; null at the end.
    next_cursor: Option<String>,
}

/// List what happened in a conversation
///
/// Beside messages: pressed buttons, where the customer came from, hand-overs, labels. Newest first.
#[utoipa::path(tag = "Inbox", params(("id" = i64, Path, description = "The conversation", example = 120_034), Paging),
    responses((status = 200, description = "A part of what happened", body = ConversationEventList)))]
#[get("/api/conversations/{id}/events")]
pub(crate) async fn list_conversation_events(
    scope: Authorised<ReadInbox>,
    path: web::Path<i64>,
    paging: Query<Paging>,
) -> Answer<web::Json<ConversationEventList>> {
    let id = ConversationId::new(path.into_inner());
    let limit = paging.limit.get();
    let older_than = paging.cursor()?;
    let mut rows = scope
        .run(async move |tx: &mut AccountTx| {
            let rows = events::list(tx, id, older_than, limit + 1).await?;
            if rows.is_empty() {
                conversations::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            }
            Ok(rows)
        })
        .await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.cursor().encode());
    Ok(web::Json(ConversationEventList { data: rows.into_iter().map(ConversationEvent::from).collect(), next_cursor }))
}
