//! The layer around `/api` and `/social`: nobody gets in without credentials, whatever a handler does.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use pagekeeper_common::domain::account::{Action, Role};
use pagekeeper_common::domain::ids::{AccountId, UserId};
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::{SecretHash, SystemTx, accounts};

use super::access_tokens::AccessTokenError;
use super::cookies;
use crate::api_keys::key;
use crate::extract::api_error::{Answer, ApiError};
use crate::extract::cross_site::decide_same_site;
use crate::extract::operator::check_operator;
use crate::extract::principal::{Credential, Principal};
use crate::state::State;

/// Routes below `/api` that stand open; each checks for itself what it asks.
const OPEN: [&str; 1] = ["/api/health"];
/// All below these ask for the cron secret.
const OPERATIONS: [&str; 2] = ["/api/cron", "/api/operations"];

/// Puts the [`Principal`] into the request, or answers 401.
pub(crate) async fn authenticate<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if is_for_operators(request.path()) {
        if let Err(problem) = check_operator(request.request()) {
            return Ok(request.error_response(problem).map_into_right_body());
        }
    } else if is_closed(request.path()) {
        match check(request.request()).await {
            Ok(principal) => {
                request.extensions_mut().insert(principal);
            }
            Err(problem) => return Ok(request.error_response(problem).map_into_right_body()),
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

fn is_for_operators(path: &str) -> bool {
    OPERATIONS.into_iter().any(|start| is_below(path, start))
}

fn is_closed(path: &str) -> bool {
    (is_below(path, "/api") || is_below(path, "/social")) && !is_for_operators(path) && !OPEN.contains(&path)
}

fn is_below(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn check(request: &HttpRequest) -> Result<Principal, Problem> {
    let state = request.app_data::<web::Data<State>>().ok_or_else(Problem::not_found)?;
    let principal = principal_of(request, state).await?.ok_or_else(|| Problem::unauthorized("sign in first"))?;
    refuse_other_bodies(request)?;
    if matches!(principal.credential, Credential::Session { .. }) {
        decide_same_site(request.method(), request.headers(), state.address.origin())
            .map_err(|reason| Problem::forbidden(reason.to_string()).with_kind("/problems/cross-site"))?;
    }
    Ok(principal)
}

/// Who is asking: none without credentials, 401 with wrong ones. A bearer goes before a cookie.
pub(crate) async fn principal_of(request: &HttpRequest, state: &State) -> Result<Option<Principal>, Problem> {
    let found = match bearer(request)? {
        Some(bearer) => by_bearer(state, bearer).await?,
        None => match cookies::presented(request, cookies::SESSION) {
            Some(cookie) => session(state, cookie.hash()).await?,
            None => return Ok(None),
        },
    };
    if found.is_none() {
        state.doors.refused.pass(request)?;
        return Err(Problem::unauthorized("these credentials are not valid, or have ended"));
    }
    Ok(found)
}

/// The text after `Authorization: Bearer`.
pub(crate) fn bearer(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let Some(value) = request.headers().get(AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().ok().and_then(|text| text.split_once(' '));
    match text {
        Some((scheme, credentials)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(credentials.trim())),
        _ => Err(Problem::unauthorized("Authorization must be Bearer with a token or an API key")),
    }
}

/// The same caller once more, while a stream is open: none once the credential has ended.
pub(crate) async fn again(state: &State, principal: &Principal) -> Answer<Option<Principal>> {
    match &principal.credential {
        Credential::Session { token_hash, .. } => session(state, *token_hash).await,
        Credential::ApiKey { key_hash, .. } => api_key(state, *key_hash).await,
        Credential::Token { expires_at } if *expires_at <= state.now() => Ok(None),
        Credential::Token { .. } => {
            let role = role(state, principal.user, principal.account).await?;
            Ok(role.map(|role| Principal { role, ..principal.clone() }))
        }
    }
}

async fn by_bearer(state: &State, bearer: &str) -> Result<Option<Principal>, Problem> {
    if bearer.starts_with(key::START) {
        return Ok(api_key(state, SecretHash::of(bearer.as_bytes())).await?);
    }
    let identity = match state.access_tokens.verify(bearer) {
        Ok(identity) => identity,
        Err(AccessTokenError::Expired) => return Err(Problem::unauthorized("the token has expired")),
        Err(AccessTokenError::Invalid(_)) => return Ok(None),
    };
    let role = role(state, identity.user, identity.account).await?;
    let credential = Credential::Token { expires_at: identity.expires_at };
    Ok(role.map(|role| Principal { account: identity.account, user: identity.user, role, credential }))
}

async fn api_key(state: &State, key_hash: SecretHash) -> Answer<Option<Principal>> {
    let found = state.store.find_api_key(&key_hash).await.map_err(ApiError::from)?;
    Ok(found.map(|key| Principal {
        account: key.account_id,
        user: key.user_id,
        role: key.role,
        credential: Credential::ApiKey {
            key_hash,
            scopes: key.scopes.iter().filter_map(|scope| Action::of_scope(scope)).collect(),
        },
    }))
}

async fn session(state: &State, token_hash: SecretHash) -> Answer<Option<Principal>> {
    let idle = state.config.sessions.idle();
    let found = state.store.find_session(&token_hash, idle).await.map_err(ApiError::from)?;
    Ok(found.map(|session| Principal {
        account: session.account_id,
        user: session.user_id,
        role: session.role,
        credential: Credential::Session { id: session.id, token_hash },
    }))
}

async fn role(state: &State, user: UserId, account: AccountId) -> Answer<Option<Role>> {
    state
        .store
        .system(async move |tx: &mut SystemTx| accounts::find_role(tx, user, account).await.map_err(ApiError::from))
        .await
}

/// A form on a foreign page can send anything but JSON.
fn refuse_other_bodies(request: &HttpRequest) -> Result<(), Problem> {
    if request.method().is_safe() || !request.headers().contains_key(CONTENT_TYPE) {
        return Ok(());
    }
    match request.mime_type() {
        Ok(Some(mime)) if mime.essence_str() == "application/json" => Ok(()),
        _ => Err(Problem::unsupported_media_type("the body must be application/json")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_below_api_is_closed_but_what_is_named() {
        for closed in ["/api", "/api/", "/api/me", "/api/health/", "/api/cronies", "/social/status", "/api//health"] {
            assert!(is_closed(closed), "{closed}");
        }
        for open in [
            "/api/health",
            // Not a person's: the layer asks for the cron secret instead.
            "/api/cron/sync-all-pages",
            "/",
            "/inbox",
            "/apiary",
            "/openapi.json",
            "/auth/facebook/login",
        ] {
            assert!(!is_closed(open), "{open}");
        }
        for operators in ["/api/cron", "/api/cron/other", "/api/operations/parked"] {
            assert!(is_for_operators(operators), "{operators}");
        }
    }
}
