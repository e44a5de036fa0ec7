use diesel::sql_types::{Array, BigInt, Jsonb};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pagekeeper_common::domain::ids::{AccountId, ConversationId};
use serde::Serialize;
use serde_json::{Value, json};

use super::rows::{EventBatch, Owner};
use crate::error::StoreError;
use crate::messages::{ChangedConversation, StoreBatch, StoredBatch, store_in};
use crate::pool::Store;
use crate::prepared::Prepared;
use crate::scope::{AccountsTx, Transaction};

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Array<BigInt>)]
    changed_accounts: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    changed_conversations: Vec<i64>,
}

/// A row with its key in front.
#[derive(Serialize)]
struct Keyed<'a, Key, Row> {
    #[serde(flatten)]
    owner: Owner,
    #[serde(flatten)]
    key: Key,
    #[serde(flatten)]
    row: &'a Row,
}

impl Store {
    /// Stores messages and what was told beside them, all or nothing. Messages alone go the shorter way.
    ///
    /// Where [`StoreError::is_about_the_data`], nothing of the batch is stored: halve it to find the culprit.
    pub async fn store_webhooks(&self, messages: &StoreBatch, events: &EventBatch) -> Result<StoredBatch, StoreError> {
        if events.is_empty() {
            return self.store_messages(messages).await;
        }
        let accounts: Vec<AccountId> =
            messages.accounts().into_iter().chain(events.connections.iter().map(|owner| owner.account_id)).collect();
        self.accounts(&accounts, async |tx: &mut AccountsTx| {
            let mut stored = store_in(tx.connection(), messages).await?;
            stored.changed.extend(store_events_in(tx.connection(), events).await?);
            stored.changed.sort_unstable();
            stored.changed.dedup();
            Ok(stored)
        })
        .await
    }
}

/// Inside a transaction that is under way, whose scope must hold the batch's accounts.
pub(crate) async fn store_events_in(
    connection: &mut AsyncPgConnection,
    batch: &EventBatch,
) -> Result<Vec<ChangedConversation>, StoreError> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let connections: Vec<i64> = batch.connections.iter().map(|owner| owner.connection_id.get()).collect();
    let details: Vec<Value> = batch.details.iter().map(|(id, at)| json!({ "connection_id": id, "at": at })).collect();
    let statement = sql_query("select * from store_events($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind::<Array<BigInt>, _>(connections)
        .bind::<Jsonb, _>(list(&batch.changes, |(owner, mid)| (*owner, json!({ "mid": mid })))?)
        .bind::<Jsonb, _>(list(&batch.reactions, |(owner, mid, from_page)| {
            (*owner, json!({ "mid": mid, "from_page": from_page }))
        })?)
        .bind::<Jsonb, _>(list(&batch.marks, |(owner, psid)| (*owner, json!({ "psid": psid })))?)
        .bind::<Jsonb, _>(list(&batch.events, |(owner, key)| (*owner, json!({ "key": key })))?)
        .bind::<Jsonb, _>(list(&batch.posts, |(owner, post_id)| (*owner, json!({ "post_id": post_id })))?)
        .bind::<Jsonb, _>(list(&batch.comments, |(owner, comment_id)| (*owner, json!({ "comment_id": comment_id })))?)
        .bind::<Jsonb, _>(list(&batch.post_reactions, |(owner, post_id, comment_id, author_id)| {
            (*owner, json!({ "post_id": post_id, "comment_id": comment_id, "author_id": author_id }))
        })?)
        .bind::<Jsonb, _>(Value::Array(details));
    let answer: Answer = Prepared(statement).get_result(connection).await?;
    let changed = answer.changed_accounts.into_iter().zip(answer.changed_conversations);
    Ok(changed
        .map(|(account_id, conversation_id)| ChangedConversation {
            account_id: AccountId::new(account_id),
            conversation_id: ConversationId::new(conversation_id),
        })
        .collect())
}

/// The rows as a list of objects, in the order of their keys.
fn list<'a, Key: 'a, Row: Serialize + 'a>(
    rows: impl IntoIterator<Item = (&'a Key, &'a Row)>,
    key: impl Fn(&Key) -> (Owner, Value),
) -> Result<Value, StoreError> {
    let rows = rows.into_iter().map(|(of, row)| {
        let (owner, key) = key(of);
        serde_json::to_value(Keyed { owner, key, row })
    });
    let rows: Result<Vec<Value>, _> = rows.collect();
    let failed = |error| diesel::result::Error::SerializationError(Box::new(error));
    Ok(Value::Array(rows.map_err(failed)?))
}
