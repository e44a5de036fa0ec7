//! The configuration section `bus`.

use std::time::Duration;

use lapin::uri::AMQPUri;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::retry::RetryLevels;
use crate::topology::Topology;
use crate::webhook_queues::{MOST_WEBHOOK_QUEUES, WebhookQueues};

/// The broker closes a connection that is silent for twice this time, and so do we.
const HEARTBEAT_S: u16 = 10;

/// How a service reaches RabbitMQ.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusConfig {
    /// `amqp://user:password@host:port/vhost`, or `amqps://…`; the vhost is percent-encoded.
    pub url: SecretString,
    /// The longest that connecting may take, in milliseconds.
    #[serde(default = "default_connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// The longest that the broker may take to confirm, in milliseconds.
    #[serde(default = "default_publish_timeout_ms")]
    pub publish_timeout_ms: u64,
    /// Flights of messages in the air at once.
    #[serde(default = "default_flights")]
    pub flights: usize,
    /// How long a message that failed waits, by the number of its failures; after the last it is parked. The same in
    /// all services: each delay has a queue of its own.
    #[serde(default = "default_retry_delays_ms")]
    pub retry_delays_ms: Vec<u64>,
    /// Queues that webhooks are split over by their Page: as many workers can store them at once. The same in all
    /// services.
    #[serde(default = "default_webhook_queues")]
    pub webhook_queues: u16,
}

const fn default_connect_timeout_ms() -> u64 {
    5_000
}

const fn default_publish_timeout_ms() -> u64 {
    3_000
}

const fn default_flights() -> usize {
    8
}

fn default_retry_delays_ms() -> Vec<u64> {
    vec![5_000, 60_000, 600_000, 3_600_000]
}

/// Room for four workers; an idle queue costs next to nothing.
const fn default_webhook_queues() -> u16 {
    4
}

/// What is wrong with the section; the texts name the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBusConfig {
    #[error("bus.url: must be amqp://user:password@host:port/vhost")]
    Url,
    #[error("bus.connect_timeout_ms and bus.publish_timeout_ms: must be 100 to 60000")]
    Timeout,
    #[error("bus.flights: must be 1 to 256")]
    Flights,
    #[error("bus.retry_delays_ms: must be 1 to 8 delays, each longer than the one before, of at most a day")]
    RetryDelays,
    #[error("bus.webhook_queues: must be 1 to {MOST_WEBHOOK_QUEUES}")]
    WebhookQueues,
}

impl BusConfig {
    /// The defaults with this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: SecretString::from(url.into()),
            connect_timeout_ms: default_connect_timeout_ms(),
            publish_timeout_ms: default_publish_timeout_ms(),
            flights: default_flights(),
            retry_delays_ms: default_retry_delays_ms(),
            webhook_queues: default_webhook_queues(),
        }
    }

    pub fn validate(&self) -> Result<(), InvalidBusConfig> {
        self.uri()?;
        let timeouts = [self.connect_timeout_ms, self.publish_timeout_ms];
        if !timeouts.iter().all(|timeout| (100..=60_000).contains(timeout)) {
            return Err(InvalidBusConfig::Timeout);
        }
        if !(1..=256).contains(&self.flights) {
            return Err(InvalidBusConfig::Flights);
        }
        self.topology()?;
        Ok(())
    }

    pub(crate) fn uri(&self) -> Result<AMQPUri, InvalidBusConfig> {
        let mut uri: AMQPUri = self.url.expose_secret().parse().map_err(|_unshown: String| InvalidBusConfig::Url)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT_S);
        Ok(uri)
    }

    /// What is declared on the broker.
    pub fn topology(&self) -> Result<Topology, InvalidBusConfig> {
        Ok(Topology::new(&self.retry_levels()?, self.webhook_queues()?))
    }

    pub(crate) fn webhook_queues(&self) -> Result<WebhookQueues, InvalidBusConfig> {
        WebhookQueues::new(self.webhook_queues).ok_or(InvalidBusConfig::WebhookQueues)
    }

    pub(crate) fn retry_levels(&self) -> Result<RetryLevels, InvalidBusConfig> {
        let delays = self.retry_delays_ms.iter().copied().map(Duration::from_millis).collect();
        RetryLevels::new(delays).ok_or(InvalidBusConfig::RetryDelays)
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(crate) fn publish_timeout(&self) -> Duration {
        Duration::from_millis(self.publish_timeout_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_with_a_url() {
        assert_eq!(BusConfig::new("amqp://guest:guest@localhost:5672/%2f").validate(), Ok(()));
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let valid = BusConfig::new("amqp://localhost");
        assert_eq!(BusConfig::new("http://localhost").validate(), Err(InvalidBusConfig::Url));
        assert_eq!(BusConfig::new("").validate(), Err(InvalidBusConfig::Url));
        let config = BusConfig { publish_timeout_ms: 0, ..valid.clone() };
        assert_eq!(config.validate(), Err(InvalidBusConfig::Timeout));
        let config = BusConfig { flights: 0, ..valid.clone() };
        assert_eq!(config.validate(), Err(InvalidBusConfig::Flights));
        for retry_delays_ms in [vec![], vec![0], vec![5, 5], vec![86_400_001], vec![1, 2, 3, 4, 5, 6, 7, 8, 9]] {
            let config = BusConfig { retry_delays_ms, ..valid.clone() };
            assert_eq!(config.validate(), Err(InvalidBusConfig::RetryDelays));
        }
        for webhook_queues in [0, 65] {
            let config = BusConfig { webhook_queues, ..valid.clone() };
            assert_eq!(config.validate(), Err(InvalidBusConfig::WebhookQueues));
        }
    }

    #[test]
    fn our_heartbeat_is_used_unless_the_url_has_one() {
        let heartbeat = |url: &str| BusConfig::new(url).uri().unwrap().query.heartbeat;
        assert_eq!(heartbeat("amqp://localhost"), Some(HEARTBEAT_S));
        assert_eq!(heartbeat("amqp://localhost?heartbeat=30"), Some(30));
    }
}
