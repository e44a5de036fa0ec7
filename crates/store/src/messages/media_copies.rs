//! Copies of files in a store of our own: which are to be made, which were, and which are to be forgotten.

use std::time::Duration;

use diesel::sql_types::{Array, BigInt, Double, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{AccountId, MessageRowId};
use uuid::Uuid;

use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountsTx, SystemTx, Transaction};

/// A file that is to be copied.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct CopyToMake {
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<MessageRowId>)]
    pub message_id: MessageRowId,
    #[diesel(sql_type = Integer)]
    pub position: i32,
    /// Whoever has it can read the file.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// The same at each try.
    #[diesel(sql_type = SqlUuid)]
    pub copy_key: Uuid,
}

/// A copy whose file nobody may see any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct CopyToRemove {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = SqlUuid)]
    pub copy_key: Uuid,
}

/// Takes files that are to be copied, of any account. Each is out of reach for `lease`, and longer after each try.
pub async fn claim_copies(tx: &mut SystemTx, most: u32, lease: Duration) -> Result<Vec<CopyToMake>, StoreError> {
    let statement = sql_query("select * from claim_media_copies($1, make_interval(secs => $2))")
        .bind::<Integer, _>(i32::try_from(most).unwrap_or(i32::MAX))
        .bind::<Double, _>(lease.as_secs_f64());
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// A copy is there, as so many bytes of this type. Whether its file may still be seen: else the copy is to be forgotten.
pub async fn note_copy(
    tx: &mut AccountsTx,
    copy_key: Uuid,
    media_type: Option<&str>,
    length: u64,
) -> Result<bool, StoreError> {
    let statement = sql_query(
        "update message_media set copied_at = now(), copied_type = $2, copied_bytes = $3 where copy_key = $1",
    )
    .bind::<SqlUuid, _>(copy_key)
    .bind::<Nullable<Text>, _>(media_type)
    .bind::<BigInt, _>(i64::try_from(length).unwrap_or(i64::MAX));
    Ok(Prepared(statement).execute(tx.connection()).await? > 0)
}

/// No try can help any more.
pub async fn give_copy_up(tx: &mut AccountsTx, copy_key: Uuid) -> Result<(), StoreError> {
    let statement =
        sql_query("update message_media set copy_tries = 32 where copy_key = $1").bind::<SqlUuid, _>(copy_key);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Copies to forget now; they come once more until [`forget_removals`], or after `again`.
pub async fn claim_removals(tx: &mut SystemTx, most: u32, again: Duration) -> Result<Vec<CopyToRemove>, StoreError> {
    let statement = sql_query(
        "update media_removals r set due_at = now() + make_interval(secs => $2)
         from (
             select id from media_removals where due_at <= now() order by due_at limit $1 for update skip locked
         ) due
         where r.id = due.id returning r.id, r.account_id, r.copy_key",
    )
    .bind::<Integer, _>(i32::try_from(most).unwrap_or(i32::MAX))
    .bind::<Double, _>(again.as_secs_f64());
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// These were deleted. Those whose file was gone only just now stay: a copy may have been on its way for `longest`.
pub async fn forget_removals(tx: &mut SystemTx, ids: &[i64], longest: Duration) -> Result<(), StoreError> {
    let statement =
        sql_query("delete from media_removals where id = any ($1) and gone_at < now() - make_interval(secs => $2)")
            .bind::<Array<BigInt>, _>(ids)
            .bind::<Double, _>(longest.as_secs_f64());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}
