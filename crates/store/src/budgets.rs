//! What Meta's limits leave, per app and per Page, shared by all workers.
//!
//! A bucket holds calls that may go now and grows back with time, up to its size. Calls are taken from several buckets
//! at once, from all or from none. Background calls leave a part of each bucket to calls that somebody waits for, which
//! therefore never queue behind them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::lane::Lane;

use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};

/// The part of a bucket that background calls leave in it.
const RESERVE: f64 = 0.25;

/// A bucket, and how it grows back.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// `page:<id>:conversations`, `page:<id>`, `app:<id>`.
    pub name: String,
    /// The most calls that may go at once.
    pub size: f64,
    pub refill_per_second: f64,
}

/// Whether calls may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Granted,
    /// Nothing was taken. Earlier there is surely not enough.
    WaitUntil(DateTime<Utc>),
}

/// Takes `calls` from every bucket, in one statement. More calls than a bucket's size are granted when it is full.
pub async fn take(tx: &mut SystemTx, buckets: &[Bucket], calls: u32, lane: Lane) -> Result<Taken, StoreError> {
    let verdict = try_take(tx, buckets, calls, lane).await?;
    if verdict.known >= u64::try_from(buckets.len()).unwrap_or(u64::MAX) {
        return Ok(verdict.into());
    }
    // A bucket that nobody used yet: it is full.
    let statement = sql_query(
        "insert into graph_budgets (bucket, tokens) select * from unnest($1, $2) as b (bucket, tokens) order by bucket
         on conflict do nothing",
    )
    .bind::<Array<Text>, _>(buckets.iter().map(|bucket| bucket.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Double>, _>(buckets.iter().map(|bucket| bucket.size).collect::<Vec<_>>());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(try_take(tx, buckets, calls, lane).await?.into())
}

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    known: u64,
    #[diesel(sql_type = Bool)]
    granted: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    free_at: Option<DateTime<Utc>>,
}

impl From<Verdict> for Taken {
    fn from(verdict: Verdict) -> Self {
        match verdict.free_at {
            Some(free_at) if !verdict.granted => Self::WaitUntil(free_at),
            _ => Self::Granted,
        }
    }
}

async fn try_take(tx: &mut SystemTx, buckets: &[Bucket], calls: u32, lane: Lane) -> Result<Verdict, StoreError> {
    let (reserve, is_background) = match lane {
        Lane::Interactive => (0.0, false),
        Lane::Background => (RESERVE, true),
    };
    let statement = sql_query(
        "with locked as (
             select b.bucket, w.size, w.refill, least($4 + w.size * $5, w.size) as needed,
                 greatest(b.blocked_until, case when $6 then b.background_blocked_until end) as blocked_until,
                 least(w.size, b.tokens + w.refill * extract(epoch from clock_timestamp() - b.refilled_at)::float8)
                     as available
             from unnest($1, $2, $3) as w (bucket, size, refill)
             join graph_budgets b on b.bucket = w.bucket
             order by b.bucket for update of b
         ), verdict as (
             select count(*) as known,
                 count(*) = cardinality($1) and coalesce(bool_and(l.available >= l.needed
                     and coalesce(l.blocked_until <= clock_timestamp(), true)), true) as granted,
                 max(greatest(l.blocked_until, clock_timestamp() + make_interval(
                     secs => greatest(l.needed - l.available, 0) / greatest(l.refill, 0.000001)))) as free_at
             from locked l
         ), taken as (
             update graph_budgets b set tokens = l.available - $4, refilled_at = clock_timestamp()
             from locked l, verdict v
             where b.bucket = l.bucket and v.granted
         )
         select known, granted, free_at from verdict",
    )
    .bind::<Array<Text>, _>(buckets.iter().map(|bucket| bucket.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Double>, _>(buckets.iter().map(|bucket| bucket.size).collect::<Vec<_>>())
    .bind::<Array<Double>, _>(buckets.iter().map(|bucket| bucket.refill_per_second).collect::<Vec<_>>())
    .bind::<Double, _>(f64::from(calls))
    .bind::<Double, _>(reserve)
    .bind::<Bool, _>(is_background);
    Ok(Prepared(statement).get_result(tx.connection()).await?)
}

/// Nothing goes from this bucket for so long, since Meta refuses; for [`Lane::Background`] only what nobody waits for,
/// since little is left. An earlier end does not shorten a later one.
pub async fn block(tx: &mut SystemTx, bucket: &str, wait: Duration, lane: Lane) -> Result<(), StoreError> {
    let statement = sql_query(match lane {
        Lane::Interactive => {
            "insert into graph_budgets as b (bucket, tokens, blocked_until) values ($1, 0, now() + make_interval(secs => $2))
             on conflict (bucket) do update set blocked_until = greatest(b.blocked_until, excluded.blocked_until)"
        }
        Lane::Background => {
            "update graph_budgets set background_blocked_until =
                 greatest(background_blocked_until, now() + make_interval(secs => $2)) where bucket = $1"
        }
    })
    .bind::<Text, _>(bucket)
    .bind::<Double, _>(wait.as_secs_f64());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// The highest percentage in Meta's last usage header for this bucket.
pub async fn note_usage(tx: &mut SystemTx, bucket: &str, percent: u32) -> Result<(), StoreError> {
    let statement = sql_query("update graph_budgets set usage_percent = $2 where bucket = $1 and usage_percent <> $2")
        .bind::<Text, _>(bucket)
        .bind::<Integer, _>(i32::try_from(percent).unwrap_or(i32::MAX));
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Calls that counted against a limit, in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSample {
    pub bucket: String,
    pub minute: DateTime<Utc>,
    pub calls: u32,
    pub errors: u32,
    pub throttled_ms: u64,
    /// The highest that Meta told, in percent of the limit.
    pub percent: u32,
}

/// Adds to what is known of the use of the limits.
pub async fn record_usage(tx: &mut SystemTx, samples: &[UsageSample]) -> Result<(), StoreError> {
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let statement = sql_query(
        "insert into graph_usage as u (bucket, minute, calls, errors, throttled_ms, percent)
         select * from unnest($1, $2, $3, $4, $5, $6) as s (bucket, minute, calls, errors, throttled_ms, percent)
         order by bucket, minute
         on conflict (bucket, minute) do update set calls = u.calls + excluded.calls, errors = u.errors + excluded.errors,
             throttled_ms = u.throttled_ms + excluded.throttled_ms, percent = greatest(u.percent, excluded.percent)",
    )
    .bind::<Array<Text>, _>(samples.iter().map(|sample| sample.bucket.as_str()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(samples.iter().map(|sample| sample.minute).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(samples.iter().map(|sample| count(sample.calls)).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(samples.iter().map(|sample| count(sample.errors)).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(
        samples.iter().map(|sample| i64::try_from(sample.throttled_ms).unwrap_or(i64::MAX)).collect::<Vec<_>>(),
    )
    .bind::<Array<Integer>, _>(samples.iter().map(|sample| count(sample.percent)).collect::<Vec<_>>());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}
