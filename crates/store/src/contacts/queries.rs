use diesel::sql_types::BigInt;
use diesel::{OptionalExtension, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::ContactId;

use super::Contact;
use super::rows::LINE;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{TenantTransaction, Transaction};

pub async fn find(tx: &mut impl TenantTransaction, id: ContactId) -> Result<Option<Contact>, StoreError> {
    find_locked(tx, id, "").await
}

/// `lock` is `for no key update of c`, or nothing.
pub(super) async fn find_locked(
    tx: &mut impl Transaction,
    id: ContactId,
    lock: &'static str,
) -> Result<Option<Contact>, StoreError> {
    let line = LINE.as_str();
    let sql = format!(
        "select {line}, c.notes, c.custom_fields, c.version, c.edited_at
         from contacts c left join conversations v on v.account_id = c.account_id and v.contact_id = c.id
         where c.id = $1 {lock}"
    );
    let statement = sql_query(sql).bind::<BigInt, _>(id.get());
    Ok(Prepared(statement).get_result(tx.connection()).await.optional()?)
}
