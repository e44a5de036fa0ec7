use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, CredentialId, UserId};

use super::rows::place;
use super::{OpenedToken, TokenFacts, UserTokenFacts};
use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, AccountsTx, Transaction};
use crate::seal::{KeyRing, SealError};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    account_id: AccountId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<UserId>)]
    user_id: UserId,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
    #[diesel(sql_type = Bool)]
    is_long_lived: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    data_access_expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Array<Text>)]
    scopes: Vec<String>,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

impl Row {
    fn open(self, keys: &KeyRing) -> Result<OpenedToken, SealError> {
        let token = keys.open(&self.sealed, &place(self.id, self.account_id))?;
        Ok(OpenedToken {
            id: CredentialId::new(self.id),
            user_id: self.user_id,
            token,
            facts: TokenFacts {
                is_long_lived: self.is_long_lived,
                expires_at: self.expires_at,
                data_access_expires_at: self.data_access_expires_at,
                scopes: self.scopes,
            },
            version: self.version,
        })
    }
}

/// A person's token in an account, if there is a valid one.
pub async fn find_user_token(
    tx: &mut AccountsTx,
    keys: &KeyRing,
    account_id: AccountId,
    user_id: UserId,
) -> Result<Option<OpenedToken>, StoreError> {
    let statement = sql_query(
        "select id, account_id, user_id, sealed, is_long_lived, expires_at, data_access_expires_at, scopes, version
         from credentials
         where account_id = $1 and user_id = $2 and kind = 'user' and is_valid and sealed is not null",
    )
    .bind::<BigInt, _>(account_id.get())
    .bind::<BigInt, _>(user_id.get());
    let row: Option<Row> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    Ok(row.map(|row| row.open(keys)).transpose()?)
}

/// Whether a person has a login in the account, and for how long. Not the token itself, which the gateway cannot read.
pub async fn find_user_token_facts(tx: &mut AccountTx, user_id: UserId) -> Result<Option<UserTokenFacts>, StoreError> {
    let account_id = tx.account_id();
    let statement = sql_query(
        "select is_valid and (expires_at is null or expires_at > now()) as is_valid, expires_at
         from credentials where account_id = $1 and user_id = $2 and kind = 'user'",
    )
    .bind::<BigInt, _>(account_id.get())
    .bind::<BigInt, _>(user_id.get());
    Ok(Prepared(statement).get_result(tx.connection()).await.optional()?)
}

/// A Page's token, the newest valid one of the people who granted it.
pub async fn find_page_token(
    tx: &mut AccountsTx,
    keys: &KeyRing,
    account_id: AccountId,
    connection_id: ConnectionId,
) -> Result<Option<OpenedToken>, StoreError> {
    let token = find_page_tokens(tx, keys, &[(account_id, connection_id)]).await?.pop();
    Ok(token.map(|(_, token)| token).transpose()?)
}

/// The same for many Pages. Those without a valid one are missing from the answer.
pub async fn find_page_tokens(
    tx: &mut AccountsTx,
    keys: &KeyRing,
    pages: &[(AccountId, ConnectionId)],
) -> Result<Vec<(ConnectionId, Result<OpenedToken, SealError>)>, StoreError> {
    #[derive(QueryableByName)]
    struct PageRow {
        #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
        connection_id: ConnectionId,
        #[diesel(embed)]
        row: Row,
    }
    let (accounts, connections): (Vec<i64>, Vec<i64>) =
        pages.iter().map(|(account, connection)| (account.get(), connection.get())).unzip();
    let statement = sql_query(
        "select p.connection_id, c.* from unnest($1, $2) as p (account_id, connection_id)
         cross join lateral (
             select id, account_id, user_id, sealed, is_long_lived, expires_at, data_access_expires_at, scopes, version
             from credentials
             where account_id = p.account_id and connection_id = p.connection_id and kind = 'page' and is_valid
                 and sealed is not null
             order by updated_at desc, id desc limit 1
         ) c",
    )
    .bind::<Array<BigInt>, _>(accounts)
    .bind::<Array<BigInt>, _>(connections);
    let rows: Vec<PageRow> = Prepared(statement).load(tx.connection()).await?;
    Ok(rows.into_iter().map(|PageRow { connection_id, row }| (connection_id, row.open(keys))).collect())
}
