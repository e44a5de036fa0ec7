//! `GET /api/conversations/{id}/messages`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::ConversationId;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::conversations::PageStart;
use pagekeeper_store::{AccountTx, StoreError, conversations, messages};
use serde::Serialize;
use utoipa::ToSchema;

use super::views::Message;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::paging::Paging;

/// A part of a thread, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageList {
    data: Vec<Message>,
    /// Leads to older ones; null at the beginning of the thread.
    next_cursor: Option<String>,
}

/// List a conversation's messages
///
/// Newest first; the cursor leads to older ones.
#[utoipa::path(tag = "Inbox", params(("id" = i64, Path, description = "The conversation", example = 120_034), Paging),
    responses((status = 200, description = "A part of the thread", body = MessageList)))]
#[get("/api/conversations/{id}/messages")]
pub(crate) async fn list_messages(
    scope: Authorised<ReadInbox>,
    path: web::Path<i64>,
    paging: Query<Paging>,
) -> Answer<web::Json<MessageList>> {
    let id = ConversationId::new(path.into_inner());
    let limit = paging.limit.get();
    let from = paging.cursor()?.map_or(PageStart::Newest, PageStart::OlderThan);
    let mut rows = scope
        .run(async move |tx: &mut AccountTx| {
            let rows = messages::list(tx, id, from, limit + 1).await?;
            if rows.is_empty() {
                conversations::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            }
            Ok(rows)
        })
        .await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.cursor().encode());
    Ok(web::Json(MessageList { data: rows.into_iter().map(Message::from).collect(), next_cursor }))
}
