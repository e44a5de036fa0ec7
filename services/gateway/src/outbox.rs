//! The way of commands from a transaction to RabbitMQ: written with the rows they belong to, published by a relay.

use std::sync::Arc;
use std::time::Duration;

use pagekeeper_bus::{Claimed, OutboxSource, Outgoing, Tries};
use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_contracts::Contract;
use pagekeeper_store::outbox::{self, OutboxMessage};
use pagekeeper_store::{Store, StoreError, SystemTx};
use tokio::sync::Notify;

/// A command or a fact, ready to be written beside the rows that it follows from.
pub(crate) fn message<M: Contract>(contract: &M) -> OutboxMessage {
    let outgoing = Outgoing::of(contract);
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

/// Messages of one claim that are not settled in this time go out again, with the same ids.
const LEASE: Duration = Duration::from_secs(30);

/// How long a message waits that no queue takes: somebody has to declare the queue first.
const POSTPONED: Duration = Duration::from_secs(30);

/// Wakes the relay of this process: something was committed. Others find it by looking now and then.
#[derive(Clone, Default)]
pub(crate) struct Bell(Arc<Notify>);

impl Bell {
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }
}

/// The table `outbox`, for the relay.
pub(crate) struct Outbox {
    pub(crate) store: Store,
    pub(crate) bell: Bell,
}

impl OutboxSource for Outbox {
    type Error = StoreError;

    async fn claim(&self, most: u32) -> Result<Vec<Claimed>, StoreError> {
        let claimed = self.store.system(async |tx: &mut SystemTx| outbox::claim(tx, most, LEASE).await).await?;
        Ok(claimed.into_iter().map(|row| Claimed { id: row.id, message: outgoing(row) }).collect())
    }

    async fn done(&self, ids: Vec<i64>) -> Result<(), StoreError> {
        self.store.system(async |tx: &mut SystemTx| outbox::done(tx, &ids).await).await
    }

    async fn later(&self, ids: Vec<i64>) -> Result<(), StoreError> {
        self.store.system(async |tx: &mut SystemTx| outbox::later(tx, &ids, POSTPONED).await).await
    }

    async fn woken(&self) {
        self.bell.0.notified().await;
    }
}

fn outgoing(row: outbox::ClaimedMessage) -> Outgoing {
    Outgoing {
        message_id: row.message_id,
        exchange: row.exchange,
        routing_key: row.routing_key,
        kind: row.kind,
        version: row.version,
        account_id: row.account_id.map(AccountId::get),
        traceparent: row.traceparent,
        tries: Tries::default(),
        body: row.body.into(),
    }
}
