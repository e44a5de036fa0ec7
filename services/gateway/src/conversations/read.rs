//! `GET /api/conversations/{id}`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::ConversationId;
use pagekeeper_store::{AccountTx, StoreError, conversations, events};

use super::views::{Conversation, ConversationDetail};
use crate::extract::api_error::Answer;
use crate::extract::authorised::{AccountScope, Authorised, ReadInbox};
use crate::state::State;

/// Read a conversation
///
/// Its head, and how far it has come; the messages have a route of their own.
#[utoipa::path(tag = "Inbox", params(("id" = i64, Path, description = "The conversation", example = 120_034)),
    responses((status = 200, description = "The conversation", body = ConversationDetail)))]
#[get("/api/conversations/{id}")]
pub(crate) async fn read_conversation(
    scope: Authorised<ReadInbox>,
    state: web::Data<State>,
    path: web::Path<i64>,
) -> Answer<web::Json<ConversationDetail>> {
    let id = ConversationId::new(path.into_inner());
    let (row, marks) = scope
        .run(async move |tx: &mut AccountTx| {
            let row = conversations::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            Ok((row, events::find_marks(tx, id).await?))
        })
        .await?;
    let briefs = state.briefs.get(&scope, std::iter::once(row.connection_id)).await?;
    Ok(web::Json(ConversationDetail::new(Conversation::new(row, &briefs), marks)))
}

/// Its head alone; 404 where the account has no such conversation.
pub(crate) async fn read(state: &State, scope: &AccountScope, id: ConversationId) -> Answer<Conversation> {
    let row = scope
        .run(async |tx: &mut AccountTx| Ok(conversations::find(tx, id).await?.ok_or(StoreError::NotFound)?))
        .await?;
    let briefs = state.briefs.get(scope, std::iter::once(row.connection_id)).await?;
    Ok(Conversation::new(row, &briefs))
}
