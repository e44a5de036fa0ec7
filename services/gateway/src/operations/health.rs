//! Whether the system is well, in totals.

use std::time::Duration;

use chrono::{DateTime, Utc};
use pagekeeper_bus::BusState;
use pagekeeper_store::health::{self, HealthTotals};
use pagekeeper_store::{Store, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::HealthConfig;
use crate::state::State;

/// The database has this long to answer; a load balancer waits little longer.
const DATABASE_LIMIT: Duration = Duration::from_secs(2);

/// Counts over all accounts, and nothing of any of them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SystemHealth {
    pub status: SystemStatus,
    pub checks: Checks,
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    pub time: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SystemStatus {
    Healthy,
    /// It works, but somebody should look.
    Degraded,
    /// The database or the broker is away.
    Unhealthy,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checks {
    pub database: Check,
    pub broker: Check,
    pub facebook_pages: Check,
    pub token_expiration: Check,
    pub conversations: Check,
    pub sync: Check,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckStatus {
    Ok,
    Warning,
    Error,
}

/// One check; only the figures that it has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Check {
    pub status: CheckStatus,
    /// What is wrong, for an operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'static str>,
    /// Connected Pages, or stored conversations.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2)]
    pub count: Option<u64>,
    /// Tokens that end soon, or have ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiring: Option<u64>,
    /// Pages that were not synced for too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<u64>,
    /// When the Page that waits longest was synced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<DateTime<Utc>>,
}

/// The answer of the last seconds: many who ask at once cost one look.
#[derive(Clone)]
pub(crate) struct HealthCache(moka::future::Cache<(), SystemHealth>);

impl HealthCache {
    pub(crate) fn new(config: &HealthConfig) -> Self {
        let keep = Duration::from_secs(config.cache_s.get().into());
        Self(moka::future::Cache::builder().max_capacity(1).time_to_live(keep).build())
    }

    pub(crate) async fn get(&self, state: &State) -> SystemHealth {
        self.0.get_with((), look(state)).await
    }
}

async fn look(state: &State) -> SystemHealth {
    let config = &state.config.health;
    let now = state.now();
    let token_warning = Duration::from_hours(24 * u64::from(config.token_warning_days.get()));
    let stale_before = now - Duration::from_mins(config.stale_after_minutes.get().into());
    let totals = totals(&state.store, token_warning, stale_before).await;
    if let Err(error) = &totals {
        tracing::warn!(area = "health", %error, "the database did not answer the health check");
    }
    let is_connected = matches!(state.bus.state(), BusState::Connected);
    judge(totals.ok().as_ref(), is_connected, now)
}

async fn totals(
    store: &Store,
    token_warning: Duration,
    stale_before: DateTime<Utc>,
) -> Result<HealthTotals, StoreError> {
    let answer = store.system(async move |tx| health::totals(tx, token_warning, stale_before).await);
    tokio::time::timeout(DATABASE_LIMIT, answer).await.unwrap_or(Err(StoreError::TimedOut))
}

/// From figures to a verdict. Without totals the database is away, and the figures that it would give are unknown.
fn judge(totals: Option<&HealthTotals>, broker_is_connected: bool, now: DateTime<Utc>) -> SystemHealth {
    let warn = |is_warning: bool, detail| if is_warning { Check::warning(detail) } else { Check::ok() };
    let unknown = || Check::warning("unknown while the database is away");
    let away = |is_there: bool, detail| if is_there { Check::ok() } else { Check::error(detail) };
    let checks = Checks {
        database: away(totals.is_some(), "does not answer"),
        broker: away(broker_is_connected, "not connected"),
        facebook_pages: totals.map_or_else(unknown, |totals| Check {
            count: Some(totals.pages_connected),
            ..warn(totals.pages_needing_login > 0, "a Page needs somebody to log in again")
        }),
        token_expiration: totals.map_or_else(unknown, |totals| Check {
            expiring: Some(totals.tokens_expiring),
            ..warn(totals.tokens_expiring > 0, "a token ends soon")
        }),
        conversations: totals.map_or_else(unknown, |totals| Check { count: Some(totals.conversations), ..Check::ok() }),
        sync: totals.map_or_else(unknown, |totals| Check {
            stale: Some(totals.pages_stale),
            oldest: totals.oldest_sync_at,
            ..warn(totals.pages_stale > 0, "a Page was not synced for long")
        }),
    };
    SystemHealth { status: checks.status(), checks, version: env!("CARGO_PKG_VERSION"), time: now }
}

impl Checks {
    fn status(&self) -> SystemStatus {
        let all = [
            &self.database,
            &self.broker,
            &self.facebook_pages,
            &self.token_expiration,
            &self.conversations,
            &self.sync,
        ];
        match all.into_iter().map(|check| check.status).max() {
            Some(CheckStatus::Error) => SystemStatus::Unhealthy,
            Some(CheckStatus::Warning) => SystemStatus::Degraded,
            Some(CheckStatus::Ok) | None => SystemStatus::Healthy,
        }
    }
}

impl Check {
    fn of(status: CheckStatus, detail: Option<&'static str>) -> Self {
        Self { status, detail, count: None, expiring: None, stale: None, oldest: None }
    }

    fn ok() -> Self {
        Self::of(CheckStatus::Ok, None)
    }

    fn warning(detail: &'static str) -> Self {
        Self::of(CheckStatus::Warning, Some(detail))
    }

    fn error(detail: &'static str) -> Self {
        Self::of(CheckStatus::Error, Some(detail))
    }
}

#[cfg(test)]
mod tests;
