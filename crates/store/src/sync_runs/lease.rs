use std::time::Duration;

use diesel::sql_types::{Array, BigInt, Double, Integer, Jsonb, Nullable, Text};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{AccountId, RunId};

use super::{Run, RunProgress, Saved};
use crate::error::StoreError;
use crate::messages::{StoreBatch, StoredBatch, store_in};
use crate::pool::Store;
use crate::prepared::Prepared;
use crate::scope::{AccountsTx, Transaction};
use crate::text::without_nul;

/// The right to work on a run, until its time is over or another worker claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLease {
    pub run_id: RunId,
    pub account_id: AccountId,
    /// What the run's version was raised to by the claim.
    pub(super) version: i64,
    /// How long each save prolongs it.
    length: Duration,
}

/// Claims a queued run, one whose worker stood still past its lease, or one that was parked and is tried again. None if it
/// ended, if another works on it, or if it has to wait for another run of its Page.
pub async fn claim(
    tx: &mut AccountsTx,
    run_id: RunId,
    owner: &str,
    length: Duration,
) -> Result<Option<(Run, RunLease)>, StoreError> {
    Ok(claim_all(tx, &[run_id], owner, length).await?.pop())
}

/// The same for many runs at once; of several over one whole Page, the one that goes first. Those that cannot be claimed
/// are missing from the answer. [`StoreError::Conflict`] where another run of a Page is claimed at the same moment: none
/// is claimed then.
pub async fn claim_all(
    tx: &mut AccountsTx,
    run_ids: &[RunId],
    owner: &str,
    length: Duration,
) -> Result<Vec<(Run, RunLease)>, StoreError> {
    #[derive(QueryableByName)]
    struct Claimed {
        #[diesel(embed)]
        run: Run,
        #[diesel(sql_type = BigInt)]
        version: i64,
    }
    let statement = sql_query(
        "with wanted as materialized (
             select id, account_id, connection_id, state,
                 array_position(array['first', 'incremental', 'full', 'backfill'], kind) as turn
             from sync_runs where id = any ($1) order by id for update
         )
         update sync_runs r set state = 'running', started_at = coalesce(started_at, now()), version = version + 1,
             lease_owner = $2, lease_until = now() + make_interval(secs => $3), updated_at = now(),
             attempts = case when r.state = 'parked' then 0 else attempts end,
             error = case when r.state = 'parked' then null else error end, ended_at = null,
             -- Begun before its time by its command: whoever takes it over need not wait for that time.
             due_at = least(due_at, now())
         from wanted w
         where r.id = w.id
             and (r.state in ('queued', 'running') and (lease_owner is null or lease_until < now())
                 or r.state = 'parked' and not exists (
                     select from sync_runs same
                     where same.account_id = r.account_id and same.connection_id = r.connection_id and same.kind = r.kind
                         and same.conversation_id is not distinct from r.conversation_id
                         and same.state in ('queued', 'running')))
             and not (r.kind in ('first', 'incremental', 'backfill', 'full') and exists (
                 select from sync_runs other
                 where other.account_id = r.account_id and other.connection_id = r.connection_id and other.id <> r.id
                     and other.state = 'running' and other.kind in ('first', 'incremental', 'backfill', 'full')))
             and not exists (
                 select from wanted before
                 where before.account_id = w.account_id and before.connection_id = w.connection_id
                     and before.state in ('queued', 'running', 'parked') and (before.turn, before.id) < (w.turn, w.id))
         returning r.*",
    )
    .bind::<Array<BigInt>, _>(run_ids.iter().map(|id| id.get()).collect::<Vec<_>>())
    .bind::<Text, _>(without_nul(owner))
    .bind::<Double, _>(length.as_secs_f64());
    let claimed: Vec<Claimed> = Prepared(statement).load(tx.connection()).await?;
    let with_lease = |Claimed { run, version }: Claimed| {
        let lease = RunLease { run_id: run.id, account_id: run.account_id, version, length };
        (run, lease)
    };
    Ok(claimed.into_iter().map(with_lease).collect())
}

