//! `POST /api/parked/replay`, `POST /api/parked/{id}/replay`, and the same below `/api/operations`

use actix_web::{post, web};
use pagekeeper_bus::Fate;
use pagekeeper_runtime::http::Json;
use pagekeeper_runtime::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::filter::Filter;
use super::id::ParkedId;
use super::settle::{Done, Selection, settle};
use super::viewer::Viewer;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageConnections};
use crate::extract::operator::Operator;
use crate::state::State;

#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayAnswer {
    #[schema(example = true)]
    success: bool,
    #[schema(example = 3)]
    replayed: usize,
    /// There are more than one call settles: call again.
    more: bool,
}

impl From<Done> for ReplayAnswer {
    fn from(done: Done) -> Self {
        Self { success: true, replayed: done.settled, more: done.more }
    }
}

/// Replay parked messages
///
/// They are tried again from the first try on, which is safe at any time. By ids or by a filter; at most 1,000 in one call.
#[utoipa::path(tag = "Parked", request_body = Selection,
    responses((status = 200, description = "How many", body = ReplayAnswer)))]
#[post("/api/parked/replay")]
pub(crate) async fn replay_parked(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    body: Json<Selection>,
) -> Answer<web::Json<ReplayAnswer>> {
    many(&state, &Viewer::of_account(&scope).await?, &body).await
}

/// Replay one parked message
///
/// They are tried again from the first try on, which is safe at any time.
#[utoipa::path(tag = "Parked",
    params(("id" = String, Path, description = "The message", example = "webhooks:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11")),
    responses((status = 200, description = "It is done", body = ReplayAnswer)))]
#[post("/api/parked/{id}/replay")]
pub(crate) async fn replay_one_parked(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    path: web::Path<String>,
) -> Answer<web::Json<ReplayAnswer>> {
    one(&state, &Viewer::of_account(&scope).await?, &path).await
}

/// Replay parked messages of anybody
///
/// They are tried again from the first try on, which is safe at any time. Needs `Authorization: Bearer` with the cron secret.
#[utoipa::path(tag = "Operations", request_body = Selection, responses(
    (status = 200, description = "How many", body = ReplayAnswer),
    (status = 401, description = "The secret is missing or wrong"),
))]
#[post("/api/operations/parked/replay")]
pub(crate) async fn replay_any_parked(
    _: Operator,
    state: web::Data<State>,
    body: Json<Selection>,
) -> Answer<web::Json<ReplayAnswer>> {
    many(&state, &Viewer::Operator(&state), &body).await
}

/// Replay any one parked message
///
/// They are tried again from the first try on, which is safe at any time. Needs `Authorization: Bearer` with the cron secret.
#[utoipa::path(tag = "Operations",
    params(("id" = String, Path, description = "The message", example = "quarantine:91")),
    responses((status = 200, description = "It is done", body = ReplayAnswer),
        (status = 401, description = "The secret is missing or wrong")))]
#[post("/api/operations/parked/{id}/replay")]
pub(crate) async fn replay_any_one_parked(
    _: Operator,
    state: web::Data<State>,
    path: web::Path<String>,
) -> Answer<web::Json<ReplayAnswer>> {
    one(&state, &Viewer::Operator(&state), &path).await
}

async fn many(state: &State, viewer: &Viewer<'_>, selection: &Selection) -> Answer<web::Json<ReplayAnswer>> {
    let filter = selection.filter(state)?;
    Ok(web::Json(settle(state, viewer, &filter, Fate::Replay).await?.into()))
}

async fn one(state: &State, viewer: &Viewer<'_>, id: &str) -> Answer<web::Json<ReplayAnswer>> {
    let id: ParkedId = id.parse().map_err(|_invalid| Problem::not_found())?;
    let done = settle(state, viewer, &Filter::of_ids([id]), Fate::Replay).await?;
    if done.settled == 0 {
        return Err(Problem::not_found().into());
    }
    Ok(web::Json(ReplayAnswer { more: false, ..done.into() }))
}
