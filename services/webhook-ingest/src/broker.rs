//! Bundles to RabbitMQ: persistent, routed and confirmed, or not published at all as far as we know.

use bytes::Bytes;
use pagekeeper_bus::{Outgoing, Published, Publisher, WebhookQueues, webhook_message};
use tokio::time::Instant;

#[derive(Clone)]
pub(crate) struct Broker {
    publisher: Publisher,
    queues: WebhookQueues,
}

impl Broker {
    pub(crate) fn new(publisher: Publisher, queues: WebhookQueues) -> Self {
        Self { publisher, queues }
    }

    /// What webhooks are split over.
    pub(crate) fn queues(&self) -> WebhookQueues {
        self.queues
    }

    /// Publishes encoded bundles, each to the queue of its index, in one flight and answers, for each, whether it is safe in a queue. What was not
    /// confirmed by `deadline` may still get there.
    pub(crate) async fn publish(
        &self,
        bundles: impl IntoIterator<Item = (u16, Bytes)>,
        deadline: Instant,
    ) -> Vec<bool> {
        let flight: Vec<Outgoing> =
            bundles.into_iter().map(|(queue, encoded)| webhook_message(queue, encoded)).collect();
        let limit = deadline.saturating_duration_since(Instant::now());
        let published = self.publisher.publish_all_within(&flight, limit).await;
        published.into_iter().map(|published| published == Published::Stored).collect()
    }

    /// Whether the broker confirms on the whole way into each queue. The canaries are bundles without entries, of which
    /// sync-worker has nothing to store.
    pub(crate) async fn confirms_canaries(&self, deadline: Instant) -> bool {
        let canaries = self.queues.indices().map(|queue| (queue, Bytes::new()));
        self.publish(canaries, deadline).await.into_iter().all(|is_confirmed| is_confirmed)
    }

    /// Whether there is a connection that takes messages. Its peer may be frozen all the same.
    pub(crate) fn is_connected(&self) -> bool {
        self.publisher.is_connected()
    }
}
