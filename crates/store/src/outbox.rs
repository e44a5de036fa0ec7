//! Messages that must follow a database change: written in its transaction, published by a relay afterwards.
//!
//! A relay claims some for a while, publishes them, and deletes what the broker confirmed. What it does not get to is
//! claimable again when the lease is over, and goes out with the same message id.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::AccountId;
use uuid::Uuid;

use crate::columns::{Column, OptionalColumn};
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{SystemTx, Transaction};

/// A message to publish after the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    pub message_id: Uuid,
    pub account_id: Option<AccountId>,
    pub exchange: String,
    pub routing_key: String,
    /// The contract's name and version, as the message's headers carry them.
    pub kind: String,
    pub version: u16,
    /// W3C trace context; empty without tracing.
    pub traceparent: String,
    pub body: Vec<u8>,
    /// It is published so much later.
    pub delay: Duration,
    /// Of one that is parked.
    pub failure: Option<Failure>,
}

/// Why no further try can help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Without personal data.
    pub reason: String,
    /// Tries so far.
    pub attempts: u32,
}

/// A message that a relay has claimed.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ClaimedMessage {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = SqlUuid)]
    pub message_id: Uuid,
    #[diesel(sql_type = Nullable<BigInt>, deserialize_as = OptionalColumn<AccountId>)]
    pub account_id: Option<AccountId>,
    #[diesel(sql_type = Text)]
    pub exchange: String,
    #[diesel(sql_type = Text)]
    pub routing_key: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Integer, deserialize_as = Column<u16>)]
    pub version: u16,
    #[diesel(sql_type = Text)]
    pub traceparent: String,
    #[diesel(sql_type = Binary)]
    pub body: Vec<u8>,
    /// How often it was claimed, this time included.
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub attempts: u32,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// Of one that is parked: why.
    #[diesel(sql_type = Nullable<Text>)]
    pub failure: Option<String>,
    #[diesel(sql_type = Integer, deserialize_as = Column<u32>)]
    pub failed_attempts: u32,
}

/// Writes messages in the caller's transaction.
pub async fn enqueue(tx: &mut impl Transaction, messages: &[OutboxMessage]) -> Result<(), StoreError> {
    if messages.is_empty() {
        return Ok(());
    }
    let column = |value: fn(&OutboxMessage) -> &str| messages.iter().map(value).collect::<Vec<_>>();
    let statement = sql_query(
        "insert into outbox (message_id, account_id, exchange, routing_key, type, version, traceparent, body, available_at,
             failure, failed_attempts)
         select m.message_id, m.account_id, m.exchange, m.routing_key, m.type, m.version, m.traceparent, m.body,
             now() + make_interval(secs => m.delay), m.failure, m.failed_attempts
         from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             as m (message_id, account_id, exchange, routing_key, type, version, traceparent, body, delay, failure,
                 failed_attempts)",
    )
    .bind::<Array<SqlUuid>, _>(messages.iter().map(|message| message.message_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(
        messages.iter().map(|message| message.account_id.map(AccountId::get)).collect::<Vec<_>>(),
    )
    .bind::<Array<Text>, _>(column(|message| &message.exchange))
    .bind::<Array<Text>, _>(column(|message| &message.routing_key))
    .bind::<Array<Text>, _>(column(|message| &message.kind))
    .bind::<Array<Integer>, _>(messages.iter().map(|message| i32::from(message.version)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(column(|message| &message.traceparent))
    .bind::<Array<Binary>, _>(messages.iter().map(|message| message.body.as_slice()).collect::<Vec<_>>())
    .bind::<Array<Double>, _>(messages.iter().map(|message| message.delay.as_secs_f64()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        messages.iter().map(|message| message.failure.as_ref().map(|failure| failure.reason.as_str())).collect::<Vec<_>>(),
    )
    .bind::<Array<Integer>, _>(
        messages
            .iter()
            .map(|message| message.failure.as_ref().map_or(0, |failure| i32::try_from(failure.attempts).unwrap_or(i32::MAX)))
            .collect::<Vec<_>>(),
    );
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Claims the oldest messages for `lease`. Relays beside this one get others.
pub async fn claim(tx: &mut SystemTx, limit: u32, lease: Duration) -> Result<Vec<ClaimedMessage>, StoreError> {
    let statement = sql_query(
        "update outbox o set available_at = now() + make_interval(secs => $2), attempts = attempts + 1
         from (select id from outbox where available_at <= now() order by id limit $1 for update skip locked) due
         where o.id = due.id
         returning o.id, o.message_id, o.account_id, o.exchange, o.routing_key, o.type as kind, o.version,
             o.traceparent, o.body, o.attempts, o.created_at, o.failure, o.failed_attempts",
    )
    .bind::<BigInt, _>(i64::from(limit))
    .bind::<Double, _>(lease.as_secs_f64());
    let mut claimed: Vec<ClaimedMessage> = Prepared(statement).load(tx.connection()).await?;
    claimed.sort_unstable_by_key(|message| message.id);
    Ok(claimed)
}

/// Deletes what the broker confirmed.
pub async fn done(tx: &mut SystemTx, ids: &[i64]) -> Result<(), StoreError> {
    let statement = sql_query("delete from outbox where id = any($1)").bind::<Array<BigInt>, _>(ids);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Puts off what the broker had no queue for.
pub async fn later(tx: &mut SystemTx, ids: &[i64], delay: Duration) -> Result<(), StoreError> {
    let statement = sql_query("update outbox set available_at = now() + make_interval(secs => $2) where id = any($1)")
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Double, _>(delay.as_secs_f64());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}