/// Saves where a run stands and prolongs its lease. [`StoreError::LeaseLost`] if another worker has it.
pub async fn save(tx: &mut AccountsTx, lease: &RunLease, progress: &RunProgress) -> Result<Saved, StoreError> {
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

/// Gives a run back, to be claimed again: at once by whoever gets its command, or when `resume_in` is over.
pub async fn release(tx: &mut AccountsTx, lease: &RunLease, resume_in: Duration) -> Result<(), StoreError> {
    give_back(tx, lease, resume_in, None).await
}

/// The same after a failure that may pass: it is kept with the run, and counted.
pub async fn put_off(
    tx: &mut AccountsTx,
    lease: &RunLease,
    resume_in: Duration,
    error: &str,
) -> Result<(), StoreError> {
    give_back(tx, lease, resume_in, Some(error)).await
}

async fn give_back(
    tx: &mut AccountsTx,
    lease: &RunLease,
    resume_in: Duration,
    error: Option<&str>,
) -> Result<(), StoreError> {
    let statement = sql_query(
        "update sync_runs set state = 'queued', lease_owner = null, due_at = now() + make_interval(secs => $3),
             lease_until = now() + make_interval(secs => $3), updated_at = now(), error = coalesce($4, error),
             attempts = attempts + case when $4 is null then 0 else 1 end
         where id = $1 and version = $2 and state = 'running'",
    )
    .bind::<BigInt, _>(lease.run_id.get())
    .bind::<BigInt, _>(lease.version)
    .bind::<Double, _>(resume_in.as_secs_f64())
    .bind::<Nullable<Text>, _>(error);
    hold(Prepared(statement).execute(tx.connection()).await?)
}

/// Commands came while no worker has room for their runs: from now on they are among those that wait.
pub async fn wait_for_room(tx: &mut AccountsTx, run_ids: &[RunId]) -> Result<(), StoreError> {
    let statement = sql_query(
        "update sync_runs set lease_until = now(), updated_at = now()
         where id in (select id from sync_runs where id = any ($1) order by id for update)
             and state = 'queued' and lease_owner is null and lease_until > now()",
    )
    .bind::<Array<BigInt>, _>(run_ids.iter().map(|id| id.get()).collect::<Vec<_>>());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

impl Store {
    /// Stores a page of a sync and where the run goes on after it, both or neither. A crash of the server may take both back:
    /// the run then goes on from the page before.
    pub async fn store_sync_page(
        &self,
        lease: &RunLease,
        batch: &StoreBatch,
        progress: &RunProgress,
    ) -> Result<(StoredBatch, Saved), StoreError> {
        self.accounts_unflushed(&[lease.account_id], async |tx: &mut AccountsTx| {
            let stored = store_in(tx.connection(), batch).await?;
            let saved = save_with(tx, lease, progress, &stored).await?;
            Ok((stored, saved))
        })
        .await
    }
}

async fn save_with(
    tx: &mut AccountsTx,
    lease: &RunLease,
    progress: &RunProgress,
    stored: &StoredBatch,
) -> Result<Saved, StoreError> {
    let cursor = serde_json::to_value(&progress.cursor).map_err(diesel_error)?;
    let rows = stored.rows;
    let statement = sql_query(
        "with saved as (
             update sync_runs r set phase = $3, cursor = $4, expected_conversations = coalesce($5, expected_conversations),
                 conversations = conversations + $6, conversations_changed = conversations_changed + $7,
                 messages = messages + $8, contacts = contacts + $9, calls = calls + $10,
                 throttled_ms = throttled_ms + $11, lease_until = now() + make_interval(secs => $12), updated_at = now(),
                 bytes = bytes + $13, errors = errors + $14, rows_new = rows_new + $15, rows_changed = rows_changed + $16,
                 rows_same = rows_same + $17, attempts = case when $6 > 0 or $8 > 0 then 0 else attempts end
             where id = $1 and version = $2 and state = 'running'
             returning account_id, connection_id, kind, cancel_requested_at
         ), counted as (
             insert into sync_statistics as s (account_id, connection_id, hour, calls, errors, throttled_ms, bytes,
                 rows_new, rows_changed, rows_same)
             select account_id, connection_id, date_trunc('hour', now()), $10, $14, $11, $13, $15, $16, $17
             from saved where connection_id is not null and ($10 > 0 or $11 > 0 or $15 + $16 + $17 > 0)
             on conflict (account_id, connection_id, hour) do update set calls = s.calls + excluded.calls,
                 errors = s.errors + excluded.errors, throttled_ms = s.throttled_ms + excluded.throttled_ms,
                 bytes = s.bytes + excluded.bytes, rows_new = s.rows_new + excluded.rows_new,
                 rows_changed = s.rows_changed + excluded.rows_changed, rows_same = s.rows_same + excluded.rows_same
         )
         select cancel_requested_at is not null as is_canceled,
             kind in ('backfill', 'full') and exists (
                 select from sync_runs w
                 where w.account_id = saved.account_id and w.connection_id = saved.connection_id and w.state = 'queued'
                     and w.due_at <= now() and (w.kind in ('first', 'incremental') or w.kind = 'full' and saved.kind = 'backfill')
             ) as must_yield
         from saved",
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
    .bind::<BigInt, _>(long(progress.throttled_ms))
    .bind::<Double, _>(lease.length.as_secs_f64())
    .bind::<BigInt, _>(long(progress.bytes))
    .bind::<Integer, _>(integer(progress.errors))
    .bind::<BigInt, _>(long(rows.new))
    .bind::<BigInt, _>(long(rows.changed))
    .bind::<BigInt, _>(long(rows.same + progress.rows_known));
    let saved: Option<Saved> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    saved.ok_or(StoreError::LeaseLost)
}

fn hold(rows: usize) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::LeaseLost) } else { Ok(()) }
}

pub(super) fn integer(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}

pub(super) fn long(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn diesel_error(error: serde_json::Error) -> diesel::result::Error {
    diesel::result::Error::SerializationError(Box::new(error))
}
