//! What Meta's limits leave, per app and per Page, shared by all workers.
//!
//! A bucket holds calls that may go now and grows back with time, up to its size. Calls are taken from several buckets
//! at once, from all or from none. Where Meta documents no rate, a bucket only says whether calls may go. Background calls
//! leave a part of each bucket to calls that somebody waits for, which therefore never queue behind them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pagekeeper_common::domain::lane::Lane;

use crate::error::StoreError;
use crate::pool::Store;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};

/// The part of a bucket that background calls leave in it.
const RESERVE: f64 = 0.25;

/// A bucket, and how it grows back.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// `page:<id>:conversations`, `page:<id>`, `app:<id>`.
    pub name: String,
    /// None where Meta documents no rate: such a bucket is only ever closed for a while, and its calls are not counted.
    pub rate: Option<Rate>,
}

/// How many calls may go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// The most at once.
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

impl Store {
    /// Takes `calls` from every bucket, in one statement, or from none. More calls than a bucket's size are granted when it
    /// is full.
    ///
    /// What was taken last is lost with a database that crashes, and may be taken twice: a few calls, for which nobody
    /// waits for the disk before each call.
    pub async fn take_calls(&self, buckets: &[Bucket], calls: u32, lane: Lane) -> Result<Taken, StoreError> {
        let take = async |connection: &mut AsyncPgConnection| try_take(connection, buckets, calls, lane).await;
        let verdict = self.single_statement(take).await?;
        if verdict.missing == 0 {
            return Ok(verdict.into());
        }
        self.single_statement(async |connection: &mut AsyncPgConnection| fill(connection, buckets).await).await?;
        let take = async |connection: &mut AsyncPgConnection| try_take(connection, buckets, calls, lane).await;
        Ok(self.single_statement(take).await?.into())
    }
}

/// Buckets that nobody used yet are full.
async fn fill(connection: &mut AsyncPgConnection, buckets: &[Bucket]) -> Result<(), StoreError> {
    let (names, sizes): (Vec<&str>, Vec<f64>) =
        buckets.iter().filter_map(|bucket| Some((bucket.name.as_str(), bucket.rate?.size))).unzip();
    let statement = sql_query(
        "insert into graph_budgets (bucket, tokens) select * from unnest($1, $2) as b (bucket, tokens) order by bucket
         on conflict do nothing",
    )
    .bind::<Array<Text>, _>(names)
    .bind::<Array<Double>, _>(sizes);
    Prepared(statement).execute(connection).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Verdict {
    /// Buckets with a rate that nobody used yet.
    #[diesel(sql_type = BigInt)]
    missing: i64,
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

/// Only buckets with a rate are locked: those of the app would otherwise let one call after the other through.
async fn try_take(
    connection: &mut AsyncPgConnection,
    buckets: &[Bucket],
    calls: u32,
    lane: Lane,
) -> Result<Verdict, StoreError> {
    let (reserve, is_background) = match lane {
        Lane::Interactive => (0.0, false),
        Lane::Background => (RESERVE, true),
    };
    let rates =
        |value: fn(Rate) -> f64| -> Vec<Option<f64>> { buckets.iter().map(|bucket| bucket.rate.map(value)).collect() };
    let statement = sql_query(
        "with wanted as (
             select * from unnest($1, $2, $3) as w (bucket, size, refill)
         ), locked as (
             select b.bucket, w.refill, least($4 + w.size * $5, w.size) as needed,
                 greatest(b.blocked_until, case when $6 then b.background_blocked_until end) as blocked_until,
                 least(w.size, b.tokens + w.refill * extract(epoch from clock_timestamp() - b.refilled_at)::float8)
                     as available
             from wanted w join graph_budgets b on b.bucket = w.bucket
             where w.size is not null
             order by b.bucket for update of b
         ), closed as (
             select max(greatest(b.blocked_until, case when $6 then b.background_blocked_until end)) as blocked_until
             from wanted w join graph_budgets b on b.bucket = w.bucket
             where w.size is null
         ), verdict as (
             select (select count(*) from wanted where size is not null) - count(*) as missing,
                 coalesce(bool_and(l.available >= l.needed and coalesce(l.blocked_until <= clock_timestamp(), true)), true)
                     and coalesce((select blocked_until <= clock_timestamp() from closed), true) as is_open,
                 greatest(max(greatest(l.blocked_until, clock_timestamp() + make_interval(
                     secs => greatest(l.needed - l.available, 0) / greatest(l.refill, 0.000001)))),
                     (select blocked_until from closed)) as free_at
             from locked l
         ), taken as (
             update graph_budgets b set tokens = l.available - $4, refilled_at = clock_timestamp()
             from locked l, verdict v
             where b.bucket = l.bucket and v.is_open and v.missing = 0
         )
         select missing, is_open and missing = 0 as granted, free_at, set_config('synchronous_commit', 'off', true)
         from verdict",
    )
    .bind::<Array<Text>, _>(buckets.iter().map(|bucket| bucket.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Double>>, _>(rates(|rate| rate.size))
    .bind::<Array<Nullable<Double>>, _>(rates(|rate| rate.refill_per_second))
    .bind::<Double, _>(f64::from(calls))
    .bind::<Double, _>(reserve)
    .bind::<Bool, _>(is_background);
    Ok(Prepared(statement).get_result(connection).await?)
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
            "insert into graph_budgets as b (bucket, tokens, background_blocked_until)
             values ($1, 0, now() + make_interval(secs => $2))
             on conflict (bucket) do update
             set background_blocked_until = greatest(b.background_blocked_until, excluded.background_blocked_until)"
        }
    })
    .bind::<Text, _>(bucket)
    .bind::<Double, _>(wait.as_secs_f64());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// The highest percentage in Meta's last usage header for this bucket.
pub async fn note_usage(tx: &mut SystemTx, bucket: &str, percent: u32) -> Result<(), StoreError> {
    let statement = sql_query(
        "insert into graph_budgets as b (bucket, tokens, usage_percent) values ($1, 0, $2)
         on conflict (bucket) do update set usage_percent = excluded.usage_percent
         where b.usage_percent is distinct from excluded.usage_percent",
    )
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
