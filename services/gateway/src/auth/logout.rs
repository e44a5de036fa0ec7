//! `POST /api/auth/logout`

use actix_web::{HttpResponse, post, web};

use super::cookies;
use super::flow::end_session;
use crate::extract::api_error::Answer;
use crate::extract::authorised::InSession;
use crate::state::State;

/// Log out
///
/// Ends this browser's session and its event streams.
#[utoipa::path(tag = "Login", responses((status = 204, description = "Logged out")))]
#[post("/api/auth/logout")]
pub(crate) async fn logout(session: InSession, state: web::Data<State>) -> Answer<HttpResponse> {
    end_session(&state, session.token_hash).await?;
    tracing::info!(area = "login", user.id = %session.principal.user, "logged out");
    Ok(HttpResponse::NoContent().cookie(cookies::remove(cookies::SESSION)).finish())
}
