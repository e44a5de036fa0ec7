//! Names. Contacts without one, and those whose picture somebody misses, are the work list: it survives crashes and needs
//! no message.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Double, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, ContactId, ConversationId, Psid};

use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountsTx, SystemTx, Transaction};
use crate::text::without_nul_opt;

/// A contact whose name or picture is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ContactToAskFor {
    #[diesel(sql_type = BigInt, column_name = contact_id, deserialize_as = Column<ContactId>)]
    pub id: ContactId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = Text, deserialize_as = Column<Psid>)]
    pub psid: Psid,
}

/// What Facebook told of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedName {
    pub contact_id: ContactId,
    /// None: Facebook has no name for us, and will not have one later.
    pub name: Option<String>,
    pub told_at: DateTime<Utc>,
}

/// Claims contacts of connected Pages for two minutes, those without a name first.
pub async fn claim_to_ask_for(tx: &mut SystemTx, limit: u32) -> Result<Vec<ContactToAskFor>, StoreError> {
    let statement = sql_query("select * from claim_contacts_to_ask_for($1)")
        .bind::<Integer, _>(i32::try_from(limit).unwrap_or(i32::MAX));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// Stores names, unless a later telling is stored. Answers the conversations whose list entry changed by it.
pub async fn store_names(tx: &mut AccountsTx, names: &[FetchedName]) -> Result<Vec<ChangedName>, StoreError> {
    let statement = sql_query(
        "with named as (
             update contacts c set name = coalesce(n.name, c.name), profile_checked_at = n.told_at,
                 picture_checked_at = n.told_at, picture_due_at = null, updated_at = now()
             from (
                 select u.id, u.name, u.told_at from unnest($1, $2, $3) as u (id, name, told_at)
                 join contacts locked on locked.id = u.id order by u.id for update of locked
             ) n
             where c.id = n.id and (c.profile_checked_at is null
                 or (n.told_at, coalesce(n.name, '') collate \"C\") > (c.profile_checked_at, coalesce(c.name, '') collate \"C\"))
             returning c.account_id, c.id
         )
         select v.account_id, v.id as conversation_id from named
         join conversations v on v.account_id = named.account_id and v.contact_id = named.id",
    )
    .bind::<Array<BigInt>, _>(names.iter().map(|name| name.contact_id.get()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        names.iter().map(|name| without_nul_opt(name.name.as_deref())).collect::<Vec<_>>(),
    )
    .bind::<Array<Timestamptz>, _>(names.iter().map(|name| name.told_at).collect::<Vec<_>>());
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// A conversation whose contact has a new name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct ChangedName {
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConversationId>)]
    pub conversation_id: ConversationId,
}

/// Asks again after `delay`: Facebook did not answer, or our budget was spent. `failed` counts against the contact,
/// doubling the delay each time, up to a day.
pub async fn postpone(
    tx: &mut AccountsTx,
    contacts: &[ContactId],
    delay: Duration,
    failed: bool,
) -> Result<(), StoreError> {
    let statement = sql_query(
        "update contacts c set profile_failures = profile_failures + $3, profile_due_at = due.at,
             picture_due_at = case when picture_due_at is not null then due.at end
         from (
             select id, now() + least(make_interval(secs => $2 * 2 ^ least(profile_failures * $3, 20)), interval '1 day') as at
             from contacts where id = any ($1) order by id for no key update
         ) due
         where c.id = due.id",
    )
    .bind::<Array<BigInt>, _>(contacts.iter().map(|contact| contact.get()).collect::<Vec<_>>())
    .bind::<Double, _>(delay.as_secs_f64())
    .bind::<Integer, _>(i32::from(failed));
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}
