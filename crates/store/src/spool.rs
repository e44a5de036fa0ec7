//! Webhooks that arrived while the broker was away: encoded bundles, published from here when it is back.

use std::time::Duration;

use diesel::sql_types::{Array, BigInt, Binary, Double, Integer};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};

/// A bundle to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpooledBundle {
    pub bundle: Vec<u8>,
    /// How many webhook entries it holds.
    pub entries: u32,
}

/// A bundle that a drain has claimed.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ClaimedBundle {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Binary)]
    pub bundle: Vec<u8>,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub entries: u32,
}

/// Keeps bundles, in one statement.
pub async fn insert(tx: &mut SystemTx, bundles: &[SpooledBundle]) -> Result<(), StoreError> {
    let statement = sql_query("insert into ingest_spool (bundle, entries) select * from unnest($1, $2)")
        .bind::<Array<Binary>, _>(bundles.iter().map(|bundle| bundle.bundle.as_slice()).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(
            bundles.iter().map(|bundle| i32::try_from(bundle.entries).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
        );
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Claims the oldest bundles for `lease`; what is not done by then can be claimed again.
pub async fn claim(tx: &mut SystemTx, limit: u32, lease: Duration) -> Result<Vec<ClaimedBundle>, StoreError> {
    let statement = sql_query(
        "update ingest_spool s set available_at = now() + make_interval(secs => $2), attempts = attempts + 1
         from (select id from ingest_spool where available_at <= now() order by id limit $1 for update skip locked) due
         where s.id = due.id
         returning s.id, s.bundle, s.entries",
    )
    .bind::<BigInt, _>(i64::from(limit))
    .bind::<Double, _>(lease.as_secs_f64());
    let mut claimed: Vec<ClaimedBundle> = Prepared(statement).load(tx.connection()).await?;
    claimed.sort_unstable_by_key(|bundle| bundle.id);
    Ok(claimed)
}

/// Deletes what the broker confirmed.
pub async fn done(tx: &mut SystemTx, ids: &[i64]) -> Result<(), StoreError> {
    let statement = sql_query("delete from ingest_spool where id = any($1)").bind::<Array<BigInt>, _>(ids);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Gives claimed bundles back: the broker went away again.
pub async fn give_back(tx: &mut SystemTx, ids: &[i64]) -> Result<(), StoreError> {
    let statement =
        sql_query("update ingest_spool set available_at = now() where id = any($1)").bind::<Array<BigInt>, _>(ids);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// How many bundles wait.
pub async fn count(tx: &mut SystemTx) -> Result<u64, StoreError> {
    #[derive(QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
        bundles: u64,
    }
    let waiting: Waiting =
        Prepared(sql_query("select count(*) as bundles from ingest_spool")).get_result(tx.connection()).await?;
    Ok(waiting.bundles)
}
