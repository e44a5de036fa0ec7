//! `GET /api/cron/sync-all-pages`, `GET /api/cron/full-sync-all-pages`

use std::time::Instant;

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, get, web};
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_runtime::http::Query;
use serde::Serialize;
use utoipa::ToSchema;

use super::sync_all_flow::{Outcome, Started, start_all, wait_for_all};
use super::views::{Partial, RunReference, StillRunning};
use crate::extract::api_error::Answer;
use crate::extract::operator::Operator;
use crate::extract::wait::Wait;
use crate::state::State;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SyncedAll {
    #[schema(example = true)]
    success: bool,
    #[schema(example = "Synced 25 conversations across 2 page(s)")]
    message: String,
    #[schema(example = 2)]
    pages: usize,
    #[schema(example = 2)]
    success_count: usize,
    /// Conversations that were new or had changed.
    #[schema(example = 25)]
    total_synced: u64,
    #[schema(example = "3.45s")]
    duration: String,
}

/// Sync all Pages
///
/// For CronJobs: fetches what changed at every connected Page of every account. Needs `Authorization: Bearer` with the
/// cron secret. Called twice at once, the work is done once.
#[utoipa::path(tag = "Operations", params(Wait), responses(
    (status = 200, description = "All ended", body = SyncedAll),
    (status = 202, description = "Still at work", body = StillRunning,
     headers(("location" = String, description = "A run that goes on"))),
    (status = 401, description = "The secret is missing or wrong"),
))]
#[get("/api/cron/sync-all-pages")]
pub(crate) async fn sync_all_pages(_: Operator, state: web::Data<State>, wait: Query<Wait>) -> Answer<HttpResponse> {
    let (began, started) = (Instant::now(), start_all(&state, RunKind::Incremental).await?);
    wait_and_answer(&state, &started, *wait, began).await
}

/// Sync all of all Pages
///
/// For CronJobs: pulls everything of every connected Page of every account, which takes its time: see `wait`. Needs
/// `Authorization: Bearer` with the cron secret. Called twice at once, the work is done once.
#[utoipa::path(tag = "Operations", params(Wait), responses(
    (status = 200, description = "All ended", body = SyncedAll),
    (status = 202, description = "Still at work", body = StillRunning,
     headers(("location" = String, description = "A run that goes on"))),
    (status = 401, description = "The secret is missing or wrong"),
))]
#[get("/api/cron/full-sync-all-pages")]
pub(crate) async fn full_sync_all_pages(
    _: Operator,
    state: web::Data<State>,
    wait: Query<Wait>,
) -> Answer<HttpResponse> {
    let (began, started) = (Instant::now(), start_all(&state, RunKind::Full).await?);
    wait_and_answer(&state, &started, *wait, began).await
}

async fn wait_and_answer(state: &State, started: &[Started], wait: Wait, began: Instant) -> Answer<HttpResponse> {
    let outcome = wait_for_all(state, started, wait.or(state.config.waiting.default_wait())).await?;
    let duration = format!("{:.2}s", began.elapsed().as_secs_f64());
    Ok(answer(&outcome, duration))
}

fn answer(outcome: &Outcome, duration: String) -> HttpResponse {
    if let Some(run) = &outcome.still_running {
        return HttpResponse::Accepted().insert_header((LOCATION, format!("/api/sync-runs/{}", run.id))).json(
            StillRunning {
                success: true,
                run: RunReference { id: run.id.get(), state: run.state.as_str(), phase: run.phase.as_str() },
                partial: Partial { pages: outcome.pages, pages_done: outcome.ended, conversations: outcome.changed },
            },
        );
    }
    HttpResponse::Ok().json(SyncedAll {
        success: true,
        message: format!("Synced {} conversations across {} page(s)", outcome.changed, outcome.pages),
        pages: outcome.pages,
        success_count: outcome.succeeded,
        total_synced: outcome.changed,
        duration,
    })
}
