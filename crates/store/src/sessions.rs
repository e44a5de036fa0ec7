//! Browsers' sessions. They are found before their account is known, so by a lookup function.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Double, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pagekeeper_common::domain::account::Role;
use pagekeeper_common::domain::ids::{AccountId, SessionId, UserId};

use crate::columns::Column;
use crate::error::StoreError;
use crate::pool::Store;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, SystemTx, Transaction};
use crate::secret_hash::SecretHash;

/// A session that has not ended, with what its person may do in its account now.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Session {
    #[diesel(sql_type = BigInt, column_name = session_id, deserialize_as = Column<SessionId>)]
    pub id: SessionId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<UserId>)]
    pub user_id: UserId,
    #[diesel(sql_type = Text, deserialize_as = Column<Role>)]
    pub role: Role,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: DateTime<Utc>,
}

/// A session that somebody just ended: its streams end with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct EndedSession {
    #[diesel(sql_type = BigInt, column_name = session_id, deserialize_as = Column<SessionId>)]
    pub id: SessionId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
}

/// Starts a session that ends `lifetime` from now at the latest.
pub async fn create(
    tx: &mut AccountTx,
    user_id: UserId,
    token: &SecretHash,
    lifetime: Duration,
) -> Result<SessionId, StoreError> {
    #[derive(QueryableByName)]
    struct Created {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let account_id = tx.account_id();
    let statement = sql_query(
        "insert into sessions (account_id, user_id, token_hash, expires_at)
         values ($1, $2, $3, now() + make_interval(secs => $4)) returning id",
    )
    .bind::<BigInt, _>(account_id.get())
    .bind::<BigInt, _>(user_id.get())
    .bind::<Binary, _>(token.as_bytes())
    .bind::<Double, _>(lifetime.as_secs_f64());
    let created: Created = Prepared(statement).get_result(tx.connection()).await?;
    Ok(SessionId::new(created.id))
}

/// The session of a cookie, if it has not ended, not been idle for `idle`, and its person is still a member.
pub async fn find(tx: &mut SystemTx, token: &SecretHash, idle: Duration) -> Result<Option<Session>, StoreError> {
    find_on(tx.connection(), token, idle).await
}

impl Store {
    /// The same in one round trip, since it comes before each of a browser's requests.
    pub async fn find_session(&self, token: &SecretHash, idle: Duration) -> Result<Option<Session>, StoreError> {
        self.single_statement(async |connection: &mut AsyncPgConnection| find_on(connection, token, idle).await).await
    }
}

async fn find_on(
    connection: &mut AsyncPgConnection,
    token: &SecretHash,
    idle: Duration,
) -> Result<Option<Session>, StoreError> {
    let statement = sql_query("select * from find_session($1, make_interval(secs => $2))")
        .bind::<Binary, _>(token.as_bytes())
        .bind::<Double, _>(idle.as_secs_f64());
    Ok(Prepared(statement).get_result(connection).await.optional()?)
}

pub async fn end(tx: &mut SystemTx, token: &SecretHash) -> Result<Option<EndedSession>, StoreError> {
    let statement = sql_query("select * from end_session($1)").bind::<Binary, _>(token.as_bytes());
    Ok(Prepared(statement).get_result(tx.connection()).await.optional()?)
}
