//! `GET /api/contacts/{id}`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::ContactId;
use pagekeeper_store::{AccountTx, StoreError, contacts};

use super::views::Contact;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};

/// Read a contact
#[utoipa::path(tag = "Inbox", params(("id" = i64, Path, description = "The contact", example = 4711)),
    responses((status = 200, description = "The contact", body = Contact)))]
#[get("/api/contacts/{id}")]
pub(crate) async fn read_contact(scope: Authorised<ReadInbox>, path: web::Path<i64>) -> Answer<web::Json<Contact>> {
    let id = ContactId::new(path.into_inner());
    let row = scope
        .run(async move |tx: &mut AccountTx| Ok(contacts::find(tx, id).await?.ok_or(StoreError::NotFound)?))
        .await?;
    Ok(web::Json(row.into()))
}
