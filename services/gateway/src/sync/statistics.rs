//! `GET /api/sync-statistics`

use std::time::Duration;

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::sync_runs::{self, HourOfSync};
use pagekeeper_store::{AccountTx, StoreError, connections};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::RowCounts;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};
use crate::extract::paging::number;
use crate::state::State;

/// How far back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) enum Range {
    #[serde(rename = "1h")]
    Hour,
    #[default]
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatisticsQuery {
    /// `1h`, `24h`, `7d` or `30d`; 24h where nothing is said.
    #[serde(default)]
    #[param(inline)]
    range: Range,
    /// Of this Page alone: our id of the connection.
    #[serde(default, deserialize_with = "number")]
    connection_id: Option<i64>,
}

/// Hours in which something was done, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct SyncHistory {
    since: DateTime<Utc>,
    data: Vec<SyncHour>,
}

/// What syncs did in one hour.
#[derive(Serialize, ToSchema)]
pub(crate) struct SyncHour {
    hour: DateTime<Utc>,
    /// Runs that ended.
    #[schema(example = 48)]
    runs: u32,
    #[schema(example = 1)]
    runs_failed: u32,
    /// Of these runs together.
    #[schema(example = 41_200)]
    duration_ms: u64,
    /// Calls to Facebook, as Facebook counts them.
    #[schema(example = 61)]
    calls: u32,
    #[schema(example = 2)]
    errors: u32,
    /// Spent waiting for Facebook's limits.
    #[schema(example = 1_500)]
    throttled_ms: u64,
    #[schema(example = 1_310_720)]
    bytes: u64,
    rows: RowCounts,
}

/// What syncs did, hour by hour
#[utoipa::path(tag = "Sync", params(StatisticsQuery),
    responses((status = 200, description = "Hours in which something was done", body = SyncHistory)))]
#[get("/api/sync-statistics")]
pub(crate) async fn sync_statistics(
    scope: Authorised<ReadConnections>,
    state: web::Data<State>,
    query: Query<StatisticsQuery>,
) -> Answer<web::Json<SyncHistory>> {
    let since = state.now() - query.range.length();
    let connection = query.connection_id.map(ConnectionId::new);
    let hours = scope
        .run(async move |tx: &mut AccountTx| {
            if let Some(id) = connection {
                connections::find(tx, id).await?.ok_or(StoreError::NotFound)?;
            }
            Ok(sync_runs::history(tx, connection, since).await?)
        })
        .await?;
    Ok(web::Json(SyncHistory { since, data: hours.into_iter().map(SyncHour::from).collect() }))
}

impl Range {
    pub(super) fn length(self) -> Duration {
        match self {
            Self::Hour => Duration::from_hours(1),
            Self::Day => Duration::from_hours(24),
            Self::Week => Duration::from_hours(7 * 24),
            Self::Month => Duration::from_hours(30 * 24),
        }
    }

    /// Between two points of a plot: some hundred of them.
    pub(super) fn step(self) -> Duration {
        match self {
            Self::Hour => Duration::from_mins(1),
            Self::Day => Duration::from_mins(15),
            Self::Week => Duration::from_hours(1),
            Self::Month => Duration::from_hours(6),
        }
    }
}

impl From<HourOfSync> for SyncHour {
    fn from(hour: HourOfSync) -> Self {
        Self {
            hour: hour.hour,
            runs: hour.runs,
            runs_failed: hour.runs_failed,
            duration_ms: hour.duration_ms,
            calls: hour.calls,
            errors: hour.errors,
            throttled_ms: hour.throttled_ms,
            bytes: hour.bytes,
            rows: RowCounts { new: hour.rows_new, changed: hour.rows_changed, same: hour.rows_same },
        }
    }
}
