//! `DELETE /api/api-keys/{id}`

use actix_web::{HttpResponse, delete, web};
use pagekeeper_common::domain::ids::ApiKeyId;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::{AccountTx, api_keys};

use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageSettings};

/// Delete an API key
///
/// It stops working at once.
#[utoipa::path(tag = "API keys", params(("id" = i64, Path, description = "The key", example = 12)),
    responses((status = 204, description = "Deleted")))]
#[delete("/api/api-keys/{id}")]
pub(crate) async fn delete_api_key(scope: Authorised<ManageSettings>, path: web::Path<i64>) -> Answer<HttpResponse> {
    let id = ApiKeyId::new(path.into_inner());
    let was_there = scope.run(async move |tx: &mut AccountTx| Ok(api_keys::revoke(tx, id).await?)).await?;
    if was_there { Ok(HttpResponse::NoContent().finish()) } else { Err(Problem::not_found().into()) }
}
