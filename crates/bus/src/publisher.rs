//! Publishing: persistent, `mandatory`, confirmed, each flight with a time limit.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use metrics::{counter, histogram};
use tokio::time::{Instant, timeout_at};

use crate::bus::Lifetime;
use crate::flight::fly;
use crate::message::{Outgoing, Tries};
use crate::pool::ChannelPool;
use crate::retry::{RetryLevels, for_parking};

/// More in flight on one channel makes the confirms later and not more.
const MOST_IN_FLIGHT: usize = 256;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// In a queue, on disk.
    Stored,
    /// Surely not stored: the broker said no, or could not be asked.
    Refused,
    /// Not stored: no queue takes it.
    Unroutable,
    /// It may be stored: no answer came in time, or the connection was lost.
    Unknown,
}

/// A message is not known to be in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    #[error("the broker did not take the message, or is away")]
    Refused,
    #[error("no queue takes the message")]
    Unroutable,
    #[error("the broker did not confirm the message: it may be stored")]
    Unknown,
}

/// Publishes on the bus. Clones share its channels.
#[derive(Clone)]
pub struct Publisher {
    pool: ChannelPool,
    time_limit: Duration,
    levels: Arc<RetryLevels>,
    _lifetime: Lifetime,
}

impl Publisher {
    pub(crate) fn new(pool: ChannelPool, time_limit: Duration, levels: Arc<RetryLevels>, lifetime: Lifetime) -> Self {
        Self { pool, time_limit, levels, _lifetime: lifetime }
    }

    /// Publishes in flights and tells of each message, in order, what became of it. Fails at once while the broker is
    /// away or takes nothing. The future may be dropped: what it had sent may be stored.
    pub async fn publish_all(&self, batch: &[Outgoing]) -> Vec<Published> {
        self.publish_all_within(batch, self.time_limit).await
    }

    /// The same with a time limit of the caller's for each flight of at most 256 messages.
    pub async fn publish_all_within(&self, batch: &[Outgoing], limit: Duration) -> Vec<Published> {
        let mut published = Vec::with_capacity(batch.len());
        for flight in batch.chunks(MOST_IN_FLIGHT) {
            published.extend(self.flight(flight, limit).await);
        }
        published
    }

    pub async fn publish(&self, message: Outgoing) -> Result<(), PublishError> {
        match self.flight(&[message], self.time_limit).await.first() {
            Some(Published::Stored) => Ok(()),
            Some(Published::Unroutable) => Err(PublishError::Unroutable),
            Some(Published::Refused) => Err(PublishError::Refused),
            Some(Published::Unknown) | None => Err(PublishError::Unknown),
        }
    }

    /// Whether there is a connection on which the broker takes messages. Its peer may be frozen all the same.
    pub fn is_connected(&self) -> bool {
        self.pool.link().connected().is_some()
    }

    /// The copy to publish for a message of `home_queue`, or for a part of one, that has failed as `tries` say and now
    /// once more: it waits at the level of its failures and comes home, or is parked after the last level. The reason is
    /// kept with it, so it must not hold personal data.
    pub fn for_retry(&self, home_queue: &str, message: Outgoing, tries: &Tries, reason: &str) -> Outgoing {
        self.levels.for_retry(home_queue, message, tries, reason, Utc::now())
    }

    /// The copy to publish for a message of `home_queue`, or for a part of one, that no further try can help.
    pub fn for_parking(&self, home_queue: &str, message: Outgoing, tries: &Tries, reason: &str) -> Outgoing {
        for_parking(home_queue, message, tries, reason, Utc::now())
    }

    /// Publishes messages that are only meant to learn what becomes of them.
    pub(crate) async fn probe(&self, messages: &[Outgoing]) -> Vec<Published> {
        self.within(Instant::now() + self.time_limit, messages).await
    }

    async fn flight(&self, messages: &[Outgoing], limit: Duration) -> Vec<Published> {
        let started = Instant::now();
        let published = self.within(started + limit, messages).await;
        histogram!("pagekeeper_bus_publish_duration_seconds").record(started.elapsed());
        for (message, published) in messages.iter().zip(&published) {
            let labels = [("exchange", message.exchange.clone()), ("outcome", published.name().to_owned())];
            counter!("pagekeeper_bus_published_total", &labels).increment(1);
        }
        published
    }

    async fn within(&self, deadline: Instant, messages: &[Outgoing]) -> Vec<Published> {
        let Ok(Ok(channel)) = timeout_at(deadline, self.pool.take()).await else {
            return vec![Published::Refused; messages.len()];
        };
        let Ok(published) = timeout_at(deadline, fly(channel.channel(), messages)).await else {
            return vec![Published::Unknown; messages.len()];
        };
        if !published.contains(&Published::Unknown) {
            channel.give_back();
        }
        published
    }
}

impl Published {
    const fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Refused => "refused",
            Self::Unroutable => "unroutable",
            Self::Unknown => "unknown",
        }
    }
}
