//! `GET /api/api-keys`

use actix_web::{get, web};
use pagekeeper_store::{AccountTx, api_keys};
use serde::Serialize;
use utoipa::ToSchema;

use super::views::ApiKey;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageSettings};

#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyList {
    data: Vec<ApiKey>,
    next_cursor: Option<String>,
}

/// List API keys
///
/// The account's keys that were not deleted, newest first; an account has few, so they come in one answer.
#[utoipa::path(tag = "API keys", responses((status = 200, description = "The keys", body = ApiKeyList)))]
#[get("/api/api-keys")]
pub(crate) async fn list_api_keys(scope: Authorised<ManageSettings>) -> Answer<web::Json<ApiKeyList>> {
    let keys = scope.run(async move |tx: &mut AccountTx| Ok(api_keys::list(tx).await?)).await?;
    let data = keys.into_iter().filter(|key| key.revoked_at.is_none()).map(Into::into).collect();
    Ok(web::Json(ApiKeyList { data, next_cursor: None }))
}
