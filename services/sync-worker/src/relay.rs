//! The outbox's way to the broker: commands that were written in the transaction that made them necessary.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use pagekeeper_bus::{Claimed, OutboxSource, Outgoing, Tries};
use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_contracts::Contract;
use pagekeeper_store::outbox::{self, ClaimedMessage, OutboxMessage};
use pagekeeper_store::{Store, StoreError};
use tokio::sync::Notify;

/// A relay that dies gives its messages back after this.
const LEASE: Duration = Duration::from_secs(15);

/// What no queue takes waits for somebody to declare one.
const UNROUTABLE_WAIT: Duration = Duration::from_mins(5);

/// Wakes the relay of this process; messages of others are found within a second.
#[derive(Debug, Clone, Default)]
pub struct OutboxBell(Arc<Notify>);

impl OutboxBell {
    /// To be rung after the commit.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// The outbox of the worker's database.
pub struct WorkerOutbox {
    pub store: Store,
    pub bell: OutboxBell,
}

/// A contract's message as a row of the outbox.
pub fn outbox_message<M: Contract>(message: &M) -> OutboxMessage {
    let outgoing = Outgoing::of(message);
    OutboxMessage {
        message_id: outgoing.message_id,
        account_id: outgoing.account_id.map(AccountId::new),
        exchange: outgoing.exchange,
        routing_key: outgoing.routing_key,
        kind: outgoing.kind,
        version: outgoing.version,
        traceparent: outgoing.traceparent,
        body: outgoing.body.to_vec(),
    }
}

impl OutboxSource for WorkerOutbox {
    type Error = StoreError;

    async fn claim(&self, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        let claimed = self.store.system(async |tx| outbox::claim(tx, limit, LEASE).await).await?;
        Ok(claimed.into_iter().map(outgoing).collect())
    }

    async fn done(&self, ids: Vec<i64>) -> Result<(), StoreError> {
        let ids = ids.as_slice();
        self.store.system(async |tx| outbox::done(tx, ids).await).await
    }

    async fn later(&self, ids: Vec<i64>) -> Result<(), StoreError> {
        let ids = ids.as_slice();
        self.store.system(async |tx| outbox::later(tx, ids, UNROUTABLE_WAIT).await).await
    }

    async fn woken(&self) {
        self.bell.0.notified().await;
    }
}

fn outgoing(row: ClaimedMessage) -> Claimed {
    let message = Outgoing {
        message_id: row.message_id,
        exchange: row.exchange,
        routing_key: row.routing_key,
        kind: row.kind,
        version: row.version,
        account_id: row.account_id.map(AccountId::get),
        traceparent: row.traceparent,
        tries: Tries::default(),
        body: Bytes::from(row.body),
    };
    Claimed { id: row.id, message }
}
