//! `GET /api/sync-runs`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_common::domain::sync_run::{RunKind, RunState};
use pagekeeper_runtime::http::Query;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::AccountTx;
use pagekeeper_store::sync_runs::{self, RunFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};
use crate::extract::paging::{PageLimit, flag, number, page_limit, parse_cursor};
use crate::state::State;

/// Which runs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunQuery {
    /// Of this Page alone: our id of the connection.
    #[serde(default, deserialize_with = "number")]
    connection_id: Option<i64>,
    /// `connect`, `first`, `incremental`, `backfill`, `full`, `details`, `contacts`, `messages`, `status` or `update_page`.
    kind: Option<String>,
    /// `queued`, `running`, `succeeded`, `failed`, `parked` or `canceled`.
    state: Option<String>,
    /// Those alone that have not ended.
    #[serde(default, deserialize_with = "flag")]
    #[param(value_type = bool)]
    active: bool,
    /// Entries in one answer.
    #[serde(default, deserialize_with = "page_limit")]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: PageLimit,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// Runs, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunList {
    data: Vec<views::Run>,
    /// Leads to older ones; null at the end.
    next_cursor: Option<String>,
}

/// List runs
///
/// Work on Facebook, the newest first. A connect run's children are not listed below it here: they stand in the list
/// themselves.
#[utoipa::path(tag = "Sync", params(RunQuery), responses((status = 200, description = "Runs", body = RunList)))]
#[get("/api/sync-runs")]
pub(crate) async fn list_runs(
    scope: Authorised<ReadConnections>,
    state: web::Data<State>,
    query: Query<RunQuery>,
) -> Answer<web::Json<RunList>> {
    let filter = query.filter()?;
    let cursor = parse_cursor(query.cursor.as_deref())?;
    let limit = query.limit.get();
    let mut runs =
        scope.run(async move |tx: &mut AccountTx| Ok(sync_runs::list(tx, filter, cursor, limit + 1).await?)).await?;
    let has_more = runs.len() > limit as usize;
    runs.truncate(limit as usize);
    let next_cursor = runs.last().filter(|_| has_more).map(|run| run.list_cursor().encode());
    let briefs = state.briefs.get(&scope, runs.iter().filter_map(|run| run.connection_id)).await?;
    Ok(web::Json(RunList { data: runs.iter().map(|run| views::Run::new(run, &[], &briefs)).collect(), next_cursor }))
}

impl RunQuery {
    fn filter(&self) -> Result<RunFilter, Problem> {
        let unknown = |field: &'static str| Problem::bad_request(format!("there is no such {field}")).with_field(field);
        let kind = self.kind.as_deref().map(|name| RunKind::parse(name).ok_or_else(|| unknown("kind"))).transpose()?;
        let state =
            self.state.as_deref().map(|name| RunState::parse(name).ok_or_else(|| unknown("state"))).transpose()?;
        Ok(RunFilter { connection_id: self.connection_id.map(ConnectionId::new), kind, state, active: self.active })
    }
}
