//! Accounts and the people in them.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{
    AsChangeset, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, QueryableByName, Selectable,
    SelectableHelper, sql_query,
};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::account::{DisplayName, Language, Role};
use pagekeeper_common::domain::ids::{AccountId, FacebookUserId, UserId};

use crate::columns::{Column, OptionalColumn};
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::schema::{accounts, users};
use crate::scope::{AccountTx, SystemTx, Transaction};
use crate::text::without_nul;

/// An account's settings.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = accounts, check_for_backend(diesel::pg::Pg))]
pub struct Account {
    #[diesel(deserialize_as = Column<AccountId>)]
    pub id: AccountId,
    pub name: String,
    #[diesel(deserialize_as = Column<Language>)]
    pub language: Language,
    /// IANA's name, like `Europe/Copenhagen`.
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
}

/// Settings to change; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountChange<'a> {
    pub name: Option<&'a DisplayName>,
    pub language: Option<Language>,
    /// Checked by the caller against IANA's list.
    pub time_zone: Option<&'a str>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub struct User {
    #[diesel(deserialize_as = Column<UserId>)]
    pub id: UserId,
    #[diesel(deserialize_as = OptionalColumn<FacebookUserId>)]
    pub facebook_user_id: Option<FacebookUserId>,
    pub name: String,
    pub email: Option<String>,
}

/// Who came back from Facebook.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SignedIn {
    #[diesel(sql_type = BigInt, deserialize_as = Column<UserId>)]
    pub user_id: UserId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    /// The account was made for this login.
    #[diesel(sql_type = Bool)]
    pub is_first: bool,
}

/// One of the accounts that a person is a member of.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Membership {
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text, deserialize_as = Column<Role>)]
    pub role: Role,
}

/// Finds or makes the person of a Facebook login. The first login makes an account that they own; a later one leads to
/// the account that they have been in longest.
pub async fn sign_in(
    tx: &mut SystemTx,
    facebook_user_id: &FacebookUserId,
    name: &str,
    email: Option<&str>,
) -> Result<SignedIn, StoreError> {
    let statement = sql_query("select * from sign_in($1, $2, $3)")
        .bind::<Text, _>(facebook_user_id.as_str())
        .bind::<Text, _>(without_nul(name).into_owned())
        .bind::<Nullable<Text>, _>(email.map(|email| without_nul(email).into_owned()));
    Ok(Prepared(statement).get_result(tx.connection()).await?)
}

/// The accounts of a person, the oldest membership first.
pub async fn list_of_user(tx: &mut SystemTx, user_id: UserId) -> Result<Vec<Membership>, StoreError> {
    let statement = sql_query("select * from accounts_of_user($1)").bind::<BigInt, _>(user_id.get());
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// A person's role in an account; none if they are no member.
pub async fn find_role(tx: &mut SystemTx, user_id: UserId, account_id: AccountId) -> Result<Option<Role>, StoreError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Text, deserialize_as = Column<Role>)]
        role: Role,
    }
    let statement = sql_query("select * from membership_of($1, $2)")
        .bind::<BigInt, _>(user_id.get())
        .bind::<BigInt, _>(account_id.get());
    let found: Option<Found> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    Ok(found.map(|found| found.role))
}

/// The account of the transaction.
pub async fn get(tx: &mut AccountTx) -> Result<Account, StoreError> {
    let account_id = tx.account_id();
    Ok(accounts::table.find(account_id.get()).select(Account::as_select()).get_result(tx.connection()).await?)
}

/// Changes settings of the transaction's account.
pub async fn update(tx: &mut AccountTx, change: AccountChange<'_>) -> Result<Account, StoreError> {
    #[derive(AsChangeset)]
    #[diesel(table_name = accounts)]
    struct Columns<'a> {
        name: Option<&'a str>,
        language: Option<&'a str>,
        time_zone: Option<&'a str>,
    }
    let columns = Columns {
        name: change.name.map(DisplayName::as_str),
        language: change.language.map(Language::as_str),
        time_zone: change.time_zone,
    };
    let account_id = tx.account_id();
    let statement = diesel::update(accounts::table.find(account_id.get()))
        .set((columns, accounts::updated_at.eq(diesel::dsl::now)))
        .returning(Account::as_returning());
    Ok(statement.get_result(tx.connection()).await?)
}

/// A member of the transaction's account.
pub async fn find_member(tx: &mut AccountTx, user_id: UserId) -> Result<Option<User>, StoreError> {
    let query = users::table.find(user_id.get()).select(User::as_select());
    Ok(query.get_result(tx.connection()).await.optional()?)
}
