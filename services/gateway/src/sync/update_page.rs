//! `PUT /api/facebook/pages/{page_id}/update-to-facebook`

use actix_web::{HttpResponse, put, web};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_common::domain::page_update::{PageUpdateRequest, PageUpdateResult};
use pagekeeper_common::domain::sync_run::RunState;
use pagekeeper_runtime::http::{Json, Query};
use pagekeeper_runtime::problem::{FieldError, Problem};
use pagekeeper_store::AccountTx;
use pagekeeper_store::sync_runs::Run;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::awaited::{Awaited, settle, start_and_follow};
use super::start::start_page_update;
use super::views::StillRunning;
use crate::connections::read::read;
use crate::connections::views::Connection;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageConnections};
use crate::extract::wait::Wait;
use crate::state::State;

/// What is absent stays as it is; an empty text clears a field.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageFields {
    #[schema(example = "Coffee and cardamom buns, every day from seven.")]
    about: Option<String>,
    #[schema(example = "+45 33 12 34 56")]
    phone: Option<String>,
    #[schema(example = "https://cafe-nord.example")]
    website: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UpdatedPage {
    #[schema(example = true)]
    success: bool,
    /// Our id of the connection.
    #[schema(example = 7)]
    page_id: i64,
    /// As Facebook has it now.
    page: Connection,
    /// Fields that Facebook took.
    #[schema(example = 2)]
    synced_count: usize,
    #[schema(example = 95)]
    run_id: i64,
}

/// Write a Page's fields to Facebook
///
/// They are stored here once Facebook has taken them. Where it refuses some, those are named with what Facebook says, and
/// the others are written.
#[utoipa::path(tag = "Sync", request_body = PageFields,
    params(("page_id" = i64, Path, description = "Our id of the connection", example = 7), Wait), responses(
    (status = 200, description = "Facebook took all of it", body = UpdatedPage),
    (status = 202, description = "Still at work", body = StillRunning, headers(("location" = String, description = "The run"))),
    (status = 409, description = "The Page is disconnected, needs a new login, or is an Instagram account"),
))]
#[put("/api/facebook/pages/{page_id}/update-to-facebook")]
pub(crate) async fn update_page(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    path: web::Path<i64>,
    wait: Query<Wait>,
    body: Json<PageFields>,
) -> Answer<HttpResponse> {
    let id = ConnectionId::new(path.into_inner());
    let request = request(body.0)?;
    let wait = wait.or(state.config.waiting.default_wait());
    let start = async move |tx: &mut AccountTx| start_page_update(tx, id, &request).await;
    let run = start_and_follow(&state, &scope, wait, start).await?;
    let result = result(&run);
    if run.state == RunState::Failed && !result.refused.is_empty() {
        return Err(refused(&result).into());
    }
    let run = match settle(run)? {
        Awaited::Succeeded(run) => run,
        Awaited::Running(answer) => return Ok(answer),
    };
    let page = scope.run(async move |tx: &mut AccountTx| read(tx, id).await).await?;
    Ok(HttpResponse::Ok().json(UpdatedPage {
        success: true,
        page_id: id.get(),
        page,
        synced_count: result.applied.len(),
        run_id: run.id.get(),
    }))
}

fn request(fields: PageFields) -> Result<PageUpdateRequest, Problem> {
    let PageFields { about, phone, website } = fields;
    let request = PageUpdateRequest { about, phone, website };
    if request.fields().is_empty() {
        return Err(Problem::unprocessable("about", "name at least one of about, phone and website"));
    }
    request.check().map_err(|(field, invalid)| Problem::unprocessable(field.as_str(), invalid.to_string()))?;
    Ok(request)
}

fn result(run: &Run) -> PageUpdateResult {
    run.result.as_ref().and_then(|result| PageUpdateResult::deserialize(result).ok()).unwrap_or_default()
}

fn refused(result: &PageUpdateResult) -> Problem {
    let errors: Vec<FieldError> = result
        .refused
        .iter()
        .map(|refusal| FieldError { field: refusal.field.as_str().to_owned(), detail: refusal.detail.clone() })
        .collect();
    let first = errors.first().map(|error| error.field.clone()).unwrap_or_default();
    let applied: Vec<&str> = result.applied.iter().map(|field| field.as_str()).collect();
    let rest = if applied.is_empty() { String::new() } else { format!("; written: {}", applied.join(", ")) };
    Problem::unprocessable(first, format!("Facebook did not accept all of it{rest}"))
        .with_kind("/problems/refused-by-facebook")
        .with_errors(errors)
}
