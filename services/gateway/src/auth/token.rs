//! `POST /api/auth/token`

use actix_web::{post, web};
use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_runtime::http::Json;
use pagekeeper_runtime::problem::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::switch_account::require_membership;
use crate::extract::api_error::Answer;
use crate::extract::authorised::InSession;
use crate::state::State;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRequest {
    /// The account that the token opens; without it the session's.
    #[schema(example = 3)]
    account_id: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TokenResponse {
    #[schema(example = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJwYWdla2VlcGVyIn0.c2lnbmF0dXJl")]
    access_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Seconds.
    #[schema(example = 600)]
    expires_in: u64,
    #[schema(example = 3)]
    account_id: i64,
}

/// Get an access token
///
/// A short-lived token for a program, from a login session. It is sent as `Authorization: Bearer`.
#[utoipa::path(tag = "Login", request_body = TokenRequest,
    responses((status = 200, description = "The token", body = TokenResponse)))]
#[post("/api/auth/token")]
pub(crate) async fn token(
    session: InSession,
    state: web::Data<State>,
    body: Json<TokenRequest>,
) -> Answer<web::Json<TokenResponse>> {
    let user = session.principal.user;
    let account = body.account_id.map_or(session.principal.account, AccountId::new);
    require_membership(&state, user, account).await?;
    let token = state.access_tokens.issue(account, user, state.now()).map_err(|error| Problem::internal(&error))?;
    Ok(web::Json(TokenResponse {
        access_token: token,
        token_type: "bearer",
        expires_in: state.access_tokens.lifetime().as_secs(),
        account_id: account.get(),
    }))
}
