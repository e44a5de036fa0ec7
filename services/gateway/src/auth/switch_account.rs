//! `POST /api/auth/switch-account`

use actix_web::{HttpRequest, HttpResponse, post, web};
use pagekeeper_common::domain::ids::{AccountId, UserId};
use pagekeeper_runtime::http::Json;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::{SystemTx, accounts};
use serde::Deserialize;
use utoipa::ToSchema;

use super::cookies;
use super::flow::{Member, open_session};
use super::me::{Me, read_me};
use crate::extract::api_error::{Answer, ApiError};
use crate::extract::authorised::InSession;
use crate::extract::principal::Principal;
use crate::state::State;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchAccountRequest {
    #[schema(example = 4)]
    account_id: i64,
}

/// Switch to another account
///
/// The session ends and a new one begins in the other account; its cookie comes with the answer.
#[utoipa::path(tag = "Login", request_body = SwitchAccountRequest,
    responses((status = 200, description = "The caller in the other account", body = Me)))]
#[post("/api/auth/switch-account")]
pub(crate) async fn switch_account(
    session: InSession,
    state: web::Data<State>,
    request: HttpRequest,
    body: Json<SwitchAccountRequest>,
) -> Answer<HttpResponse> {
    let user = session.principal.user;
    let account = AccountId::new(body.account_id);
    let role = require_membership(&state, user, account).await?;
    let before = cookies::presented(&request, cookies::SESSION);
    let secret = open_session(&state, Member { user, account }, before.as_ref()).await?;
    let me = read_me(&state, &Principal { account, role, ..session.principal.clone() }).await?;
    Ok(HttpResponse::Ok().cookie(cookies::set(cookies::SESSION, &secret, state.config.sessions.absolute())).json(me))
}

/// The person's role there; 404 for an account that they are no member of, as if it did not exist.
pub(crate) async fn require_membership(
    state: &State,
    user: UserId,
    account: AccountId,
) -> Answer<pagekeeper_common::domain::account::Role> {
    let role = state
        .store
        .system(async move |tx: &mut SystemTx| accounts::find_role(tx, user, account).await.map_err(ApiError::from))
        .await?;
    role.ok_or_else(|| Problem::not_found().with_field("account_id").into())
}
