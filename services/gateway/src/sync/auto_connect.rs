//! `POST /api/facebook/auto-connect`

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, post, web};
use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionType};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_runtime::http::Query;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::sync_runs::{self, Run};
use pagekeeper_store::{AccountTx, connections, credentials};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::connect_result::{ConnectResult, PageResult};
use super::start::start_connect;
use super::views::{self, StillRunning};
use super::wait::wait_for_end;
use crate::connections::views::reason_schema;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageConnections};
use crate::extract::wait::Wait;
use crate::state::State;

/// Entries of the list in one answer; the rest is at `/api/sync-runs/{id}`.
const LONGEST_LIST: usize = 1_000;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AutoConnected {
    #[schema(example = true)]
    success: bool,
    /// Pages that the person manages.
    #[schema(example = 2)]
    pages: usize,
    #[schema(example = 2)]
    connected: usize,
    #[schema(example = 150)]
    total_conversations: u64,
    #[schema(example = "5.2s")]
    duration: String,
    results: Vec<ConnectedPage>,
    background: Background,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<Truncated>,
}

/// What became of one Page.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectedPage {
    #[schema(example = "1122334455")]
    page_id: String,
    /// The Page itself (`facebook`), or the `instagram` account that is linked to it.
    #[schema(value_type = String, example = "facebook")]
    connection_type: ConnectionType,
    #[schema(example = 7)]
    connection_id: Option<i64>,
    #[schema(example = "Café Nord")]
    name: String,
    success: bool,
    #[schema(example = 75)]
    conversations: u32,
    error: Option<PageError>,
}

/// Why a Page was not connected, or not synced.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageError {
    #[schema(schema_with = reason_schema)]
    reason: ConnectionReason,
    /// For a person.
    detail: &'static str,
}

/// What goes on after the answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Background {
    /// Pages whose older conversations and messages are still being fetched.
    #[schema(example = 1)]
    pages: usize,
}

/// The list was cut.
#[derive(Serialize, ToSchema)]
pub(crate) struct Truncated {
    /// The route that has the rest.
    #[schema(example = "/api/sync-runs/91")]
    rest: String,
}

/// Connect all Pages
///
/// Fetches the caller's Pages from Facebook, connects those that can be, and syncs at most 500 conversations of each;
/// what is older follows in the background. Needs a Facebook login: 409 without one. Waits 5 minutes unless `wait` says
/// else; 202 when it takes longer.
#[utoipa::path(tag = "Sync", params(Wait), responses(
    (status = 200, description = "What became of each Page", body = AutoConnected),
    (status = 202, description = "Still at work", body = StillRunning,
     headers(("location" = String, description = "The run"))),
    (status = 409, description = "The caller has no Facebook login that still works"),
))]
#[post("/api/facebook/auto-connect")]
pub(crate) async fn auto_connect(
    scope: Authorised<ManageConnections>,
    state: web::Data<State>,
    wait: Query<Wait>,
) -> Answer<HttpResponse> {
    let deadline = Instant::now() + wait.or(state.config.waiting.auto_connect_wait());
    let (account, user) = (scope.principal.account, scope.principal.user);
    let mut hints = state.hub.subscribe(account);
    let run = scope
        .run(async move |tx: &mut AccountTx| {
            let login = credentials::find_user_token_facts(tx, user).await?;
            if !login.is_some_and(|login| login.is_valid) {
                return Err(login_needed().into());
            }
            Ok(start_connect(tx, user).await?)
        })
        .await?;
    state.bell.ring();

    let run = wait_for_end(&state, &mut hints, account, run, deadline).await?;
    let (children, background) = scope
        .run(async move |tx: &mut AccountTx| {
            let children = sync_runs::list_children(tx, run.id).await?;
            let overviews = connections::list_overviews(tx, None).await?;
            let active = overviews.iter().filter_map(|overview| overview.active_run.as_ref());
            Ok((children, active.filter(|run| run.kind == RunKind::Backfill).count()))
        })
        .await?;
    answer(&run, &children, background)
}

fn answer(run: &Run, children: &[Run], background: usize) -> Answer<HttpResponse> {
    let result = run.result.as_ref().map(ConnectResult::parse);
    match result {
        _ if !run.state.has_ended() => Ok(HttpResponse::Accepted()
            .insert_header((LOCATION, format!("/api/sync-runs/{}", run.id)))
            .json(StillRunning::new(run, children))),
        Some(result) => Ok(HttpResponse::Ok().json(AutoConnected::new(run, &result, children, background))),
        None => Err(failed_as_a_whole(run).into()),
    }
}

fn login_needed() -> Problem {
    Problem::conflict("log in with Facebook first: open /auth/facebook/login in a browser")
        .with_kind("/problems/facebook-login-needed")
}

/// Not even the list of Pages could be had.
fn failed_as_a_whole(run: &Run) -> Problem {
    match run.error.as_deref().and_then(ConnectionReason::parse) {
        Some(ConnectionReason::FacebookUnavailable) | None => {
            Problem::unavailable("Facebook did not answer as expected; try again", 60)
        }
        Some(_) => login_needed(),
    }
}

impl AutoConnected {
    fn new(run: &Run, result: &ConnectResult, children: &[Run], background: usize) -> Self {
        let is_cut = result.results.len() > LONGEST_LIST;
        Self {
            success: run.state == RunState::Succeeded,
            pages: result.pages,
            connected: result.connected,
            total_conversations: children.iter().map(|child| u64::from(child.conversations)).sum(),
            duration: views::duration(run),
            results: result.results.iter().take(LONGEST_LIST).map(|page| ConnectedPage::new(page, children)).collect(),
            background: Background { pages: background },
            truncated: is_cut.then(|| Truncated { rest: format!("/api/sync-runs/{}", run.id) }),
        }
    }
}

impl ConnectedPage {
    fn new(page: &PageResult, children: &[Run]) -> Self {
        let id = page.connection_id;
        let child = children.iter().find(|child| id.is_some() && child.connection_id.map(ConnectionId::get) == id);
        let failed = child.filter(|child| child.state == RunState::Failed);
        let reason = match (page.success, failed) {
            (false, _) => Some(page.reason()),
            (true, Some(run)) => Some(
                run.error.as_deref().and_then(ConnectionReason::parse).unwrap_or(ConnectionReason::FacebookUnavailable),
            ),
            (true, None) => None,
        };
        Self {
            page_id: page.page_id.clone(),
            connection_type: page.connection_type,
            connection_id: id,
            name: page.name.clone(),
            success: reason.is_none(),
            conversations: child.map_or(0, |child| child.conversations),
            error: reason.map(|reason| PageError { reason, detail: views::sentence(reason) }),
        }
    }
}
