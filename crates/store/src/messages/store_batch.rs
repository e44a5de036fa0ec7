use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pagekeeper_common::domain::ids::{AccountId, ContactId, ConversationId};

use super::StoreBatch;
use super::batch::{MessageRow, Person, PersonKey, Rows};
use super::listings::store_listings;
use super::media::store_media;
use crate::error::StoreError;
use crate::pool::Store;
use crate::prepared::Prepared;
use crate::scope::{AccountsTx, Transaction};

/// What a batch really changed: what was stored before is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredBatch {
    pub new_contacts: Vec<ContactId>,
    pub new_messages: u64,
    /// Conversations that look different now.
    pub changed: Vec<ChangedConversation>,
    /// Conversations and messages, by what became of them.
    pub rows: RowCounts,
}

/// What became of rows that Facebook told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowCounts {
    pub new: u64,
    pub changed: u64,
    /// Not written.
    pub same: u64,
}

/// A conversation to show again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChangedConversation {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
}

impl Store {
    /// Stores a batch: one transaction, the batch's accounts as its scope, and one round trip for messages alone. Whatever order, duplicates
    /// and batches a history of messages comes in, the rows end alike.
    ///
    /// Where [`StoreError::is_about_the_data`], nothing of the batch is stored: halve it to find the culprit.
    pub async fn store_messages(&self, batch: &StoreBatch) -> Result<StoredBatch, StoreError> {
        if batch.is_empty() {
            return Ok(StoredBatch::default());
        }
        if batch.has_more_than_messages() {
            let accounts: Vec<AccountId> = batch.accounts().into_iter().collect();
            let store = async |tx: &mut AccountsTx| store_in(tx.connection(), batch).await;
            return self.accounts(&accounts, store).await;
        }
        let rows = batch.fold();
        let (stored, _) =
            self.single_statement(async |connection: &mut AsyncPgConnection| store(connection, &rows).await).await?;
        Ok(stored)
    }
}

/// The same inside a transaction that is under way, whose scope must hold the batch's accounts.
pub(crate) async fn store_in(
    connection: &mut AsyncPgConnection,
    batch: &StoreBatch,
) -> Result<StoredBatch, StoreError> {
    if batch.is_empty() {
        return Ok(StoredBatch::default());
    }
    let rows = batch.fold();
    let (mut stored, are_new) = store(connection, &rows).await?;
    store_media(connection, &rows).await?;
    if let Some((asked_at, mut listings)) = batch.listings() {
        if are_new {
            // Nothing of a new conversation can be missing from what was listed.
            listings.retain(|(_, listing)| !listing.reactions.is_empty());
        }
        if listings.is_empty() {
            return Ok(stored);
        }
        stored.changed.extend(store_listings(connection, asked_at, &listings).await?);
        stored.changed.sort_unstable();
        stored.changed.dedup();
    }
    Ok(stored)
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Array<BigInt>)]
    new_contacts: Vec<i64>,
    #[diesel(sql_type = BigInt)]
    new_messages: i64,
    #[diesel(sql_type = Array<BigInt>)]
    changed_accounts: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    changed_conversations: Vec<i64>,
    #[diesel(sql_type = BigInt)]
    new_rows: i64,
    #[diesel(sql_type = BigInt)]
    changed_rows: i64,
}

/// What was stored, and whether all conversations of the batch are new.
async fn store(connection: &mut AsyncPgConnection, rows: &Rows) -> Result<(StoredBatch, bool), StoreError> {
    let people = &rows.people;
    let messages = &rows.messages;
    let positions: HashMap<&PersonKey, i32> = people.iter().map(|(key, _)| key).zip(1..).collect();
    let statement = sql_query(
        "select * from store_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
             $19, $20, $21, $22)",
    )
    .bind::<Bool, _>(rows.by_webhook)
    .bind::<Nullable<Timestamptz>, _>(rows.told_at)
    .bind::<Array<BigInt>, _>(column(people, |(key, _)| key.account_id.get()))
    .bind::<Array<BigInt>, _>(column(people, |(key, _)| key.connection_id.get()))
    .bind::<Array<Text>, _>(column(people, |(key, _)| key.psid.as_str()))
    .bind::<Array<Nullable<Text>>, _>(person(people, |person| Some(person.name.as_ref()?.name.as_str())))
    .bind::<Array<Nullable<Timestamptz>>, _>(person(people, |person| Some(person.name.as_ref()?.told_at)))
    .bind::<Array<Nullable<Text>>, _>(person(people, |person| person.thread_id.as_deref()))
    .bind::<Array<Timestamptz>, _>(person(people, |person| person.newest.at))
    .bind::<Array<Text>, _>(person(people, |person| person.newest.mid.as_str()))
    .bind::<Array<Bool>, _>(person(people, |person| person.newest.from_page))
    .bind::<Array<Nullable<Text>>, _>(person(people, |person| person.newest.snippet.as_deref()))
    .bind::<Array<Nullable<Timestamptz>>, _>(person(people, |person| person.inbound_at))
    .bind::<Array<Nullable<Timestamptz>>, _>(person(people, |person| person.read_up_to))
    .bind::<Array<Nullable<Integer>>, _>(message(messages, |row| positions.get(&row.person).copied()))
    .bind::<Array<Text>, _>(column(messages, |(key, _)| key.mid.as_str()))
    .bind::<Array<Bool>, _>(message(messages, |row| row.from_page))
    .bind::<Array<Timestamptz>, _>(message(messages, |row| row.sent_at))
    .bind::<Array<Nullable<Text>>, _>(message(messages, |row| row.text.as_deref()))
    .bind::<Array<Nullable<Jsonb>>, _>(message(messages, MessageRow::attachments_json))
    .bind::<Array<Nullable<Text>>, _>(message(messages, |row| row.app_id.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(message(messages, |row| row.reply_to_mid.as_deref()));
    let answer: Answer = Prepared(statement).get_result(connection).await?;
    let (new, changed) = (count(answer.new_rows), count(answer.changed_rows));
    let told = (people.len() + messages.len()) as u64;
    let counts = RowCounts { new, changed, same: told.saturating_sub(new + changed) };
    let stored = StoredBatch { rows: counts, ..StoredBatch::from(answer) };
    let are_new = new.saturating_sub(stored.new_messages) == people.len() as u64;
    Ok((stored, are_new))
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl From<Answer> for StoredBatch {
    fn from(answer: Answer) -> Self {
        let changed = answer.changed_accounts.into_iter().zip(answer.changed_conversations);
        Self {
            new_contacts: answer.new_contacts.into_iter().map(ContactId::new).collect(),
            new_messages: count(answer.new_messages),
            changed: changed
                .map(|(account_id, conversation_id)| ChangedConversation {
                    account_id: AccountId::new(account_id),
                    conversation_id: ConversationId::new(conversation_id),
                })
                .collect(),
            rows: RowCounts::default(),
        }
    }
}

fn column<'a, Row, T>(rows: &'a [Row], value: impl Fn(&'a Row) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn person<'a, T>(people: &'a [(PersonKey, Person)], value: impl Fn(&'a Person) -> T) -> Vec<T> {
    people.iter().map(|(_, person)| value(person)).collect()
}

fn message<'a, Key, T>(messages: &'a [(Key, MessageRow)], value: impl Fn(&'a MessageRow) -> T) -> Vec<T> {
    messages.iter().map(|(_, row)| value(row)).collect()
}
