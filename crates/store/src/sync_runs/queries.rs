use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, ConversationId, RunId, UserId};
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::domain::sync_run::{RunKind, RunState};

use super::{CreatedRun, NewRun, Run, SyncStatistics, WaitingRun};
use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::schema::sync_runs;
use crate::scope::{AccountTx, SystemTx, TenantTransaction, Transaction};

/// The longest page.
const PAGE_LIMIT: u32 = 200;

/// The most runs below one.
const CHILDREN_LIMIT: i64 = 2_000;

/// Makes a run, unless one that does the same is active. Its command belongs into the same transaction; if nobody has
/// claimed the run within a minute of its time, the command was lost, and [`claim_waiting`] finds it.
pub async fn create(tx: &mut impl TenantTransaction, new: &NewRun) -> Result<CreatedRun, StoreError> {
    // The active one may end between the two statements: then there is room.
    for _ in 0..3 {
        if let Some(id) = insert(tx, new).await? {
            return Ok(CreatedRun::Created(id));
        }
        if let Some(id) = find_active(tx, new).await? {
            return Ok(CreatedRun::AlreadyActive(id));
        }
    }
    Err(StoreError::Conflict { constraint: "sync_runs_one_of_a_kind".to_owned() })
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt, deserialize_as = Column<RunId>)]
    id: RunId,
}

async fn insert(tx: &mut impl TenantTransaction, new: &NewRun) -> Result<Option<RunId>, StoreError> {
    let statement = sql_query(
        "insert into sync_runs (account_id, kind, parent_id, connection_id, user_id, conversation_id, request, interactive,
             due_at, lease_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9),
             now() + make_interval(secs => $9) + interval '1 minute')
         on conflict do nothing returning id",
    )
    .bind::<BigInt, _>(new.account_id.get())
    .bind::<Text, _>(new.kind.as_str())
    .bind::<Nullable<BigInt>, _>(new.parent_id.map(RunId::get))
    .bind::<Nullable<BigInt>, _>(new.connection_id.map(ConnectionId::get))
    .bind::<Nullable<BigInt>, _>(new.user_id.map(UserId::get))
    .bind::<Nullable<BigInt>, _>(new.conversation_id.map(ConversationId::get))
    .bind::<Nullable<Jsonb>, _>(new.request.as_ref())
    .bind::<Bool, _>(new.interactive)
    .bind::<Double, _>(new.delay.as_secs_f64());
    let created: Option<Id> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    Ok(created.map(|row| row.id))
}

async fn find_active(tx: &mut impl TenantTransaction, new: &NewRun) -> Result<Option<RunId>, StoreError> {
    let statement = sql_query(
        "select id from sync_runs
         where account_id = $1 and state in ('queued', 'running') and kind = $2
             and (connection_id = $3 and conversation_id is not distinct from $4 or kind = 'connect' and user_id = $5)
         order by id limit 1",
    )
    .bind::<BigInt, _>(new.account_id.get())
    .bind::<Text, _>(new.kind.as_str())
    .bind::<Nullable<BigInt>, _>(new.connection_id.map(ConnectionId::get))
    .bind::<Nullable<BigInt>, _>(new.conversation_id.map(ConversationId::get))
    .bind::<Nullable<BigInt>, _>(new.user_id.map(UserId::get));
    let active: Option<Id> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    Ok(active.map(|row| row.id))
}

