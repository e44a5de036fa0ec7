use std::time::Duration;

use diesel::sql_types::{BigInt, Double, Integer, Jsonb, Nullable, Text};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{AccountId, RunId};

use super::{Run, RunEnd, RunProgress};
use crate::error::StoreError;
use crate::messages::{StoreBatch, StoredBatch, store_in};
use crate::pool::Store;
use crate::prepared::Prepared;
use crate::schema::sync_runs;
use crate::scope::{AccountsTx, Transaction};
use crate::text::without_nul;

/// The right to work on a run, until its time is over or another worker claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLease {
    pub run_id: RunId,
    pub account_id: AccountId,
    /// What the run's version was raised to by the claim.
    version: i64,
    /// How long each save prolongs it.
    length: Duration,
}

/// Claims a queued run, or one whose worker stood still past its lease. None if it ended, or another works on it.
pub async fn claim(
    tx: &mut AccountsTx,
    run_id: RunId,
    owner: &str,
    length: Duration,
) -> Result<Option<(Run, RunLease)>, StoreError> {
    #[derive(QueryableByName)]
    struct Claimed {
        #[diesel(sql_type = BigInt)]
        version: i64,
    }
    let statement = sql_query(
        "update sync_runs set state = 'running', started_at = coalesce(started_at, now()), version = version + 1,
             lease_owner = $2, lease_until = now() + make_interval(secs => $3), updated_at = now()
         where id = $1 and state in ('queued', 'running') and (lease_owner is null or lease_until < now())
         returning version",
    )
    .bind::<BigInt, _>(run_id.get())
    .bind::<Text, _>(without_nul(owner))
    .bind::<Double, _>(length.as_secs_f64());
    let claimed: Option<Claimed> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    let Some(Claimed { version }) = claimed else { return Ok(None) };
    let run: Run = sync_runs::table
        .filter(sync_runs::id.eq(run_id.get()))
        .select(Run::as_select())
        .get_result(tx.connection())
        .await?;
    let lease = RunLease { run_id, account_id: run.account_id, version, length };
    Ok(Some((run, lease)))
}

/// Saves where a run stands and prolongs its lease. [`StoreError::LeaseLost`] if another worker has it.
pub async fn save(tx: &mut AccountsTx, lease: &RunLease, progress: &RunProgress) -> Result<(), StoreError> {
    save_with(tx, lease, progress, &StoredBatch::default()).await
}

/// Lets people see a run's result while the runs below it are still at work.
pub async fn save_result(tx: &mut AccountsTx, lease: &RunLease, result: &serde_json::Value) -> Result<(), StoreError> {
    let statement = sql_query(
        "update sync_runs set result = $3, updated_at = now() where id = $1 and version = $2 and state = 'running'",
    )
    .bind::<BigInt, _>(lease.run_id.get())
    .bind::<BigInt, _>(lease.version)
    .bind::<Jsonb, _>(result);
    hold(Prepared(statement).execute(tx.connection()).await?)
}

/// Ends a run. A result that was saved before stays, unless there is a new one.
pub async fn end(tx: &mut AccountsTx, lease: &RunLease, end: &RunEnd) -> Result<(), StoreError> {
    let statement = sql_query(
        "update sync_runs set state = $3, phase = 'done', error = $4, result = coalesce($5, result), ended_at = now(), updated_at = now(),
             lease_owner = null
         where id = $1 and version = $2 and state = 'running'",
    )
    .bind::<BigInt, _>(lease.run_id.get())
    .bind::<BigInt, _>(lease.version)
    .bind::<Text, _>(end.state.as_str())
    .bind::<Nullable<Text>, _>(end.error.as_deref().map(without_nul))
    .bind::<Nullable<Jsonb>, _>(end.result.as_ref());
    hold(Prepared(statement).execute(tx.connection()).await?)
}

/// Gives a run back, to be claimed again: at once by whoever gets its command, or when `resume_in` is over.
pub async fn release(tx: &mut AccountsTx, lease: &RunLease, resume_in: Duration) -> Result<(), StoreError> {
    let statement = sql_query(
        "update sync_runs set state = 'queued', lease_owner = null, lease_until = now() + make_interval(secs => $3),
             updated_at = now()
         where id = $1 and version = $2 and state = 'running'",
    )
    .bind::<BigInt, _>(lease.run_id.get())
    .bind::<BigInt, _>(lease.version)
    .bind::<Double, _>(resume_in.as_secs_f64());
    hold(Prepared(statement).execute(tx.connection()).await?)
}

impl Store {
    /// Stores a page of a sync and where the run goes on after it, both or neither.
    pub async fn store_sync_page(
        &self,
        lease: &RunLease,
        batch: &StoreBatch,
        progress: &RunProgress,
    ) -> Result<StoredBatch, StoreError> {
        self.accounts(&[lease.account_id], async |tx: &mut AccountsTx| {
            let stored = store_in(tx.connection(), batch).await?;
            save_with(tx, lease, progress, &stored).await?;
            Ok(stored)
        })
        .await
    }
}

async fn save_with(
    tx: &mut AccountsTx,
    lease: &RunLease,
    progress: &RunProgress,
    stored: &StoredBatch,
) -> Result<(), StoreError> {
    let cursor = serde_json::to_value(&progress.cursor).map_err(diesel_error)?;
    let statement = sql_query(
        "update sync_runs set phase = $3, cursor = $4, expected_conversations = coalesce($5, expected_conversations),
             conversations = conversations + $6, conversations_changed = conversations_changed + $7,
             messages = messages + $8, contacts = contacts + $9, calls = calls + $10,
             throttled_ms = throttled_ms + $11, lease_until = now() + make_interval(secs => $12), updated_at = now()
         where id = $1 and version = $2 and state = 'running'",
    )
    .bind::<BigInt, _>(lease.run_id.get())
    .bind::<BigInt, _>(lease.version)
    .bind::<Text, _>(progress.phase.as_str())
    .bind::<Jsonb, _>(cursor)
    .bind::<Nullable<Integer>, _>(progress.expected_conversations.map(integer))
    .bind::<Integer, _>(integer(progress.conversations))
    .bind::<Integer, _>(integer(stored.changed.len()))
    .bind::<Integer, _>(integer(stored.new_messages))
    .bind::<Integer, _>(integer(stored.new_contacts.len()))
    .bind::<Integer, _>(integer(progress.calls))
    .bind::<BigInt, _>(i64::try_from(progress.throttled_ms).unwrap_or(i64::MAX))
    .bind::<Double, _>(lease.length.as_secs_f64());
    hold(Prepared(statement).execute(tx.connection()).await?)
}

fn hold(rows: usize) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::LeaseLost) } else { Ok(()) }
}

fn integer(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}

fn diesel_error(error: serde_json::Error) -> diesel::result::Error {
    diesel::result::Error::SerializationError(Box::new(error))
}
