//! What a listing of a thread tells beside its messages: which are gone, and what people feel.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Jsonb, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pagekeeper_common::domain::ids::{AccountId, ConversationId};
use serde_json::{Value, json};

use super::batch::Listed;
use super::{ChangedConversation, ConversationUpsert, ThreadListing};
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::text::without_nul;

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Array<BigInt>)]
    changed_accounts: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    changed_conversations: Vec<i64>,
}

/// Inside a transaction that is under way, after the messages of the same listings were stored.
pub(super) async fn store_listings(
    connection: &mut AsyncPgConnection,
    asked_at: DateTime<Utc>,
    listings: &[Listed<'_>],
) -> Result<Vec<ChangedConversation>, StoreError> {
    let parts: Vec<Value> = listings.iter().map(|(of, listing)| part(of, listing)).collect();
    // One of each side.
    let reactions: BTreeMap<ReactionKey<'_>, Value> =
        listings.iter().flat_map(|(of, listing)| reactions(of, listing)).collect();
    let statement = sql_query("select * from store_listings($1, $2, $3)")
        .bind::<Timestamptz, _>(asked_at)
        .bind::<Jsonb, _>(Value::Array(parts))
        .bind::<Jsonb, _>(reactions.into_values().collect::<Value>());
    let answer: Answer = Prepared(statement).get_result(connection).await?;
    let changed = answer.changed_accounts.into_iter().zip(answer.changed_conversations);
    Ok(changed
        .map(|(account_id, conversation_id)| ChangedConversation {
            account_id: AccountId::new(account_id),
            conversation_id: ConversationId::new(conversation_id),
        })
        .collect())
}

fn part(of: &ConversationUpsert, listing: &ThreadListing) -> Value {
    json!({
        "account_id": of.account_id,
        "connection_id": of.connection_id,
        "psid": of.psid,
        "starts": listing.from,
        "ends": listing.to,
        "mids": listing.mids,
        "detailed": listing.detailed,
    })
}

type ReactionKey<'a> = (AccountId, i64, &'a str, bool);

fn reactions<'a>(
    of: &'a ConversationUpsert,
    listing: &'a ThreadListing,
) -> impl Iterator<Item = (ReactionKey<'a>, Value)> {
    listing.reactions.iter().map(|reaction| {
        let row = json!({
            "account_id": of.account_id,
            "connection_id": of.connection_id,
            "mid": reaction.mid,
            "from_page": reaction.from_page,
            "emoji": without_nul(&reaction.emoji),
        });
        ((of.account_id, of.connection_id.get(), reaction.mid.as_str(), reaction.from_page), row)
    })
}
