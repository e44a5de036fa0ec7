//! `GET /api/graph-usage`: how much of Facebook's limits is used (SPEC I3).

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::AccountTx;
use pagekeeper_store::sync_runs::{self, UsageMinute};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::statistics::Range;
use crate::connections::views::ConnectionBrief;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};
use crate::state::State;

/// Points in one answer: some hundred Pages over a day.
const MOST_POINTS: u32 = 20_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsageQuery {
    /// `1h`, `24h`, `7d` or `30d`, 24h where nothing is said; usage is kept for 14 days.
    #[serde(default)]
    #[param(inline)]
    range: Range,
}

/// How much of each limit was used.
#[derive(Serialize, ToSchema)]
pub(crate) struct GraphUsage {
    since: DateTime<Utc>,
    /// Seconds between two points.
    #[schema(example = 900)]
    step_s: u64,
    /// The app's limit and those of the Pages.
    data: Vec<LimitUsage>,
    /// Whether points were left out.
    truncated: bool,
}

/// One limit.
#[derive(Serialize, ToSchema)]
pub(crate) struct LimitUsage {
    /// The Page whose limit it is; null for the app's, which all Pages share.
    connection: Option<ConnectionBrief>,
    /// Oldest first; times without calls are left out.
    points: Vec<UsagePoint>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UsagePoint {
    at: DateTime<Utc>,
    #[schema(example = 12)]
    calls: u32,
    #[schema(example = 0)]
    errors: u32,
    /// Time that calls waited for this limit.
    #[schema(example = 0)]
    throttled_ms: u64,
    /// The highest share of the limit that Facebook told; 0 while it tells none.
    #[schema(example = 28)]
    percent: u32,
}

/// Use of Facebook's limits
///
/// Of the app and of each connected Page.
#[utoipa::path(tag = "Sync", params(UsageQuery),
    responses((status = 200, description = "The app's limit and those of the Pages", body = GraphUsage)))]
#[get("/api/graph-usage")]
pub(crate) async fn graph_usage(
    scope: Authorised<ReadConnections>,
    state: web::Data<State>,
    query: Query<UsageQuery>,
) -> Answer<web::Json<GraphUsage>> {
    let (since, step) = (state.now() - query.range.length(), query.range.step());
    let mut points = scope
        .run(async move |tx: &mut AccountTx| Ok(sync_runs::usage(tx, since, step, MOST_POINTS + 1).await?))
        .await?;
    let truncated = points.len() > MOST_POINTS as usize;
    points.truncate(MOST_POINTS as usize);
    let briefs = state.briefs.get(&scope, points.iter().filter_map(|point| point.connection_id)).await?;
    let brief = |id: ConnectionId| ConnectionBrief::new(id, briefs.get(&id));
    let data = points
        .chunk_by(|one, next| one.bucket == next.bucket && one.connection_id == next.connection_id)
        .map(|limit| LimitUsage {
            connection: limit.first().and_then(|point| point.connection_id).map(brief),
            points: limit.iter().map(UsagePoint::from).collect(),
        })
        .collect();
    Ok(web::Json(GraphUsage { since, step_s: step.as_secs(), data, truncated }))
}

impl From<&UsageMinute> for UsagePoint {
    fn from(minute: &UsageMinute) -> Self {
        let UsageMinute { at, calls, errors, throttled_ms, percent, .. } = *minute;
        Self { at, calls, errors, throttled_ms, percent }
    }
}
