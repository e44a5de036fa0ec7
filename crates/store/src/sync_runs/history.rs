//! What syncs have done over time, by Page and hour, and what Facebook's limits were used for, by the minute.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Double, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::ConnectionId;

use crate::columns::{Column, OptionalColumn};
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, SystemTx, Transaction};

/// What a Page's syncs did in one hour, or those of all Pages.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct HourOfSync {
    #[diesel(sql_type = Timestamptz)]
    pub hour: DateTime<Utc>,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub runs: u32,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub runs_failed: u32,
    /// Of all its runs together, those that ended in this hour.
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub duration_ms: u64,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub calls: u32,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub errors: u32,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub throttled_ms: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub bytes: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub rows_new: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub rows_changed: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub rows_same: u64,
}

/// How much of one of Facebook's limits was used.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct UsageMinute {
    /// `app:<id>` or `page:<id>`.
    #[diesel(sql_type = Text)]
    pub bucket: String,
    /// None for the app's limit, which all Pages share.
    #[diesel(sql_type = Nullable<BigInt>, deserialize_as = OptionalColumn<ConnectionId>)]
    pub connection_id: Option<ConnectionId>,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub calls: u32,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub errors: u32,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub throttled_ms: u64,
    /// The highest that Meta told.
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub percent: u32,
}

/// Hour by hour since a time, oldest first, of one Page or of all. Hours in which nothing happened are left out.
pub async fn history(
    tx: &mut AccountTx,
    connection_id: Option<ConnectionId>,
    since: DateTime<Utc>,
) -> Result<Vec<HourOfSync>, StoreError> {
    let statement = sql_query(
        "select hour, sum(runs)::int as runs, sum(runs_failed)::int as runs_failed, sum(duration_ms)::bigint as duration_ms,
             sum(calls)::int as calls, sum(errors)::int as errors, sum(throttled_ms)::bigint as throttled_ms,
             sum(bytes)::bigint as bytes, sum(rows_new)::bigint as rows_new, sum(rows_changed)::bigint as rows_changed,
             sum(rows_same)::bigint as rows_same
         from sync_statistics
         where account_id = $1 and hour >= date_trunc('hour', $2) and ($3 is null or connection_id = $3)
         group by hour order by hour",
    )
    .bind::<BigInt, _>(tx.account_id().get())
    .bind::<Timestamptz, _>(since)
    .bind::<Nullable<BigInt>, _>(connection_id.map(ConnectionId::get));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// The use of Facebook's limits since a time, by limit, oldest first, summed up over `step`.
pub async fn usage(
    tx: &mut AccountTx,
    since: DateTime<Utc>,
    step: Duration,
    limit: u32,
) -> Result<Vec<UsageMinute>, StoreError> {
    let statement = sql_query(
        "select bucket, connection_id, date_bin(make_interval(secs => $3), minute, 'epoch') as at, sum(calls)::int as calls,
             sum(errors)::int as errors, sum(throttled_ms)::bigint as throttled_ms, max(percent) as percent
         from graph_usage_of_account($1, $2)
         group by bucket, connection_id, at order by bucket, at limit $4",
    )
    .bind::<BigInt, _>(tx.account_id().get())
    .bind::<Timestamptz, _>(since)
    .bind::<Double, _>(step.as_secs_f64())
    .bind::<Integer, _>(i32::try_from(limit).unwrap_or(i32::MAX));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// Forgets what is too old to be of use. Runs that wait for a person stay.
pub async fn trim_history(
    tx: &mut SystemTx,
    runs_before: DateTime<Utc>,
    usage_before: DateTime<Utc>,
    statistics_before: DateTime<Utc>,
) -> Result<(), StoreError> {
    let statement = sql_query("select trim_sync_history($1, $2, $3)")
        .bind::<Timestamptz, _>(runs_before)
        .bind::<Timestamptz, _>(usage_before)
        .bind::<Timestamptz, _>(statistics_before);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}
