use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{AccountId, RunId};

use super::lease::{RunLease, diesel_error, integer, long};
use super::{RunEnd, RunProgress};
use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountsTx, Transaction};
use crate::text::without_nul;

/// A run that ends.
#[derive(Debug, Clone, Copy)]
pub struct EndedRun<'a> {
    pub lease: RunLease,
    pub end: &'a RunEnd,
    /// What it did since it was saved last.
    pub last: Option<&'a RunProgress>,
}

/// Ends runs, and counts them with what they did last. A result that was saved before stays, unless there is a new one.
/// [`StoreError::LeaseLost`] if another worker has one of them: whoever gets it takes back what was done to the others.
pub async fn end_all(tx: &mut AccountsTx, runs: &[EndedRun<'_>]) -> Result<(), StoreError> {
    let ids: Vec<i64> = runs.iter().map(|run| run.lease.run_id.get()).collect();
    let cursors = runs.iter().map(|run| run.last.map(|last| serde_json::to_value(&last.cursor)).transpose());
    let cursors: Vec<Option<serde_json::Value>> = cursors.collect::<Result<_, _>>().map_err(diesel_error)?;
    let expected = runs.iter().map(|run| run.last.and_then(|last| last.expected_conversations).map(integer));
    let errors = runs.iter().map(|run| run.end.error.as_deref().map(without_nul));
    let count = |value: fn(&RunProgress) -> u32| -> Vec<i32> {
        runs.iter().map(|run| integer(run.last.map_or(0, value))).collect()
    };
    let sum = |value: fn(&RunProgress) -> u64| -> Vec<i64> {
        runs.iter().map(|run| long(run.last.map_or(0, value))).collect()
    };
    let statement = sql_query(
        "with ended as (
             update sync_runs r set state = e.state, phase = 'done', error = e.error, result = coalesce(e.result, r.result),
                 ended_at = now(), updated_at = now(), lease_owner = null, cursor = coalesce(e.cursor, r.cursor),
                 expected_conversations = coalesce(e.expected, r.expected_conversations),
                 conversations = r.conversations + e.conversations, calls = r.calls + e.calls, errors = r.errors + e.errors,
                 throttled_ms = r.throttled_ms + e.throttled_ms, bytes = r.bytes + e.bytes,
                 rows_same = r.rows_same + e.rows_same
             from (
                 select n.* from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                     as n (id, version, state, error, result, cursor, expected, conversations, calls, errors, throttled_ms,
                         bytes, rows_same)
                 join sync_runs k on k.id = n.id
                 where k.id = any ($1) order by k.id for no key update of k
             ) e
             where r.id = e.id and r.id = any ($1) and r.version = e.version and r.state = 'running'
             returning r.id, r.account_id, r.connection_id, r.state, r.started_at, e.calls, e.errors, e.throttled_ms, e.bytes,
                 e.rows_same
         ), counted as (
             insert into sync_statistics as s (account_id, connection_id, hour, runs, runs_failed, duration_ms,
                 calls, errors, throttled_ms, bytes, rows_same)
             select account_id, connection_id, date_trunc('hour', now()), count(*),
                 count(*) filter (where state in ('failed', 'parked')),
                 sum(coalesce(extract(epoch from now() - started_at) * 1000, 0))::bigint,
                 sum(calls), sum(errors), sum(throttled_ms), sum(bytes), sum(rows_same)
             from ended where connection_id is not null group by account_id, connection_id order by account_id, connection_id
             on conflict (account_id, connection_id, hour) do update set runs = s.runs + excluded.runs,
                 runs_failed = s.runs_failed + excluded.runs_failed, duration_ms = s.duration_ms + excluded.duration_ms,
                 calls = s.calls + excluded.calls, errors = s.errors + excluded.errors,
                 throttled_ms = s.throttled_ms + excluded.throttled_ms, bytes = s.bytes + excluded.bytes,
                 rows_same = s.rows_same + excluded.rows_same
         )
         select id from ended",
    )
    .bind::<Array<BigInt>, _>(&ids)
    .bind::<Array<BigInt>, _>(runs.iter().map(|run| run.lease.version).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(runs.iter().map(|run| run.end.state.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(errors.collect::<Vec<_>>())
    .bind::<Array<Nullable<Jsonb>>, _>(runs.iter().map(|run| run.end.result.as_ref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Jsonb>>, _>(cursors)
    .bind::<Array<Nullable<Integer>>, _>(expected.collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(count(|last| last.conversations))
    .bind::<Array<Integer>, _>(count(|last| last.calls))
    .bind::<Array<Integer>, _>(count(|last| last.errors))
    .bind::<Array<BigInt>, _>(sum(|last| last.throttled_ms))
    .bind::<Array<BigInt>, _>(sum(|last| last.bytes))
    .bind::<Array<BigInt>, _>(sum(|last| last.rows_known));
    let ended = Prepared(statement).execute(tx.connection()).await?;
    if ended == runs.len() { Ok(()) } else { Err(StoreError::LeaseLost) }
}

/// The same of one.
pub async fn end(
    tx: &mut AccountsTx,
    lease: &RunLease,
    end: &RunEnd,
    last: Option<&RunProgress>,
) -> Result<(), StoreError> {
    end_all(tx, &[EndedRun { lease: *lease, end, last }]).await
}

/// For each of these runs the one that waits longest for its Page, what goes before others first. It is left for a minute to
/// whoever gets its command.
pub async fn claim_next_of_pages(
    tx: &mut AccountsTx,
    leases: &[RunLease],
) -> Result<Vec<(AccountId, RunId)>, StoreError> {
    #[derive(QueryableByName)]
    struct Next {
        #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
        account_id: AccountId,
        #[diesel(sql_type = BigInt, deserialize_as = Column<RunId>)]
        id: RunId,
    }
    let statement = sql_query(
        "update sync_runs n set lease_until = now() + interval '1 minute', updated_at = now()
         where n.id in (
             select next.id from sync_runs r
             cross join lateral (
                 select w.id from sync_runs w
                 where w.account_id = r.account_id and w.connection_id = r.connection_id and w.id <> r.id
                     and w.state = 'queued' and w.due_at <= now() and w.kind in ('first', 'incremental', 'backfill', 'full')
                 order by array_position(array['first', 'incremental', 'full', 'backfill'], w.kind), w.id
                 limit 1
                 for update of w skip locked
             ) next
             where r.id = any ($1) and r.kind in ('first', 'incremental', 'backfill', 'full'))
         returning n.account_id, n.id",
    )
    .bind::<Array<BigInt>, _>(leases.iter().map(|lease| lease.run_id.get()).collect::<Vec<_>>());
    let next: Vec<Next> = Prepared(statement).load(tx.connection()).await?;
    Ok(next.into_iter().map(|next| (next.account_id, next.id)).collect())
}
