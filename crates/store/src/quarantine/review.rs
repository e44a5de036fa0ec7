//! The quarantine, as people look at it. An account sees what is of its own Pages; an operator, without the scope of an
//! account, all of it.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use super::QuarantineReason;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, SystemTx, Transaction};

/// Counts end here.
pub const MOST_COUNTED: i32 = 10_000;

/// Which entries. The default: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuarantineFilter {
    pub ids: Option<Vec<i64>>,
    /// Meta's ids of Pages or Instagram accounts.
    pub owners: Option<Vec<String>>,
    /// A part of the reason.
    pub reason: Option<String>,
    pub received_before: Option<DateTime<Utc>>,
    /// Behind this one: time and id.
    pub after: Option<(DateTime<Utc>, i64)>,
}

/// An entry in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct QuarantinedEntry {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// [`QuarantineReason::as_str`]
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// The envelope's; none for an entry of an earlier version.
    #[diesel(sql_type = Nullable<Text>)]
    pub object: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub owner_id: Option<String>,
    /// How often Meta sent it.
    #[diesel(sql_type = Integer)]
    pub seen: i32,
    #[diesel(sql_type = Timestamptz)]
    pub received_at: DateTime<Utc>,
    /// Bytes of the body.
    #[diesel(sql_type = Integer)]
    pub size: i32,
    /// Only where it was asked for.
    #[diesel(sql_type = Nullable<Binary>)]
    pub body: Option<Vec<u8>>,
}

/// A transaction that may review: its own account's part, or everything.
pub trait ReviewTransaction: Transaction {
    #[doc(hidden)]
    const LIST: &'static str;
    #[doc(hidden)]
    const DROP: &'static str;
}

impl ReviewTransaction for AccountTx {
    const LIST: &'static str = "select * from quarantined_of_account($1, $2, $3, $4, $5, $6, $7, $8)";
    const DROP: &'static str = "select drop_quarantined_of_account($1, $2) as entries";
}

impl ReviewTransaction for SystemTx {
    const LIST: &'static str = "select * from quarantined_of_anybody($1, $2, $3, $4, $5, $6, $7, $8)";
    const DROP: &'static str = "select drop_quarantined_of_anybody($1, $2) as entries";
}

/// Oldest first.
pub async fn list<Tx: ReviewTransaction>(
    tx: &mut Tx,
    filter: &QuarantineFilter,
    limit: u32,
    with_body: bool,
) -> Result<Vec<QuarantinedEntry>, StoreError> {
    let statement = sql_query(Tx::LIST)
        .bind::<Nullable<Array<BigInt>>, _>(filter.ids.as_ref())
        .bind::<Nullable<Array<Text>>, _>(filter.owners.as_ref())
        .bind::<Nullable<Text>, _>(filter.reason.as_ref())
        .bind::<Nullable<Timestamptz>, _>(filter.received_before)
        .bind::<Nullable<Timestamptz>, _>(filter.after.map(|(at, _)| at))
        .bind::<Nullable<BigInt>, _>(filter.after.map(|(_, id)| id))
        .bind::<Integer, _>(i32::try_from(limit).unwrap_or(i32::MAX))
        .bind::<Bool, _>(with_body);
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// Drops these as they were seen, and tells how many: one that came again meanwhile stays.
pub async fn drop_as_seen<Tx: ReviewTransaction>(tx: &mut Tx, entries: &[QuarantinedEntry]) -> Result<u64, StoreError> {
    let statement = sql_query(Tx::DROP)
        .bind::<Array<BigInt>, _>(entries.iter().map(|entry| entry.id).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(entries.iter().map(|entry| entry.seen).collect::<Vec<_>>());
    let count: Count = Prepared(statement).get_result(tx.connection()).await?;
    Ok(count.entries.unsigned_abs())
}

/// How many are of the account's Pages, up to [`MOST_COUNTED`].
pub async fn count(tx: &mut AccountTx) -> Result<u64, StoreError> {
    let statement = sql_query("select count_quarantined_of_account($1) as entries").bind::<Integer, _>(MOST_COUNTED);
    let count: Count = Prepared(statement).get_result(tx.connection()).await?;
    Ok(count.entries.unsigned_abs())
}

/// How many there are of each reason, each up to [`MOST_COUNTED`].
pub async fn count_by_reason(tx: &mut SystemTx) -> Result<Vec<(QuarantineReason, u64)>, StoreError> {
    let statement = sql_query("select reason, entries from count_quarantined_by_reason($1, $2)")
        .bind::<Array<Text>, _>(QuarantineReason::ALL.map(QuarantineReason::as_str).to_vec())
        .bind::<Integer, _>(MOST_COUNTED);
    let counts: Vec<ReasonCount> = Prepared(statement).load(tx.connection()).await?;
    let entries_of = |reason: QuarantineReason| {
        let count = counts.iter().find(|count| count.reason == reason.as_str());
        count.map_or(0, |count| count.entries.unsigned_abs())
    };
    Ok(QuarantineReason::ALL.map(|reason| (reason, entries_of(reason))).to_vec())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    entries: i64,
}

#[derive(QueryableByName)]
struct ReasonCount {
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = BigInt)]
    entries: i64,
}
