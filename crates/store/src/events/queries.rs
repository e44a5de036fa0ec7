use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::ConversationId;
use serde_json::Value;

use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, Transaction};

/// The longest page.
const PAGE_LIMIT: u32 = 200;

/// Something that happened in a conversation and is not a message.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Happened {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Jsonb)]
    pub detail: Value,
}

/// How far a conversation has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, QueryableByName)]
pub struct Marks {
    /// The Page's messages until then have arrived.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub delivered_up_to: Option<DateTime<Utc>>,
    /// The customer has read all until then.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub seen_up_to: Option<DateTime<Utc>>,
    /// The app that answers, where it was ever handed over.
    #[diesel(sql_type = Nullable<Text>)]
    pub handled_by_app: Option<String>,
}

impl Happened {
    /// Where it stands in its list's order.
    pub fn cursor(&self) -> KeysetCursor {
        KeysetCursor { at: self.at, id: self.id }
    }
}

/// What happened in a conversation, from new to old, after the place `older_than`.
pub async fn list(
    tx: &mut AccountTx,
    conversation_id: ConversationId,
    older_than: Option<KeysetCursor>,
    limit: u32,
) -> Result<Vec<Happened>, StoreError> {
    let after = if older_than.is_some() { "and (e.at, e.id) < ($3, $4)" } else { "" };
    let sql = format!(
        "select e.id, e.kind, e.at, e.detail from conversations v
         join conversation_events e
             on e.account_id = v.account_id and e.connection_id = v.connection_id and e.psid = v.psid
         where v.id = $1 {after} order by e.at desc, e.id desc limit $2"
    );
    let mut statement = sql_query(sql)
        .into_boxed()
        .bind::<BigInt, _>(conversation_id.get())
        .bind::<BigInt, _>(i64::from(limit.min(PAGE_LIMIT)));
    if let Some(cursor) = older_than {
        statement = statement.bind::<Timestamptz, _>(cursor.at).bind::<BigInt, _>(cursor.id);
    }
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// The marks of a conversation; empty ones where nothing was told.
pub async fn find_marks(tx: &mut AccountTx, conversation_id: ConversationId) -> Result<Marks, StoreError> {
    let statement = sql_query(
        "select k.delivered_up_to, k.seen_up_to, k.handled_by_app from conversations v
         join conversation_marks k
             on k.account_id = v.account_id and k.connection_id = v.connection_id and k.psid = v.psid
         where v.id = $1",
    )
    .bind::<BigInt, _>(conversation_id.get());
    let marks: Option<Marks> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    Ok(marks.unwrap_or_default())
}
