use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::contact_edit::{ContactChange, ContactFacts, InvalidContact, differences};
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{ContactId, UserId};
use serde_json::Value;

use super::Contact;
use super::queries::{find, find_locked};
use crate::columns::OptionalColumn;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, Transaction};

/// The longest page.
const PAGE_LIMIT: u32 = 200;

/// What became of an edit.
#[derive(Debug, Clone, PartialEq)]
pub enum EditOutcome {
    Edited(Contact),
    /// It was so already.
    Unchanged(Contact),
    /// Somebody edited the contact after the version that the caller knows.
    Outdated {
        version: i64,
    },
    Refused(InvalidContact),
}

/// Somebody's edit of a contact.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ContactEdit {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Nullable<BigInt>, deserialize_as = OptionalColumn<UserId>)]
    pub user_id: Option<UserId>,
    /// None once the person left the account.
    #[diesel(sql_type = Nullable<Text>)]
    pub user_name: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// `{"field": {"old": …, "new": …}}`
    #[diesel(sql_type = Jsonb)]
    pub changes: Value,
}

impl ContactEdit {
    pub fn cursor(&self) -> KeysetCursor {
        KeysetCursor { at: self.at, id: self.id }
    }
}

/// Changes what people know of a contact, and keeps what it was. The row is locked while the change is applied to it, so
/// that of two who edit it at once neither undoes what the other wrote in another field. Fails with
/// [`StoreError::NotFound`] where the account has no such contact.
pub async fn edit(
    tx: &mut AccountTx,
    id: ContactId,
    by: UserId,
    change: &ContactChange,
    known_version: Option<i64>,
) -> Result<EditOutcome, StoreError> {
    let contact = find_locked(tx, id, "for no key update of c").await?.ok_or(StoreError::NotFound)?;
    if known_version.is_some_and(|known| known != contact.version) {
        return Ok(EditOutcome::Outdated { version: contact.version });
    }
    let old = contact.facts();
    let new = match change.applied_to(&old) {
        Ok(new) => new,
        Err(invalid) => return Ok(EditOutcome::Refused(invalid)),
    };
    let changes = differences(&old, &new);
    if changes.is_empty() {
        return Ok(EditOutcome::Unchanged(contact));
    }
    write(tx, id, by, new, serde_json::json!(changes)).await?;
    find(tx, id).await?.map(EditOutcome::Edited).ok_or(StoreError::NotFound)
}

async fn write(
    tx: &mut AccountTx,
    id: ContactId,
    by: UserId,
    new: ContactFacts,
    changes: Value,
) -> Result<(), StoreError> {
    let statement = sql_query(
        "with edited as (
             update contacts set email = $3, phone = $4, tags = $5, notes = $6, custom_fields = $7,
                 version = version + 1, edited_at = now(), updated_at = now()
             where id = $1 returning account_id, id
         )
         insert into contact_edits (account_id, contact_id, user_id, changes)
         select account_id, id, $2, $8 from edited",
    )
    .bind::<BigInt, _>(id.get())
    .bind::<BigInt, _>(by.get())
    .bind::<Nullable<Text>, _>(new.email)
    .bind::<Nullable<Text>, _>(new.phone)
    .bind::<Array<Text>, _>(new.tags)
    .bind::<Nullable<Text>, _>(new.notes)
    .bind::<Jsonb, _>(Value::Object(new.custom_fields))
    .bind::<Jsonb, _>(changes);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// The edits of a contact, newest first.
pub async fn list_edits(
    tx: &mut AccountTx,
    id: ContactId,
    older_than: Option<KeysetCursor>,
    limit: u32,
) -> Result<Vec<ContactEdit>, StoreError> {
    let statement = sql_query(
        "select e.id, e.user_id, u.name as user_name, e.at, e.changes
         from contact_edits e left join users u on u.id = e.user_id
         where e.contact_id = $1 and (e.at, e.id) < (coalesce($2, 'infinity'), $3)
         order by e.at desc, e.id desc limit $4",
    )
    .bind::<BigInt, _>(id.get())
    .bind::<Nullable<Timestamptz>, _>(older_than.map(|cursor| cursor.at))
    .bind::<BigInt, _>(older_than.map_or(i64::MAX, |cursor| cursor.id))
    .bind::<BigInt, _>(i64::from(limit.min(PAGE_LIMIT)));
    Ok(Prepared(statement).load(tx.connection()).await?)
}
