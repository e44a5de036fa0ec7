//! `GET /api/parked/{id}`, `GET /api/operations/parked/{id}`

use actix_web::{get, web};
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::quarantine::review::QuarantineFilter;

use super::content;
use super::found::Found;
use super::id::{ParkedId, short_name};
use super::viewer::Viewer;
use super::views::ParkedWithContent;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageConnections};
use crate::extract::operator::Operator;
use crate::state::State;

/// Read a parked message
///
/// With its content. What customers wrote is shown to those who may read the inbox.
#[utoipa::path(tag = "Parked",
    params(("id" = String, Path, description = "The message", example = "webhooks:0197c1d2-7e2a-7b61-a7a5-0d2f6a1c9e11")),
    responses((status = 200, description = "The message", body = ParkedWithContent)))]
#[get("/api/parked/{id}")]
pub(crate) async fn read_parked(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    path: web::Path<String>,
) -> Answer<web::Json<ParkedWithContent>> {
    read(&state, &Viewer::of_account(&scope).await?, &path).await
}

/// Read any parked message
///
/// Without what customers wrote. Needs `Authorization: Bearer` with the cron secret.
#[utoipa::path(tag = "Operations",
    params(("id" = String, Path, description = "The message", example = "quarantine:91")),
    responses((status = 200, description = "The message", body = ParkedWithContent),
        (status = 401, description = "The secret is missing or wrong")))]
#[get("/api/operations/parked/{id}")]
pub(crate) async fn read_any_parked(
    _: Operator,
    state: web::Data<State>,
    path: web::Path<String>,
) -> Answer<web::Json<ParkedWithContent>> {
    read(&state, &Viewer::Operator(&state), &path).await
}

async fn read(state: &State, viewer: &Viewer<'_>, id: &str) -> Answer<web::Json<ParkedWithContent>> {
    let id: ParkedId = id.parse().map_err(|_invalid| Problem::not_found())?;
    let found = match &id {
        ParkedId::Message { queue, .. } => read_message(state, viewer, queue, &id).await?,
        ParkedId::Quarantined(id) => read_quarantined(viewer, *id).await?,
    };
    Ok(web::Json(found.ok_or_else(Problem::not_found)?))
}

async fn read_message(
    state: &State,
    viewer: &Viewer<'_>,
    queue: &str,
    id: &ParkedId,
) -> Answer<Option<ParkedWithContent>> {
    let queues = state.parked.home_queues();
    let Some(queue) = queues.iter().find(|name| short_name(name) == queue) else { return Ok(None) };
    let keep = |parked: &pagekeeper_bus::ParkedMessage| {
        let found = Found::of_message(viewer, parked)?;
        (found.id == *id).then(|| (found, parked.message.clone()))
    };
    let Some((found, message)) = state.parked.browse(queue, keep).await?.kept.pop() else { return Ok(None) };
    let mut found = [found];
    viewer.fill_in_pages(&mut found).await?;
    let [found] = found;
    let is_webhook = message.is::<pagekeeper_contracts::v1::WebhookBundle>();
    Ok(Some(ParkedWithContent {
        parked: found.into(),
        content: content::of_message(&message, viewer.reads_inbox()),
        content_withheld: is_webhook && !viewer.reads_inbox(),
    }))
}

async fn read_quarantined(viewer: &Viewer<'_>, id: i64) -> Answer<Option<ParkedWithContent>> {
    let filter = QuarantineFilter { ids: Some(vec![id]), ..QuarantineFilter::default() };
    let entry = viewer.quarantined(&filter, 1, viewer.reads_inbox()).await?.pop();
    Ok(entry.map(|entry| {
        let object = viewer.object_of(&entry);
        ParkedWithContent {
            parked: Found::of_quarantine(viewer, &entry).into(),
            content: Some(content::of_quarantine(&entry, object.as_deref(), viewer.reads_inbox())),
            content_withheld: !viewer.reads_inbox(),
        }
    }))
}
