//! The broker, as a service sees it.

use std::sync::Arc;
use std::time::Duration;

use pagekeeper_contracts::Exchange;
use tokio::time::{Instant, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::config::{BusConfig, InvalidBusConfig};
use crate::connection::{Link, LinkState};
use crate::live_queue::LiveQueue;
use crate::parked::ParkedQueues;
use crate::pool::ChannelPool;
use crate::publisher::Publisher;
use crate::supervisor::{Dial, supervise};
use crate::topology::Topology;
use crate::webhook_queues::WebhookQueues;

/// Both connections together say goodbye within this time.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// Two connections to RabbitMQ, one to publish and one to consume, made again whenever they are lost. Clones share them.
#[derive(Clone)]
pub struct Bus {
    publish: Link,
    consume: Link,
    publisher: Publisher,
    topology: Arc<Topology>,
    webhook_queues: WebhookQueues,
    lifetime: Lifetime,
}

/// Ends the connections when the last one that holds it is gone.
#[derive(Clone)]
pub(crate) struct Lifetime {
    supervisors: TaskTracker,
    close: CancellationToken,
    _guard: Arc<DropGuard>,
}

/// For probes, and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusState {
    Connected,
    /// There is no connection, or the broker takes no messages on it.
    Disconnected {
        since: Instant,
        reason: String,
    },
}

impl Bus {
    /// Connects in the background, for as long as it takes, until `stop`.
    pub fn start(
        config: &BusConfig,
        service: &'static str,
        stop: &CancellationToken,
    ) -> Result<Self, InvalidBusConfig> {
        config.validate()?;
        let levels = Arc::new(config.retry_levels()?);
        let (topology, webhook_queues) = (Arc::new(config.topology()?), config.webhook_queues()?);
        let uri = config.uri()?;
        let (supervisors, close) = (TaskTracker::new(), stop.child_token());
        let open = |purpose: &'static str| {
            let dial = Dial {
                uri: uri.clone(),
                name: format!("{service}/{purpose}"),
                purpose,
                timeout: config.connect_timeout(),
                topology: Arc::clone(&topology),
            };
            let (link, supervisor) = supervise(dial, close.clone());
            supervisors.spawn(supervisor);
            link
        };
        let (publish, consume) = (open("publish"), open("consume"));
        supervisors.close();
        let lifetime = Lifetime { supervisors, close: close.clone(), _guard: Arc::new(close.drop_guard()) };
        let pool = ChannelPool::new(publish.clone(), config.flights);
        let publisher = Publisher::new(pool, config.publish_timeout(), levels, lifetime.clone());
        Ok(Self { publish, consume, publisher, topology, webhook_queues, lifetime })
    }

    pub fn publisher(&self) -> Publisher {
        self.publisher.clone()
    }

    /// What webhooks are split over.
    pub fn webhook_queues(&self) -> WebhookQueues {
        self.webhook_queues
    }

    pub fn state(&self) -> BusState {
        let states = [self.publish.state(), self.consume.state()];
        let broken = states.into_iter().find_map(|state| match state {
            LinkState::Connected(_) => None,
            LinkState::Blocked { since, reason, .. } => {
                Some(BusState::Disconnected { since, reason: format!("the broker takes no messages: {reason}") })
            }
            LinkState::Disconnected { since, reason } => Some(BusState::Disconnected { since, reason }),
        });
        broken.unwrap_or(BusState::Connected)
    }

    /// Waits until both connections are up, at most `limit`.
    pub async fn ready(&self, limit: Duration) -> bool {
        let (mut publish, mut consume) = (self.publish.clone(), self.consume.clone());
        let both = async { tokio::join!(publish.until_connected(), consume.until_connected()) };
        matches!(timeout(limit, both).await, Ok((true, true)))
    }

    /// What is parked. Take it once: those who share it look one after the other.
    pub fn parked_queues(&self) -> ParkedQueues {
        let topology = Arc::clone(&self.topology);
        ParkedQueues::new(self.consume.clone(), self.publisher.clone(), topology, self.lifetime.clone())
    }

    /// A queue of this process' own that gets what matches `bindings`, exchanges with topic keys, for as long as it is
    /// held. What it carries are hints: what comes while there is no connection is lost.
    pub fn live_queue(&self, bindings: Vec<(Exchange, String)>) -> LiveQueue {
        LiveQueue::open(self.consume.clone(), bindings, self.lifetime.clone())
    }

    /// Closes the connections. Consumers should have ended before: what they have not acked comes again.
    pub async fn close(self) {
        self.lifetime.close.cancel();
        let _too_late = timeout(CLOSE_LIMIT, self.lifetime.supervisors.wait()).await;
    }

    pub(crate) fn consume_link(&self) -> Link {
        self.consume.clone()
    }

    pub(crate) fn topology(&self) -> Arc<Topology> {
        Arc::clone(&self.topology)
    }
}