/// Makes a run of this kind for each of many Pages, each starting some time from now; those that are active already are
/// joined. Their commands belong into the same transaction.
pub async fn create_of_pages(
    tx: &mut AccountTx,
    kind: RunKind,
    pages: &[(ConnectionId, Duration)],
) -> Result<Vec<PageRun>, StoreError> {
    let (ids, delays): (Vec<i64>, Vec<f64>) = pages.iter().map(|(id, delay)| (id.get(), delay.as_secs_f64())).unzip();
    let account_id = tx.account_id().get();
    let statement = sql_query(
        "insert into sync_runs (account_id, kind, connection_id, interactive, due_at, lease_until)
         select $1, $2, p.connection_id, $3, now() + make_interval(secs => p.delay),
             now() + make_interval(secs => p.delay) + interval '1 minute'
         from unnest($4, $5) as p (connection_id, delay) order by p.connection_id
         on conflict do nothing returning id, connection_id, true as is_new",
    )
    .bind::<BigInt, _>(account_id)
    .bind::<Text, _>(kind.as_str())
    .bind::<Bool, _>(kind.lane() == Lane::Interactive)
    .bind::<Array<BigInt>, _>(&ids)
    .bind::<Array<Double>, _>(delays);
    let mut runs: Vec<PageRun> = Prepared(statement).load(tx.connection()).await?;
    if runs.len() == pages.len() {
        return Ok(runs);
    }
    let made: Vec<i64> = runs.iter().map(|run| run.id.get()).collect();
    // A statement of its own: it sees what made the insert give way, also where that was committed meanwhile.
    let statement = sql_query(
        "select id, connection_id, false as is_new from sync_runs
         where account_id = $1 and kind = $2 and connection_id = any ($3) and state in ('queued', 'running')
             and id <> all ($4)",
    )
    .bind::<BigInt, _>(account_id)
    .bind::<Text, _>(kind.as_str())
    .bind::<Array<BigInt>, _>(&ids)
    .bind::<Array<BigInt>, _>(made);
    runs.extend(Prepared(statement).load::<PageRun>(tx.connection()).await?);
    Ok(runs)
}

/// A Page's run, made or joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct PageRun {
    #[diesel(sql_type = BigInt, deserialize_as = Column<RunId>)]
    pub id: RunId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = Bool)]
    pub is_new: bool,
}

pub async fn find(tx: &mut impl TenantTransaction, id: RunId) -> Result<Option<Run>, StoreError> {
    let query = sync_runs::table.filter(sync_runs::id.eq(id.get())).select(Run::as_select());
    Ok(query.get_result(tx.connection()).await.optional()?)
}

/// The runs below a connect run, in the order in which they were made.
pub async fn list_children(tx: &mut impl TenantTransaction, parent_id: RunId) -> Result<Vec<Run>, StoreError> {
    let query = sync_runs::table
        .filter(sync_runs::parent_id.eq(parent_id.get()))
        .select(Run::as_select())
        .order(sync_runs::id.asc())
        .limit(CHILDREN_LIMIT);
    Ok(query.load(tx.connection()).await?)
}

/// Which runs are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunFilter {
    pub connection_id: Option<ConnectionId>,
    pub kind: Option<RunKind>,
    pub state: Option<RunState>,
    /// Those that have not ended.
    pub active: bool,
}

