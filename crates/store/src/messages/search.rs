use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{ConnectionId, ContactId, ConversationId, MessageRowId, Mid};

use super::queries::{CHANGES, TEXT_NOW};
use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, Transaction};
use crate::text::without_nul;

/// Which messages are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSearch {
    /// Words that must all be in the message; the last one may be unfinished.
    pub words: String,
    pub connection_id: Option<ConnectionId>,
    /// Only messages that come after this place.
    pub after: Option<KeysetCursor>,
    pub limit: u32,
}

/// A message that was found, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct FoundMessage {
    #[diesel(sql_type = BigInt, deserialize_as = Column<MessageRowId>)]
    pub id: MessageRowId,
    #[diesel(sql_type = Text, deserialize_as = Column<Mid>)]
    pub mid: Mid,
    #[diesel(sql_type = Bool)]
    pub from_page: bool,
    #[diesel(sql_type = Timestamptz)]
    pub sent_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub text: Option<String>,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConversationId>)]
    pub conversation_id: ConversationId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<ContactId>)]
    pub contact_id: ContactId,
    #[diesel(sql_type = Nullable<Text>)]
    pub contact_name: Option<String>,
    #[diesel(sql_type = Bool)]
    pub contact_has_picture: bool,
    /// Its place among what is found: the time as it was when the message was taken up.
    #[diesel(sql_type = Timestamptz)]
    found_at: DateTime<Utc>,
}

impl FoundMessage {
    /// Where it stands in the list.
    pub fn cursor(&self) -> KeysetCursor {
        KeysetCursor { at: self.found_at, id: self.id.get() }
    }
}

/// The messages that are found, the newest first. A message is found from seconds after it was stored.
pub async fn search(tx: &mut AccountTx, search: &MessageSearch) -> Result<Vec<FoundMessage>, StoreError> {
    let statement = sql_query(search_sql())
        .bind::<Text, _>(without_nul(&search.words))
        .bind::<Nullable<BigInt>, _>(search.connection_id.map(ConnectionId::get))
        .bind::<Nullable<Timestamptz>, _>(search.after.map(|cursor| cursor.at))
        .bind::<Nullable<BigInt>, _>(search.after.map(|cursor| cursor.id))
        .bind::<Integer, _>(i32::try_from(search.limit).unwrap_or(i32::MAX));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// The function finds the ids, past the policies and in the transaction's account; the rows are read under them.
fn search_sql() -> String {
    format!(
        "select m.id, m.mid, m.from_page, m.sent_at, {TEXT_NOW} as text, m.conversation_id, m.connection_id, v.contact_id,
             k.name as contact_name, k.picture_at is not null as contact_has_picture, found.sent_at as found_at
         from search_messages($1, $2, $3, $4, $5) found
         join messages m on m.id = found.message_id {CHANGES}
         join conversations v on v.account_id = m.account_id and v.id = m.conversation_id
         join contacts k on k.account_id = v.account_id and k.id = v.contact_id
         order by found.sent_at desc, found.message_id desc"
    )
}
