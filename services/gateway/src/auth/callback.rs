//! `GET /auth/facebook/callback`: the browser comes back from Facebook.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, web};
use pagekeeper_runtime::http::Query;
use serde::Deserialize;
use url::form_urlencoded;
use utoipa::IntoParams;

use super::cookies;
use super::flow::{Arrival, LoggedIn, finish_login};
use super::return_to::ReturnTo;
use crate::extract::api_error::Answer;
use crate::state::State;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallbackQuery {
    /// Given by Facebook in exchange for the person's consent.
    code: Option<String>,
    /// What the login was begun with.
    state: Option<String>,
    /// In place of a code, when the person declined.
    #[param(example = "access_denied")]
    error: Option<String>,
}

/// Come back from Facebook
///
/// For browsers. Ends a login: a session cookie is set, the person's Pages begin to connect, and the browser goes to
/// the page that shows it. A login that failed goes to `/login?error=` with `denied`, `state_missing`, `state_invalid`,
/// `state_used`, `other_browser`, `expired`, `code_used`, `facebook_unavailable`, `app_misconfigured` or `unavailable`.
#[utoipa::path(tag = "Login", params(CallbackQuery), responses(
    (status = 302, description = "To `/connect/{run}`, or to `/login?error=…`",
     headers(("location" = String, description = "A page of the console"))),
))]
#[get("/auth/facebook/callback")]
pub(crate) async fn callback(
    request: HttpRequest,
    query: Query<CallbackQuery>,
    state: web::Data<State>,
) -> Answer<HttpResponse> {
    state.doors.login.pass(&request)?;
    let Query(CallbackQuery { code, state: login_state, error }) = query;
    let arrival = Arrival {
        code,
        state: login_state,
        error,
        browser: cookies::presented(&request, cookies::LOGIN_ATTEMPT),
        session: cookies::presented(&request, cookies::SESSION),
    };
    Ok(match Box::pin(finish_login(&state, arrival)).await {
        Ok(logged_in) => go_on(&state, &logged_in),
        Err(error) => error.page(),
    })
}

fn go_on(state: &State, logged_in: &LoggedIn) -> HttpResponse {
    let location = match logged_in.run {
        Some(run) if logged_in.return_to == ReturnTo::default() => format!("/connect/{run}"),
        Some(run) => {
            let return_to = form_urlencoded::byte_serialize(logged_in.return_to.as_str().as_bytes());
            format!("/connect/{run}?return_to={}", return_to.collect::<String>())
        }
        None => logged_in.return_to.as_str().to_owned(),
    };
    HttpResponse::Found()
        .insert_header((LOCATION, location))
        .cookie(cookies::set(cookies::SESSION, &logged_in.session, state.config.sessions.absolute()))
        .cookie(cookies::remove(cookies::LOGIN_ATTEMPT))
        .finish()
}
