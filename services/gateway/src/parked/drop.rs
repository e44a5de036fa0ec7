//! `POST /api/parked/drop`, `POST /api/parked/{id}/drop`, and the same below `/api/operations`

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
pub(crate) struct DropAnswer {
    #[schema(example = true)]
    success: bool,
    #[schema(example = 3)]
    dropped: usize,
    /// There are more than one call settles: call again.
    more: bool,
}

impl From<Done> for DropAnswer {
    fn from(done: Done) -> Self {
        Self { success: true, dropped: done.settled, more: done.more }
    }
}

/// Drop parked messages
///
/// For good. By ids or by a filter; at most 1,000 in one call.
#[utoipa::path(tag = "Parked", request_body = Selection,
    responses((status = 200, description = "How many", body = DropAnswer)))]
#[post("/api/parked/drop")]
pub(crate) async fn drop_parked(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    body: Json<Selection>,
) -> Answer<web::Json<DropAnswer>> {
    many(&state, &Viewer::of_account(&scope).await?, &body).await
}

/// Drop one parked message
///
/// For good.
#[utoipa::path(tag = "Parked",
    params(("id" = String, Path, description = "The message", example = "webhooks:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11")),
    responses((status = 200, description = "It is done", body = DropAnswer)))]
#[post("/api/parked/{id}/drop")]
pub(crate) async fn drop_one_parked(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    path: web::Path<String>,
) -> Answer<web::Json<DropAnswer>> {
    one(&state, &Viewer::of_account(&scope).await?, &path).await
}

/// Drop parked messages of anybody
///
/// For good. Needs `Authorization: Bearer` with the cron secret.
#[utoipa::path(tag = "Operations", request_body = Selection, responses(
    (status = 200, description = "How many", body = DropAnswer),
    (status = 401, description = "The secret is missing or wrong"),
))]
#[post("/api/operations/parked/drop")]
pub(crate) async fn drop_any_parked(
    _: Operator,
    state: web::Data<State>,
    body: Json<Selection>,
) -> Answer<web::Json<DropAnswer>> {
    many(&state, &Viewer::Operator(&state), &body).await
}

/// Drop any one parked message
///
/// For good. Needs `Authorization: Bearer` with the cron secret.
#[utoipa::path(tag = "Operations",
    params(("id" = String, Path, description = "The message", example = "quarantine:91")),
    responses((status = 200, description = "It is done", body = DropAnswer),
        (status = 401, description = "The secret is missing or wrong")))]
#[post("/api/operations/parked/{id}/drop")]
pub(crate) async fn drop_any_one_parked(
    _: Operator,
    state: web::Data<State>,
    path: web::Path<String>,
) -> Answer<web::Json<DropAnswer>> {
    one(&state, &Viewer::Operator(&state), &path).await
}

async fn many(state: &State, viewer: &Viewer<'_>, selection: &Selection) -> Answer<web::Json<DropAnswer>> {
    let filter = selection.filter(state)?;
    Ok(web::Json(settle(state, viewer, &filter, Fate::Drop).await?.into()))
}

async fn one(state: &State, viewer: &Viewer<'_>, id: &str) -> Answer<web::Json<DropAnswer>> {
    let id: ParkedId = id.parse().map_err(|_invalid| Problem::not_found())?;
    let done = settle(state, viewer, &Filter::of_ids([id]), Fate::Drop).await?;
    if done.settled == 0 {
        return Err(Problem::not_found().into());
    }
    Ok(web::Json(DropAnswer { more: false, ..done.into() }))
}
