//! The way of commands from a transaction to RabbitMQ: written with the rows that they follow from, published by a relay.
//!
//! ```text
//! enqueue(tx, &command)   in the transaction
//! bell.ring()             after the commit
//! relay(…)                beside everything else, as long as the service runs
//! ```

use std::sync::Arc;
use std::time::Duration;

use pagekeeper_bus::topology::parked;
use pagekeeper_bus::{Claimed, OutboxSource, Outgoing, Publisher, Tries};
use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_contracts::Contract;
pub use pagekeeper_store::outbox::Failure;
use pagekeeper_store::outbox::{self, ClaimedMessage, OutboxMessage};
use pagekeeper_store::{Store, StoreError, Transaction};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Messages of one claim that are not settled in this time go out again, with the same ids.
const LEASE: Duration = Duration::from_secs(15);

/// How long a message waits that no queue takes: somebody has to declare the queue first.
const POSTPONED: Duration = Duration::from_secs(30);

/// Wakes the relay of this process: something was committed. Others find it by looking every second.
#[derive(Debug, Clone, Default)]
pub struct OutboxBell(Arc<Notify>);

impl OutboxBell {
    /// To be rung after the commit.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// Writes a message in the caller's transaction, in the trace of the current span.
pub async fn enqueue<M: Contract>(tx: &mut impl Transaction, message: &M) -> Result<(), StoreError> {
    enqueue_all(tx, [(message, Duration::ZERO)]).await
}

/// The same of many at once, each to be published some time from now.
pub async fn enqueue_all<'a, M: Contract + 'a>(
    tx: &mut impl Transaction,
    messages: impl IntoIterator<Item = (&'a M, Duration)>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = messages.into_iter().map(|(message, delay)| row(Outgoing::of(message), delay)).collect();
    outbox::enqueue(tx, &rows).await
}

/// Writes a message that no further try can help, and why: it goes to where the parked messages of `home_queue` are.
pub async fn park<M: Contract>(
    tx: &mut impl Transaction,
    home_queue: &str,
    message: &M,
    failure: Failure,
) -> Result<(), StoreError> {
    let parked = Outgoing { exchange: String::new(), routing_key: parked(home_queue), ..Outgoing::of(message) };
    outbox::enqueue(tx, &[OutboxMessage { failure: Some(failure), ..row(parked, Duration::ZERO) }]).await
}

/// Publishes what the table `outbox` holds until `stop`.
pub async fn relay(publisher: Publisher, store: Store, bell: OutboxBell, stop: CancellationToken) {
    pagekeeper_bus::relay(publisher, Table { store, bell }, stop).await;
}

struct Table {
    store: Store,
    bell: OutboxBell,
}

impl OutboxSource for Table {
    type Error = StoreError;

    async fn claim(&self, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        let claimed = self.store.system(async |tx| outbox::claim(tx, limit, LEASE).await).await?;
        Ok(claimed.into_iter().map(|row| Claimed { id: row.id, message: outgoing(row) }).collect())
    }

    async fn done(&self, ids: Vec<i64>) -> Result<(), StoreError> {
        let ids = ids.as_slice();
        self.store.system(async |tx| outbox::done(tx, ids).await).await
    }

    async fn later(&self, ids: Vec<i64>) -> Result<(), StoreError> {
        let ids = ids.as_slice();
        self.store.system(async |tx| outbox::later(tx, ids, POSTPONED).await).await
    }

    async fn woken(&self) {
        self.bell.0.notified().await;
    }
}

fn row(message: Outgoing, delay: Duration) -> OutboxMessage {
    OutboxMessage {
        message_id: message.message_id,
        account_id: message.account_id.map(AccountId::new),
        exchange: message.exchange,
        routing_key: message.routing_key,
        kind: message.kind,
        version: message.version,
        traceparent: message.traceparent,
        body: message.body.into(),
        delay,
        failure: None,
    }
}

fn outgoing(row: ClaimedMessage) -> Outgoing {
    let failed_at = row.failure.is_some().then_some(row.created_at);
    let tries = Tries {
        attempt: row.failed_attempts,
        first_failed_at: failed_at,
        last_failed_at: failed_at,
        last_error: row.failure,
    };
    Outgoing {
        message_id: row.message_id,
        exchange: row.exchange,
        routing_key: row.routing_key,
        kind: row.kind,
        version: row.version,
        account_id: row.account_id.map(AccountId::get),
        traceparent: row.traceparent,
        tries,
        body: row.body.into(),
    }
}
