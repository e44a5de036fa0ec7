//! The system's totals for the health page.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Double, Nullable, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};

/// Counts over all accounts. Above 10,000 rows a table is counted by the planner's estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct HealthTotals {
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub pages_connected: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub pages_needing_login: u64,
    /// Connected, and not synced since `stale_before`.
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub pages_stale: u64,
    /// When the connected Page that waits longest was synced (or connected).
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_sync_at: Option<DateTime<Utc>>,
    /// Valid tokens that end within the warning time.
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub tokens_expiring: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub tokens_invalid: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub conversations: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub contacts: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub messages: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub runs_active: u64,
    /// In the last 24 hours.
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub runs_failed_today: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub outbox_waiting: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub spool_waiting: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub quarantined: u64,
}

pub async fn totals(
    tx: &mut SystemTx,
    token_warning: Duration,
    stale_before: DateTime<Utc>,
) -> Result<HealthTotals, StoreError> {
    let statement = sql_query("select * from health_totals(make_interval(secs => $1), $2)")
        .bind::<Double, _>(token_warning.as_secs_f64())
        .bind::<Timestamptz, _>(stale_before);
    Ok(Prepared(statement).get_result(tx.connection()).await?)
}