/// Runs from new to old, of one connection or of the whole account.
pub async fn list(
    tx: &mut impl TenantTransaction,
    filter: RunFilter,
    older_than: Option<KeysetCursor>,
    limit: u32,
) -> Result<Vec<Run>, StoreError> {
    let mut query = sync_runs::table
        .select(Run::as_select())
        .order((sync_runs::created_at.desc(), sync_runs::id.desc()))
        .limit(i64::from(limit.min(PAGE_LIMIT)))
        .into_boxed();
    if let Some(connection_id) = filter.connection_id {
        query = query.filter(sync_runs::connection_id.eq(connection_id.get()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(sync_runs::kind.eq(kind.as_str()));
    }
    if let Some(state) = filter.state {
        query = query.filter(sync_runs::state.eq(state.as_str()));
    }
    if filter.active {
        query = query.filter(sync_runs::ended_at.is_null());
    }
    if let Some(cursor) = older_than {
        query = query.filter(
            sql::<Bool>("(created_at, id) < (")
                .bind::<Timestamptz, _>(cursor.at)
                .sql(", ")
                .bind::<BigInt, _>(cursor.id)
                .sql(")"),
        );
    }
    Ok(query.load(tx.connection()).await?)
}

/// Asks for the end of a run: at once where nobody works on it, else as soon as its worker saves. One that has ended
/// stays as it is.
pub async fn cancel(tx: &mut impl TenantTransaction, id: RunId) -> Result<(), StoreError> {
    let statement = sql_query(format!("{CANCEL} and (id = $1 or parent_id = $1)")).bind::<BigInt, _>(id.get());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// The same for a Page's runs of a kind: a run that does their work too takes their place.
pub async fn cancel_kind(
    tx: &mut impl TenantTransaction,
    connection_id: ConnectionId,
    kind: RunKind,
) -> Result<(), StoreError> {
    let statement = sql_query(format!("{CANCEL} and connection_id = $1 and kind = $2"))
        .bind::<BigInt, _>(connection_id.get())
        .bind::<Text, _>(kind.as_str());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// A run that is claimed at the same moment is canceled by its worker, when it saves for the first time.
const CANCEL: &str =
    "update sync_runs set cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now(),
         state = case when state = 'queued' then 'canceled' else state end,
         phase = case when state = 'queued' then 'done' else phase end,
         ended_at = case when state = 'queued' then now() end
     where state in ('queued', 'running')";

/// A person's active connect run: the one that their screen comes back to.
pub async fn find_active_connect(tx: &mut impl TenantTransaction, user_id: UserId) -> Result<Option<Run>, StoreError> {
    let query = sync_runs::table
        .filter(sync_runs::user_id.eq(user_id.get()))
        .filter(sync_runs::kind.eq(RunKind::Connect.as_str()))
        .filter(sync_runs::ended_at.is_null())
        .select(Run::as_select())
        .order(sync_runs::id.desc());
    Ok(query.first(tx.connection()).await.optional()?)
}

/// The account's newest connect run that has said what became of its Pages.
pub async fn find_last_connect(tx: &mut impl TenantTransaction) -> Result<Option<Run>, StoreError> {
    let query = sync_runs::table
        .filter(sync_runs::kind.eq(RunKind::Connect.as_str()))
        .filter(sync_runs::result.is_not_null())
        .select(Run::as_select())
        .order((sync_runs::created_at.desc(), sync_runs::id.desc()));
    Ok(query.first(tx.connection()).await.optional()?)
}

/// Runs of all accounts that nobody works on and whose time has come, claimed for two minutes for whoever starts them.
/// Accounts take turns. Of those in `except`, only what somebody waits for.
pub async fn claim_waiting(tx: &mut SystemTx, limit: u32, except: &[AccountId]) -> Result<Vec<WaitingRun>, StoreError> {
    let except: Vec<i64> = except.iter().map(|account| account.get()).collect();
    let statement = sql_query("select * from claim_waiting_runs($1, $2)")
        .bind::<Integer, _>(i32::try_from(limit).unwrap_or(i32::MAX))
        .bind::<Array<BigInt>, _>(except);
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// A Page's sync in numbers.
pub async fn statistics(
    tx: &mut impl TenantTransaction,
    connection_id: ConnectionId,
) -> Result<SyncStatistics, StoreError> {
    let statement = sql_query(
        "select (select count(*) from conversations where connection_id = $1) as total_conversations,
             (select count(*) from contacts where connection_id = $1) as total_contacts,
             (select count(*) from messages where connection_id = $1) as total_messages,
             runs.syncs_last_24h, runs.average_interval_s
         from (
             select count(*) as syncs_last_24h,
                 (extract(epoch from max(created_at) - min(created_at)) / nullif(count(*) - 1, 0))::float8
                     as average_interval_s
             from sync_runs
             where connection_id = $1 and state = 'succeeded' and created_at > now() - interval '1 day'
         ) runs",
    )
    .bind::<BigInt, _>(connection_id.get());
    Ok(Prepared(statement).get_result(tx.connection()).await?)
}
