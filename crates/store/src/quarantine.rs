//! Signed webhooks that could not be stored, with the reason. Meta's redelivery of the same entry is counted.

pub mod review;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::entry_owner::EntryOwner;
use ring::digest::{SHA256, digest};

use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};
use crate::text::without_nul_opt;

/// Why an entry is kept here. The last three can be replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuarantineReason {
    Unparseable,
    UnknownObject,
    NotUnderstood,
    PageNotConnected,
    RefusedByDatabase,
}

impl QuarantineReason {
    pub const ALL: [Self; 5] =
        [Self::Unparseable, Self::UnknownObject, Self::NotUnderstood, Self::PageNotConnected, Self::RefusedByDatabase];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unparseable => "unparseable",
            Self::UnknownObject => "unknown_object",
            Self::NotUnderstood => "not_understood",
            Self::PageNotConnected => "page_not_connected",
            Self::RefusedByDatabase => "refused_by_database",
        }
    }
}

/// An entry to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuarantined {
    pub reason: QuarantineReason,
    /// The envelope's: `page`, `instagram`, …
    pub object: Option<String>,
    /// Meta's id of the Page or Instagram account, where it could be read.
    pub owner_id: Option<String>,
    /// The entry's bytes as they came.
    pub body: Vec<u8>,
    pub received_at: DateTime<Utc>,
}

/// An entry to replay.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Quarantined {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// None of what was kept before it was written down.
    #[diesel(sql_type = Nullable<Text>)]
    pub object: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub owner_id: Option<String>,
    #[diesel(sql_type = Binary)]
    pub body: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    pub received_at: DateTime<Utc>,
}

/// Keeps entries; one that is here already is counted once more.
pub async fn insert(tx: &mut impl Transaction, entries: &[NewQuarantined]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let digests: Vec<_> = entries.iter().map(|entry| digest(&SHA256, &entry.body)).collect();
    let statement = sql_query(
        "insert into quarantine as q (reason, owner_id, body, digest, received_at, object, seen)
         select min(n.reason), min(n.owner_id), n.body, n.digest, min(n.received_at), min(n.object), count(*)
         from unnest($1, $2, $3, $4, $5, $6) as n (reason, owner_id, body, digest, received_at, object)
         group by n.digest, n.body order by n.digest
         on conflict (digest) do update set seen = q.seen + excluded.seen, reason = excluded.reason,
             object = coalesce(excluded.object, q.object)",
    )
    .bind::<Array<Text>, _>(entries.iter().map(|entry| entry.reason.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(column(entries, |entry| entry.owner_id.as_deref()))
    .bind::<Array<Binary>, _>(entries.iter().map(|entry| entry.body.as_slice()).collect::<Vec<_>>())
    .bind::<Array<Binary>, _>(digests.iter().map(AsRef::as_ref).collect::<Vec<&[u8]>>())
    .bind::<Array<Timestamptz>, _>(entries.iter().map(|entry| entry.received_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(column(entries, |entry| entry.object.as_deref()));
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// What came for a Page or an Instagram account before it was connected, oldest first, after the entry `after` (0 for the
/// first page).
pub async fn list_waiting(
    tx: &mut SystemTx,
    owner: &EntryOwner,
    after: i64,
    limit: u32,
) -> Result<Vec<Quarantined>, StoreError> {
    let statement = sql_query(
        "select id, object, owner_id, body, received_at from quarantine
         where owner_id = $1 and reason = 'page_not_connected' and coalesce(object, 'page') = $4 and id > $2
         order by id limit $3",
    )
    .bind::<Text, _>(owner.id())
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(i64::from(limit))
    .bind::<Text, _>(owner.object());
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// What was not understood, oldest first, after the entry `after` (0 for the first page).
pub async fn list_not_understood(tx: &mut SystemTx, after: i64, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
    let statement = sql_query(
        "select id, object, owner_id, body, received_at from quarantine
         where reason = 'not_understood' and id > $1 order by id limit $2",
    )
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(i64::from(limit));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// Removes entries that were stored after all.
pub async fn delete(tx: &mut impl Transaction, ids: &[i64]) -> Result<(), StoreError> {
    let statement = sql_query("delete from quarantine where id = any($1)").bind::<Array<BigInt>, _>(ids);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

fn column<'a>(
    entries: &'a [NewQuarantined],
    value: fn(&'a NewQuarantined) -> Option<&'a str>,
) -> Vec<Option<Cow<'a, str>>> {
    entries.iter().map(|entry| without_nul_opt(value(entry))).collect()
}
