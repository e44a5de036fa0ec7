//! Filling what searches read, behind the rows that it comes from.
//!
//! What is committed is taken up once no older transaction can write before it any more: within two looks, as a rule.

use diesel::sql_types::{Bool, Integer};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};

/// Takes up at most so many messages; whether there may be more to take up now. Of two at once one does nothing.
pub async fn index_messages(tx: &mut SystemTx, most: u32) -> Result<bool, StoreError> {
    index(tx, "select index_messages($1) as has_more", most).await
}

/// The same for contacts.
pub async fn index_contacts(tx: &mut SystemTx, most: u32) -> Result<bool, StoreError> {
    index(tx, "select index_contacts($1) as has_more", most).await
}

async fn index(tx: &mut SystemTx, sql: &'static str, most: u32) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Indexed {
        #[diesel(sql_type = Bool)]
        has_more: bool,
    }
    let statement = sql_query(sql).bind::<Integer, _>(i32::try_from(most).unwrap_or(i32::MAX));
    let indexed: Indexed = Prepared(statement).get_result(tx.connection()).await?;
    Ok(indexed.has_more)
}
