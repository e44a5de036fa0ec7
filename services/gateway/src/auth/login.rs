//! `GET /auth/facebook/login`: begins a login, or lets a person who is signed in connect more Pages.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, web};
use pagekeeper_common::graph::LoginDialog;
use pagekeeper_runtime::http::Query;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::SystemTx;
use pagekeeper_store::login_attempts::{self, NewLoginAttempt};
use serde::Deserialize;
use utoipa::IntoParams;

use super::authenticate::principal_of;
use super::cookies;
use super::login_error::LoginError;
use super::return_to::ReturnTo;
use super::secret_token::SecretToken;
use crate::extract::api_error::Answer;
use crate::extract::principal::Credential;
use crate::state::State;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LoginQuery {
    /// The page of the console to go to afterwards.
    #[param(example = "/inbox")]
    return_to: Option<String>,
}

/// Log in with Facebook
///
/// For browsers: sends them to Facebook's dialog. With a session it connects more Pages to the session's account.
#[utoipa::path(tag = "Login", params(LoginQuery), responses(
    (status = 302, description = "To Facebook's dialog, or to `/login?error=unavailable`",
     headers(("location" = String, description = "Facebook's dialog"))),
))]
#[get("/auth/facebook/login")]
pub(crate) async fn login(
    request: HttpRequest,
    query: Query<LoginQuery>,
    state: web::Data<State>,
) -> Answer<HttpResponse> {
    state.doors.login.pass(&request)?;
    let return_to = query.return_to.as_deref().and_then(ReturnTo::parse).unwrap_or_default();
    // The same browser keeps its cookie: two tabs may each be in a login.
    let browser = cookies::presented(&request, cookies::LOGIN_ATTEMPT).map_or_else(SecretToken::draw, Ok);
    let browser = browser.map_err(|error| Problem::internal(&error))?;
    let secret = SecretToken::draw().map_err(|error| Problem::internal(&error))?;
    let lifetime = state.config.login.attempt_lifetime();

    let attempt = NewLoginAttempt {
        state: secret.hash(),
        browser: browser.hash(),
        return_to: return_to.as_str(),
        session_id: session_of(&request, &state).await,
        lifetime,
    };
    let kept = state.store.system(async |tx: &mut SystemTx| login_attempts::start(tx, attempt).await);
    if let Err(error) = kept.await {
        return Ok(LoginError::NotStored(error.into()).page());
    }

    let dialog = LoginDialog {
        redirect_uri: &state.redirect_uri(),
        state: secret.expose(),
        scopes: &state.config.login.scopes,
        // Without it Facebook never asks again for a permission or a Page that was declined once.
        rerequest: true,
    };
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, state.graph.login_url(&dialog).as_str()))
        .cookie(cookies::set(cookies::LOGIN_ATTEMPT, &browser, lifetime))
        .finish())
}

/// An ended session is no reason to refuse a login.
async fn session_of(request: &HttpRequest, state: &State) -> Option<pagekeeper_common::domain::ids::SessionId> {
    match principal_of(request, state).await.ok().flatten()?.credential {
        Credential::Session { id, .. } => Some(id),
        Credential::Token { .. } | Credential::ApiKey { .. } => None,
    }
}
