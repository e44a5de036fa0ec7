use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use pagekeeper_bus::topology::BACKGROUND_COMMANDS;
use pagekeeper_bus::{Claimed, OutboxSource, Outgoing, relay};
use pagekeeper_testkit::{ChaosProxy, Poll, TestVhost, wait_for};
use tokio::sync::{Mutex, Notify};

use crate::support::{LIMIT, TestBus, command, ready_messages, unroutable};

/// An outbox whose claims end at once.
#[derive(Clone, Default)]
struct Outbox {
    waiting: Arc<Mutex<BTreeMap<i64, Outgoing>>>,
    postponed: Arc<Mutex<Vec<i64>>>,
    bell: Arc<Notify>,
}

impl Outbox {
    async fn write(&self, messages: impl IntoIterator<Item = Outgoing>) {
        self.waiting.lock().await.extend((0..).zip(messages));
        self.bell.notify_one();
    }

    async fn until_empty(&self) {
        wait_for("an empty outbox", LIMIT, async || {
            let waiting = self.waiting.lock().await.len();
            Poll::when((waiting == 0).then_some(()), format!("{waiting} wait"))
        })
        .await;
    }
}

impl OutboxSource for Outbox {
    type Error = Infallible;

    async fn claim(&self, limit: u32) -> Result<Vec<Claimed>, Infallible> {
        let waiting = self.waiting.lock().await;
        let oldest = waiting.iter().take(limit as usize);
        Ok(oldest.map(|(id, message)| Claimed { id: *id, message: message.clone() }).collect())
    }

    async fn done(&self, ids: Vec<i64>) -> Result<(), Infallible> {
        self.waiting.lock().await.retain(|id, _| !ids.contains(id));
        Ok(())
    }

    async fn later(&self, ids: Vec<i64>) -> Result<(), Infallible> {
        self.postponed.lock().await.extend(&ids);
        self.done(ids).await
    }

    async fn woken(&self) {
        self.bell.notified().await;
    }
}

#[tokio::test]
async fn the_outbox_is_published_and_what_no_queue_takes_is_put_off() {
    let vhost = TestVhost::new().await;
    let bus = TestBus::start(&vhost.url()).await;
    let outbox = Outbox::default();
    let relaying = tokio::spawn(relay(bus.bus.publisher(), outbox.clone(), bus.stop.child_token()));
    outbox.write((0..450).map(command).chain([unroutable()])).await;
    outbox.until_empty().await;
    assert_eq!(*outbox.postponed.lock().await, [450]);
    assert_eq!(ready_messages(&vhost.url(), BACKGROUND_COMMANDS).await, 450);
    bus.stop.cancel();
    relaying.await.unwrap();
}

#[tokio::test]
async fn the_outbox_keeps_everything_while_the_broker_is_away() {
    let vhost = TestVhost::new().await;
    let proxy = ChaosProxy::start(&vhost.url()).await.unwrap();
    proxy.refuse();
    let bus = TestBus::start_without_broker(&proxy.url(&vhost.url()));
    let outbox = Outbox::default();
    tokio::spawn(relay(bus.bus.publisher(), outbox.clone(), bus.stop.child_token()));
    outbox.write((0..10).map(command)).await;
    assert_eq!(outbox.waiting.lock().await.len(), 10);
    proxy.resume();
    outbox.until_empty().await;
    assert_eq!(ready_messages(&vhost.url(), BACKGROUND_COMMANDS).await, 10);
}
