//! `GET /api/contacts/{id}`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::{ContactId, ConversationId};
use pagekeeper_store::{AccountTx, StoreError, contacts};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};

/// A customer, as one Page sees them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Contact {
    #[schema(example = 4711)]
    id: i64,
    #[schema(example = 7)]
    connection_id: i64,
    /// Meta's id of the customer, which only this Page can use.
    #[schema(example = "24681357")]
    psid: String,
    #[schema(example = "Freja Holm")]
    name: Option<String>,
    created_at: DateTime<Utc>,
    #[schema(example = 120_034)]
    conversation_id: Option<i64>,
}

/// Read a contact
#[utoipa::path(tag = "Inbox", params(("id" = i64, Path, description = "The contact", example = 4711)),
    responses((status = 200, description = "The contact", body = Contact)))]
#[get("/api/contacts/{id}")]
pub(crate) async fn read_contact(scope: Authorised<ReadInbox>, path: web::Path<i64>) -> Answer<web::Json<Contact>> {
    let id = ContactId::new(path.into_inner());
    let row = scope
        .run(async move |tx: &mut AccountTx| Ok(contacts::find(tx, id).await?.ok_or(StoreError::NotFound)?))
        .await?;
    Ok(web::Json(Contact {
        id: row.id.get(),
        connection_id: row.connection_id.get(),
        psid: row.psid.into_string(),
        name: row.name,
        created_at: row.created_at,
        conversation_id: row.conversation_id.map(ConversationId::get),
    }))
}
