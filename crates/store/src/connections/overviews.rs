use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{ConnectionId, RunId};
use pagekeeper_common::domain::sync_run::{RunKind, RunPhase};

use super::{Connection, find, list};
use crate::columns::{Column, OptionalColumn};
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, Transaction};

/// A connection with what the console shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionOverview {
    pub connection: Connection,
    pub has_picture: bool,
    pub last_webhook_at: Option<DateTime<Utc>>,
    /// Counted up to 100,000.
    pub conversations: u64,
    /// Of the Page's best token; none once all were wiped.
    pub token: Option<TokenClocks>,
    pub active_run: Option<ActiveRun>,
}

/// When a token ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenClocks {
    pub expires_at: Option<DateTime<Utc>>,
    pub data_access_expires_at: Option<DateTime<Utc>>,
    pub is_valid: bool,
}

/// The run that is at work on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveRun {
    pub id: RunId,
    pub kind: RunKind,
    pub phase: RunPhase,
    pub conversations: u32,
    pub expected_conversations: Option<u32>,
}

/// As much of a connection as a list of something else names.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ConnectionBrief {
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub id: ConnectionId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub connection_type: String,
    #[diesel(sql_type = Bool)]
    pub has_picture: bool,
}

/// The account's connections by name, or one of them.
pub async fn list_overviews(
    tx: &mut AccountTx,
    only: Option<ConnectionId>,
) -> Result<Vec<ConnectionOverview>, StoreError> {
    let connections = match only {
        Some(id) => find(tx, id).await?.into_iter().collect(),
        None => list(tx).await?,
    };
    let mut beside = load_beside(tx, only).await?;
    let overviews = connections.into_iter().map(|connection| {
        let beside = beside.remove(&connection.id.get());
        ConnectionOverview {
            has_picture: beside.as_ref().is_some_and(|row| row.has_picture),
            last_webhook_at: beside.as_ref().and_then(|row| row.last_webhook_at),
            conversations: beside.as_ref().map_or(0, |row| row.conversations),
            token: beside.as_ref().and_then(Beside::token),
            active_run: beside.as_ref().and_then(Beside::active_run),
            connection,
        }
    });
    Ok(overviews.collect())
}

/// The names of the account's connections.
pub async fn list_briefs(tx: &mut AccountTx) -> Result<Vec<ConnectionBrief>, StoreError> {
    let statement = sql_query(
        "select id, name, connection_type, picture is not null and picture_type is not null as has_picture
         from connections",
    );
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// What stands in other tables.
#[derive(QueryableByName)]
struct Beside {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Bool)]
    has_picture: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_webhook_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    conversations: u64,
    #[diesel(sql_type = Nullable<Bool>)]
    token_is_valid: Option<bool>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    data_access_expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<BigInt>, deserialize_as = OptionalColumn<RunId>)]
    run_id: Option<RunId>,
    #[diesel(sql_type = Nullable<Text>, deserialize_as = OptionalColumn<RunKind>)]
    run_kind: Option<RunKind>,
    #[diesel(sql_type = Nullable<Text>, deserialize_as = OptionalColumn<RunPhase>)]
    run_phase: Option<RunPhase>,
    #[diesel(sql_type = Nullable<Integer>, deserialize_as = OptionalColumn<u32>)]
    run_conversations: Option<u32>,
    #[diesel(sql_type = Nullable<Integer>, deserialize_as = OptionalColumn<u32>)]
    run_expected: Option<u32>,
}

async fn load_beside(tx: &mut AccountTx, only: Option<ConnectionId>) -> Result<HashMap<i64, Beside>, StoreError> {
    let statement = sql_query(
        "select c.id, c.picture is not null and c.picture_type is not null as has_picture, c.last_webhook_at, n.conversations,
             t.is_valid as token_is_valid, t.expires_at, t.data_access_expires_at,
             r.id as run_id, r.kind as run_kind, r.phase as run_phase, r.conversations as run_conversations,
             r.expected_conversations as run_expected
         from connections c
         cross join lateral (
             select count(*) as conversations from (
                 select from conversations v
                 where v.account_id = c.account_id and v.connection_id = c.id limit 100000) few
         ) n
         left join lateral (
             select k.is_valid, k.expires_at, k.data_access_expires_at from credentials k
             where k.account_id = c.account_id and k.connection_id = c.id and k.kind = 'page'
             order by k.is_valid desc, k.updated_at desc limit 1
         ) t on c.state <> 'disconnected'
         left join sync_runs r on r.account_id = c.account_id and r.connection_id = c.id and r.state in ('queued', 'running')
         where $1 is null or c.id = $1",
    )
    .bind::<Nullable<BigInt>, _>(only.map(ConnectionId::get));
    let rows: Vec<Beside> = Prepared(statement).load(tx.connection()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

impl Beside {
    fn token(&self) -> Option<TokenClocks> {
        let is_valid = self.token_is_valid?;
        Some(TokenClocks { expires_at: self.expires_at, data_access_expires_at: self.data_access_expires_at, is_valid })
    }

    fn active_run(&self) -> Option<ActiveRun> {
        Some(ActiveRun {
            id: self.run_id?,
            kind: self.run_kind?,
            phase: self.run_phase?,
            conversations: self.run_conversations.unwrap_or_default(),
            expected_conversations: self.run_expected,
        })
    }
}
