use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::deafness::Deafness;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, RunId};

use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, AccountsTx, Transaction};

/// The most that are listed of one connection.
const LIST_LIMIT: i64 = 100;

/// Webhooks that were not heard, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Incident {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text, deserialize_as = Column<Deafness>)]
    pub kind: Deafness,
    #[diesel(sql_type = Timestamptz)]
    pub found_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub heard_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub happened_at: DateTime<Utc>,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub conversations: u32,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub messages: u32,
    #[diesel(sql_type = Bool)]
    pub subscribed_again: bool,
}

/// An incident to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewIncident {
    pub account_id: AccountId,
    pub connection_id: ConnectionId,
    pub kind: Deafness,
    pub heard_at: Option<DateTime<Utc>>,
    pub happened_at: DateTime<Utc>,
    pub subscribed_again: bool,
    /// The sync that found it and filled in what was missed.
    pub found_by: RunId,
}

/// Keeps an incident with what its run has stored.
pub async fn add_incident(tx: &mut AccountsTx, new: &NewIncident) -> Result<(), StoreError> {
    let statement = sql_query(
        "insert into connection_incidents (account_id, connection_id, kind, heard_at, happened_at, conversations, messages,
             subscribed_again)
         select $1, $2, $3, $4, $5, r.conversations_changed, r.messages, $6 from sync_runs r where r.id = $7",
    )
    .bind::<BigInt, _>(new.account_id.get())
    .bind::<BigInt, _>(new.connection_id.get())
    .bind::<Text, _>(new.kind.as_str())
    .bind::<Nullable<Timestamptz>, _>(new.heard_at)
    .bind::<Timestamptz, _>(new.happened_at)
    .bind::<Bool, _>(new.subscribed_again)
    .bind::<BigInt, _>(new.found_by.get());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// A connection's incidents, the newest first.
pub async fn list_incidents(tx: &mut AccountTx, connection_id: ConnectionId) -> Result<Vec<Incident>, StoreError> {
    let statement = sql_query(
        "select id, kind, found_at, heard_at, happened_at, conversations, messages, subscribed_again
         from connection_incidents where account_id = $1 and connection_id = $2 order by id desc limit $3",
    )
    .bind::<BigInt, _>(tx.account_id().get())
    .bind::<BigInt, _>(connection_id.get())
    .bind::<BigInt, _>(LIST_LIMIT);
    Ok(Prepared(statement).load(tx.connection()).await?)
}
