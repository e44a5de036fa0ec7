//! Where Meta keeps what came with messages.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, MessageRowId, Mid};
use pagekeeper_common::domain::media::MediaUrl;
use uuid::Uuid;

use super::batch::Rows;
use super::{Attachment, CHANGES, ToldMedia};
use crate::columns::Column;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountsTx, TenantTransaction, Transaction};

/// One attachment of a message, and where it can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMedia {
    /// None where the message has none at this position.
    pub attachment: Option<Attachment>,
    pub url: Option<MediaUrl>,
    pub told_at: Option<DateTime<Utc>>,
    /// Ours, where there is one.
    pub copy: Option<MediaCopy>,
    /// Its sender took the message back, or it was found to be gone.
    pub is_gone: bool,
}

/// A copy in our own store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaCopy {
    pub account_id: AccountId,
    pub key: Uuid,
    pub media_type: Option<String>,
    /// Bytes.
    pub length: u64,
}

/// Whose media are to be asked for.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct AskedMedia {
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConnectionId>)]
    pub connection_id: ConnectionId,
    #[diesel(sql_type = Text, deserialize_as = Column<Mid>)]
    pub mid: Mid,
    #[diesel(sql_type = Bool)]
    pub is_gone: bool,
}

/// An attachment of a message, by its position in the list; none without the message.
pub async fn find_media(
    tx: &mut impl TenantTransaction,
    id: MessageRowId,
    position: i32,
) -> Result<Option<KeptMedia>, StoreError> {
    let statement = sql_query(format!(
        "select m.attachments -> $2 as attachment, a.url, a.url_told_at, m.account_id,
             case when a.copied_at is not null then a.copy_key end as copy_key, a.copied_type, a.copied_bytes,
             coalesce(c.deleted_at, c.absent_at) is not null as is_gone
         from messages m {CHANGES}
         left join message_media a on a.account_id = m.account_id and a.connection_id = m.connection_id and a.mid = m.mid
             and a.position = $2
         where m.id = $1"
    ))
    .bind::<BigInt, _>(id.get())
    .bind::<Integer, _>(position);
    let row: Option<MediaRow> = Prepared(statement).get_result(tx.connection()).await.optional()?;
    Ok(row.map(KeptMedia::from))
}

/// What is needed to ask for a message's media; none without the message.
pub async fn find_asked_media(
    tx: &mut impl TenantTransaction,
    id: MessageRowId,
) -> Result<Option<AskedMedia>, StoreError> {
    let statement = sql_query(format!(
        "select m.connection_id, m.mid, coalesce(c.deleted_at, c.absent_at) is not null as is_gone
         from messages m {CHANGES} where m.id = $1"
    ))
    .bind::<BigInt, _>(id.get());
    Ok(Prepared(statement).get_result(tx.connection()).await.optional()?)
}

/// Takes fresh addresses in place of those before. A message that was taken back meanwhile gets none.
pub async fn refresh_media(tx: &mut AccountsTx, id: MessageRowId, media: &[ToldMedia]) -> Result<(), StoreError> {
    let statement = sql_query(
        "insert into message_media as a (account_id, connection_id, mid, position, url, url_told_at)
         select m.account_id, m.connection_id, m.mid, n.position, n.url, clock_timestamp()
         from messages m cross join unnest($2, $3) as n (position, url)
         where m.id = $1 and not exists (
             select from message_changes c
             where c.account_id = m.account_id and c.connection_id = m.connection_id and c.mid = m.mid
                 and c.deleted_at is not null)
         order by n.position
         on conflict (account_id, connection_id, mid, position) do update
             set url = excluded.url, url_told_at = excluded.url_told_at,
                 copy_due_at = case when a.copied_at is null then now() else a.copy_due_at end",
    )
    .bind::<BigInt, _>(id.get())
    .bind::<Array<Integer>, _>(media.iter().map(|media| media.position).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(media.iter().map(|media| media.url.expose()).collect::<Vec<_>>());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Inside a transaction that is under way, after the messages themselves were stored. An address that is known stays: it
/// is renewed when somebody asks for the file, so that telling the same again writes nothing.
pub(super) async fn store_media(connection: &mut AsyncPgConnection, rows: &Rows) -> Result<(), StoreError> {
    let media =
        rows.messages.iter().flat_map(|(key, row)| row.media.iter().map(move |(position, url)| (key, position, url)));
    let media: Vec<_> = media.collect();
    if media.is_empty() {
        return Ok(());
    }
    let statement = sql_query(
        "insert into message_media (account_id, connection_id, mid, position, url, url_told_at)
         select n.account_id, n.connection_id, n.mid, n.position, n.url, coalesce($6, now())
         from unnest($1, $2, $3, $4, $5) as n (account_id, connection_id, mid, position, url)
         where not exists (
             select from message_changes c
             where c.account_id = n.account_id and c.connection_id = n.connection_id and c.mid = n.mid
                 and c.deleted_at is not null)
         order by n.account_id, n.connection_id, n.mid collate \"C\", n.position
         on conflict do nothing",
    )
    .bind::<Array<BigInt>, _>(media.iter().map(|(key, ..)| key.account_id.get()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(media.iter().map(|(key, ..)| key.connection_id.get()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(media.iter().map(|(key, ..)| key.mid.as_str()).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(media.iter().map(|(_, position, _)| **position).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(media.iter().map(|(.., url)| url.expose()).collect::<Vec<_>>())
    .bind::<Nullable<Timestamptz>, _>(rows.told_at);
    Prepared(statement).execute(connection).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct MediaRow {
    #[diesel(sql_type = Nullable<Jsonb>)]
    attachment: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Text>)]
    url: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    url_told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    account_id: AccountId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    copy_key: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    copied_type: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    copied_bytes: Option<i64>,
    #[diesel(sql_type = Bool)]
    is_gone: bool,
}

impl From<MediaRow> for KeptMedia {
    fn from(row: MediaRow) -> Self {
        let length = row.copied_bytes.and_then(|bytes| u64::try_from(bytes).ok());
        Self {
            copy: row.copy_key.zip(length).map(|(key, length)| MediaCopy {
                account_id: row.account_id,
                key,
                media_type: row.copied_type,
                length,
            }),
            attachment: row.attachment.and_then(|attachment| serde_json::from_value(attachment).ok()),
            url: row.url.as_deref().and_then(MediaUrl::parse),
            told_at: row.url_told_at,
            is_gone: row.is_gone,
        }
    }
}
