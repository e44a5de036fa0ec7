//! Personal API keys: shown once, stored as a hash.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Text};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, QueryableByName, Selectable, SelectableHelper, sql_query,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pagekeeper_common::domain::account::{Action, DisplayName, Role};
use pagekeeper_common::domain::ids::{AccountId, ApiKeyId, UserId};

use crate::columns::Column;
use crate::error::StoreError;
use crate::pool::Store;
use crate::prepared::Prepared;
use crate::schema::api_keys;
use crate::scope::{AccountTx, SystemTx, Transaction};
use crate::secret_hash::SecretHash;

/// The most keys of an account that are listed, newest first.
const LIST_LIMIT: i64 = 500;

/// A key to store.
#[derive(Clone)]
pub struct NewApiKey<'a> {
    pub user_id: UserId,
    pub name: &'a DisplayName,
    /// The first characters, by which people recognise a key.
    pub prefix: &'a str,
    pub hash: SecretHash,
    pub scopes: &'a [Action],
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key as its account sees it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = api_keys, check_for_backend(diesel::pg::Pg))]
pub struct ApiKey {
    #[diesel(deserialize_as = Column<ApiKeyId>)]
    pub id: ApiKeyId,
    #[diesel(deserialize_as = Column<UserId>)]
    pub user_id: UserId,
    pub name: String,
    pub prefix: String,
    /// As [`Action::scope`] names them.
    pub scopes: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Whom a key that came with a request acts for.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct FoundApiKey {
    #[diesel(sql_type = BigInt, column_name = api_key_id, deserialize_as = Column<ApiKeyId>)]
    pub id: ApiKeyId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<UserId>)]
    pub user_id: UserId,
    #[diesel(sql_type = Text, deserialize_as = Column<Role>)]
    pub role: Role,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
}

pub async fn insert(tx: &mut AccountTx, key: &NewApiKey<'_>) -> Result<ApiKey, StoreError> {
    let account_id = tx.account_id();
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.scope()).collect();
    let row = (
        api_keys::account_id.eq(account_id.get()),
        api_keys::user_id.eq(key.user_id.get()),
        api_keys::name.eq(key.name.as_str()),
        api_keys::prefix.eq(key.prefix),
        api_keys::key_hash.eq(key.hash.as_bytes()),
        api_keys::scopes.eq(scopes),
        api_keys::expires_at.eq(key.expires_at),
    );
    let statement = diesel::insert_into(api_keys::table).values(row).returning(ApiKey::as_returning());
    Ok(statement.get_result(tx.connection()).await?)
}

/// The account's keys, newest first; revoked ones too.
pub async fn list(tx: &mut AccountTx) -> Result<Vec<ApiKey>, StoreError> {
    let query = api_keys::table
        .select(ApiKey::as_select())
        .order((api_keys::created_at.desc(), api_keys::id.desc()))
        .limit(LIST_LIMIT);
    Ok(query.load(tx.connection()).await?)
}

/// Ends a key. False if the account has no such key, or it ended before.
pub async fn revoke(tx: &mut AccountTx, id: ApiKeyId) -> Result<bool, StoreError> {
    let key = api_keys::table.filter(api_keys::id.eq(id.get())).filter(api_keys::revoked_at.is_null());
    let revoked = diesel::update(key).set(api_keys::revoked_at.eq(diesel::dsl::now)).execute(tx.connection()).await?;
    Ok(revoked > 0)
}

/// The key with this hash, if it was not revoked, has not expired, and its person is still a member.
pub async fn find(tx: &mut SystemTx, hash: &SecretHash) -> Result<Option<FoundApiKey>, StoreError> {
    find_on(tx.connection(), hash).await
}

impl Store {
    /// The same in one round trip, since it comes before each of a program's requests.
    pub async fn find_api_key(&self, hash: &SecretHash) -> Result<Option<FoundApiKey>, StoreError> {
        self.single_statement(async |connection: &mut AsyncPgConnection| find_on(connection, hash).await).await
    }
}

async fn find_on(connection: &mut AsyncPgConnection, hash: &SecretHash) -> Result<Option<FoundApiKey>, StoreError> {
    let statement = sql_query("select * from find_api_key($1)").bind::<Binary, _>(hash.as_bytes());
    Ok(Prepared(statement).get_result(connection).await.optional()?)
}
