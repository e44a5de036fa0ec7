//! Bundles to RabbitMQ: persistent, routed and confirmed, or not published at all as far as we know.

use bytes::Bytes;
use pagekeeper_bus::{Outgoing, Published, Publisher};
use pagekeeper_contracts::v1::WebhookBundle;
use tokio::time::Instant;

#[derive(Clone)]
pub(crate) struct Broker {
    publisher: Publisher,
}

impl Broker {
    pub(crate) fn new(publisher: Publisher) -> Self {
        Self { publisher }
    }

    /// Publishes encoded bundles in one flight and answers, for each, whether it is safe in a queue. What was not
    /// confirmed by `deadline` may still get there.
    pub(crate) async fn publish(&self, bundles: impl IntoIterator<Item = Bytes>, deadline: Instant) -> Vec<bool> {
        let flight: Vec<Outgoing> = bundles.into_iter().map(message).collect();
        let limit = deadline.saturating_duration_since(Instant::now());
        let published = self.publisher.publish_all_within(&flight, limit).await;
        published.into_iter().map(|published| published == Published::Stored).collect()
    }

    /// Whether the broker confirms on the whole way into the queue. The canary is a bundle without entries, of which
    /// sync-worker has nothing to store.
    pub(crate) async fn confirms_a_canary(&self, deadline: Instant) -> bool {
        self.publish([Bytes::new()], deadline).await == [true]
    }

    /// Whether there is a connection that takes messages. Its peer may be frozen all the same.
    pub(crate) fn is_connected(&self) -> bool {
        self.publisher.is_connected()
    }
}

/// The empty bundle gives the message's properties, the encoded one its content.
fn message(encoded: Bytes) -> Outgoing {
    Outgoing { body: encoded, ..Outgoing::of(&WebhookBundle::default()) }
}
