use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use pagekeeper_common::domain::ids::AccountId;

use crate::error::StoreError;
use crate::messages::{Rows, StoreBatch};
use crate::prepared::Prepared;
use crate::scope::array_literal;

/// The limit that [`Store::store_messages`](crate::Store::store_messages) is compared with: plain upserts of the same
/// rows into the same three tables under the same policies, in one transaction, each statement sent before the answer to
/// the one before it is read.
///
/// They are not what Pagekeeper needs: they do not commute where times are equal, and do not say what changed.
pub struct PlainUpserts {
    connection: AsyncPgConnection,
    is_prepared: bool,
}

impl PlainUpserts {
    /// With the worker's URL.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let mut connection =
            AsyncPgConnection::establish(url).await.map_err(|error| StoreError::Unavailable(Some(Box::new(error))))?;
        connection.batch_execute("set max_parallel_workers_per_gather = 0").await?;
        Ok(Self { connection, is_prepared: false })
    }

    pub async fn store(&mut self, batch: &StoreBatch) -> Result<(), StoreError> {
        let rows = batch.fold();
        let mut accounts: Vec<AccountId> = rows.people.iter().map(|(key, _)| key.account_id).collect();
        accounts.dedup();
        let begin = format!("begin; select set_config('app.account_ids', '{}', true)", array_literal(&accounts));
        let connection = &self.connection;
        if self.is_prepared {
            futures_util::try_join!(
                execute(connection, &begin),
                upsert_contacts(connection, &rows),
                upsert_conversations(connection, &rows),
                upsert_messages(connection, &rows),
                execute(connection, "commit"),
            )?;
        } else {
            // A statement that is still to be prepared would be sent after the commit.
            execute(connection, &begin).await?;
            upsert_contacts(connection, &rows).await?;
            upsert_conversations(connection, &rows).await?;
            upsert_messages(connection, &rows).await?;
            execute(connection, "commit").await?;
            self.is_prepared = true;
        }
        Ok(())
    }
}

async fn execute(mut connection: &AsyncPgConnection, sql: &str) -> diesel::QueryResult<()> {
    SimpleAsyncConnection::batch_execute(&mut connection, sql).await
}

async fn upsert_contacts(mut connection: &AsyncPgConnection, rows: &Rows) -> diesel::QueryResult<usize> {
    let people = &rows.people;
    let statement = sql_query(
        "insert into contacts as c (account_id, connection_id, psid, name, profile_checked_at)
         select * from unnest($1, $2, $3, $4, $5)
         on conflict (connection_id, psid) do update set name = excluded.name,
             profile_checked_at = excluded.profile_checked_at
             where c.profile_checked_at < excluded.profile_checked_at",
    )
    .bind::<Array<BigInt>, _>(people.iter().map(|(key, _)| key.account_id.get()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(people.iter().map(|(key, _)| key.connection_id.get()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(people.iter().map(|(key, _)| key.psid.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        people.iter().map(|(_, person)| Some(person.name.as_ref()?.name.as_str())).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<Timestamptz>>, _>(
        people.iter().map(|(_, person)| Some(person.name.as_ref()?.told_at)).collect::<Vec<_>>(),
    );
    Prepared(statement).execute(&mut connection).await
}

async fn upsert_conversations(mut connection: &AsyncPgConnection, rows: &Rows) -> diesel::QueryResult<usize> {
    let people = &rows.people;
    let statement = sql_query(
        "insert into conversations as v (account_id, connection_id, psid, contact_id, thread_id, last_message_at,
             last_message_mid, last_message_from_page, snippet, last_inbound_at, read_up_to)
         select p.account_id, p.connection_id, p.psid, c.id, p.thread_id, p.at, p.mid, p.from_page, p.snippet,
             p.inbound_at, coalesce(p.read_up_to, 'epoch')
         from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             as p (account_id, connection_id, psid, thread_id, at, mid, from_page, snippet, inbound_at, read_up_to)
         join contacts c on c.account_id = p.account_id and c.connection_id = p.connection_id and c.psid = p.psid
         on conflict (connection_id, psid) do update set thread_id = excluded.thread_id,
             last_message_at = excluded.last_message_at, last_message_mid = excluded.last_message_mid,
             last_message_from_page = excluded.last_message_from_page, snippet = excluded.snippet,
             last_inbound_at = excluded.last_inbound_at, read_up_to = excluded.read_up_to
             where v.last_message_at < excluded.last_message_at",
    )
    .bind::<Array<BigInt>, _>(people.iter().map(|(key, _)| key.account_id.get()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(people.iter().map(|(key, _)| key.connection_id.get()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(people.iter().map(|(key, _)| key.psid.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(people.iter().map(|(_, person)| person.thread_id.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(people.iter().map(|(_, person)| person.newest.at).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(people.iter().map(|(_, person)| person.newest.mid.as_str()).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(people.iter().map(|(_, person)| person.newest.from_page).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        people.iter().map(|(_, person)| person.newest.snippet.as_deref()).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<Timestamptz>>, _>(people.iter().map(|(_, person)| person.inbound_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(people.iter().map(|(_, person)| person.read_up_to).collect::<Vec<_>>());
    Prepared(statement).execute(&mut connection).await
}

async fn upsert_messages(mut connection: &AsyncPgConnection, rows: &Rows) -> diesel::QueryResult<usize> {
    let messages = &rows.messages;
    let statement = sql_query(
        "insert into messages as m (account_id, connection_id, conversation_id, mid, from_page, sent_at, text,
             attachments, app_id, reply_to_mid)
         select n.account_id, n.connection_id, v.id, n.mid, n.from_page, n.sent_at, n.text, n.attachments, n.app_id,
             n.reply_to
         from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             as n (account_id, connection_id, psid, mid, from_page, sent_at, text, attachments, app_id, reply_to)
         join conversations v on v.account_id = n.account_id and v.connection_id = n.connection_id and v.psid = n.psid
         on conflict (connection_id, mid) do update set sent_at = excluded.sent_at, text = excluded.text,
             attachments = excluded.attachments, app_id = excluded.app_id, reply_to_mid = excluded.reply_to_mid
             where m.sent_at < excluded.sent_at",
    )
    .bind::<Array<BigInt>, _>(messages.iter().map(|(_, row)| row.person.account_id.get()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(messages.iter().map(|(_, row)| row.person.connection_id.get()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(messages.iter().map(|(_, row)| row.person.psid.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(messages.iter().map(|(key, _)| key.mid.as_str()).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(messages.iter().map(|(_, row)| row.from_page).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(messages.iter().map(|(_, row)| row.sent_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(messages.iter().map(|(_, row)| row.text.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Jsonb>>, _>(messages.iter().map(|(_, row)| row.attachments_json()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(messages.iter().map(|(_, row)| row.app_id.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(messages.iter().map(|(_, row)| row.reply_to_mid.as_deref()).collect::<Vec<_>>());
    Prepared(statement).execute(&mut connection).await
}
