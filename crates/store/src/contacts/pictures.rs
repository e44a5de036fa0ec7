use diesel::sql_types::{Array, BigInt, Binary, Text};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::ContactId;

use super::ChangedName;
use crate::connections::Picture;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::schema::contact_pictures;
use crate::scope::{AccountTx, AccountsTx, TenantTransaction, Transaction};

/// A contact's picture, as Facebook delivered it: at most 64 kB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedPicture {
    pub contact_id: ContactId,
    pub picture: Picture,
}

pub async fn find_picture(tx: &mut impl TenantTransaction, id: ContactId) -> Result<Option<Picture>, StoreError> {
    let query = contact_pictures::table
        .filter(contact_pictures::contact_id.eq(id.get()))
        .select((contact_pictures::picture, contact_pictures::picture_type));
    let columns: Option<(Vec<u8>, String)> = query.get_result(tx.connection()).await.optional()?;
    Ok(columns.map(|(bytes, media_type)| Picture { bytes, media_type }))
}

/// Of contacts `c`: whether the picture should be asked for, once somebody looks. People change theirs.
pub(crate) const WANTS_PICTURE: &str = "c.profile_checked_at is not null and c.picture_due_at is null
    and coalesce(c.picture_checked_at < now() - interval '30 days', true)";

/// Somebody looks at these contacts: their pictures are fetched soon. One who is at work on a contact is not waited for.
pub async fn want_pictures(tx: &mut AccountTx, contacts: &[ContactId]) -> Result<(), StoreError> {
    if contacts.is_empty() {
        return Ok(());
    }
    let statement = sql_query(format!(
        "update contacts set picture_due_at = now()
         where id in (select c.id from contacts c where c.id = any ($1) and {WANTS_PICTURE} for no key update skip locked)"
    ))
    .bind::<Array<BigInt>, _>(contacts.iter().map(|contact| contact.get()).collect::<Vec<_>>());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Stores pictures in place of those before. Answers the conversations whose contact looks different now.
pub async fn store_pictures(tx: &mut AccountsTx, pictures: &[FetchedPicture]) -> Result<Vec<ChangedName>, StoreError> {
    let statement = sql_query(
        "with told as (
             select c.account_id, c.id, u.picture, u.media_type
             from unnest($1, $2, $3) as u (id, picture, media_type)
             join contacts c on c.id = u.id order by c.account_id, c.id for no key update of c
         ), stored as (
             insert into contact_pictures as p (account_id, contact_id, picture, picture_type)
             select account_id, id, picture, media_type from told
             on conflict (account_id, contact_id) do update
                 set picture = excluded.picture, picture_type = excluded.picture_type, stored_at = now()
                 where (p.picture, p.picture_type) is distinct from (excluded.picture, excluded.picture_type)
             returning p.account_id, p.contact_id
         ), marked as (
             update contacts c set picture_at = now(), updated_at = now() from stored s
             where c.account_id = s.account_id and c.id = s.contact_id
         )
         select v.account_id, v.id as conversation_id from stored s
         join conversations v on v.account_id = s.account_id and v.contact_id = s.contact_id",
    )
    .bind::<Array<BigInt>, _>(pictures.iter().map(|one| one.contact_id.get()).collect::<Vec<_>>())
    .bind::<Array<Binary>, _>(pictures.iter().map(|one| one.picture.bytes.as_slice()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(pictures.iter().map(|one| one.picture.media_type.as_str()).collect::<Vec<_>>());
    Ok(Prepared(statement).load(tx.connection()).await?)
}
