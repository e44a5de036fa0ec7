//! `GET /api/contacts/{id}/picture`

use actix_web::{HttpResponse, get, web};
use pagekeeper_common::domain::ids::ContactId;
use pagekeeper_store::{AccountTx, contacts};

use crate::connections::picture::answer;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};

/// A contact's picture
///
/// Our own copy; Facebook's addresses expire.
#[utoipa::path(tag = "Inbox", params(("id" = i64, Path, description = "The contact", example = 4711)),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/jpeg")))]
#[get("/api/contacts/{id}/picture")]
pub(crate) async fn contact_picture(scope: Authorised<ReadInbox>, path: web::Path<i64>) -> Answer<HttpResponse> {
    let id = ContactId::new(path.into_inner());
    let picture = scope.run(async move |tx: &mut AccountTx| Ok(contacts::find_picture(tx, id).await?)).await?;
    answer(picture)
}
