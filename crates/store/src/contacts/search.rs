use std::sync::LazyLock;

use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::ConnectionId;

use super::ContactLine;
use super::rows::LINE;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, Transaction};
use crate::text::without_nul_opt;

/// Which contacts are looked for; without any condition all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactSearch {
    /// Parts of words of the name or the e-mail address, or of the telephone number: each must be found.
    pub words: Option<String>,
    pub connection_id: Option<ConnectionId>,
    pub tag: Option<String>,
    /// Only contacts that come after this place.
    pub after: Option<KeysetCursor>,
    pub limit: u32,
}

/// The contacts that are found, the newest first. A contact is found from seconds after it was stored, and by what was
/// changed at once.
pub async fn search(tx: &mut AccountTx, search: &ContactSearch) -> Result<Vec<ContactLine>, StoreError> {
    let statement = sql_query(SEARCH.as_str())
        .bind::<Nullable<Text>, _>(without_nul_opt(search.words.as_deref()))
        .bind::<Nullable<BigInt>, _>(search.connection_id.map(ConnectionId::get))
        .bind::<Nullable<Text>, _>(without_nul_opt(search.tag.as_deref()))
        .bind::<Nullable<BigInt>, _>(search.after.map(|cursor| cursor.id))
        .bind::<Integer, _>(i32::try_from(search.limit).unwrap_or(i32::MAX));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// The function finds the ids, past the policies and in the transaction's account; the rows are read under them.
static SEARCH: LazyLock<String> = LazyLock::new(|| {
    let line = LINE.as_str();
    format!(
        "select {line}
         from search_contacts($1, $2, $3, $4, $5) found
         join contacts c on c.id = found.contact_id
         left join conversations v on v.account_id = c.account_id and v.contact_id = c.id
         order by found.contact_id desc"
    )
});
