//! Channels in confirm mode, one flight of messages on each at a time: on a shared channel confirms and returns cannot be
//! told apart.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lapin::options::ConfirmSelectOptions;
use lapin::{Channel, Connection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::Link;

#[derive(Clone)]
pub(crate) struct ChannelPool {
    link: Link,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<IdleChannel>>>,
}

struct IdleChannel {
    generation: u64,
    channel: Channel,
}

/// A channel for one flight. Dropped, it is closed: only [`PooledChannel::give_back`] makes it available again.
pub(crate) struct PooledChannel {
    channel: Channel,
    generation: u64,
    is_settled: bool,
    pool: ChannelPool,
    _permit: OwnedSemaphorePermit,
}

/// No channel can be had: nothing was sent.
#[derive(Debug)]
pub(crate) struct NoChannel;

impl ChannelPool {
    pub(crate) fn new(link: Link, size: usize) -> Self {
        Self { link, permits: Arc::new(Semaphore::new(size)), idle: Arc::default() }
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    /// Waits while all are in the air; fails at once while there is no connection.
    pub(crate) async fn take(&self) -> Result<PooledChannel, NoChannel> {
        self.link.connected().ok_or(NoChannel)?;
        let permit = self.permits.clone().acquire_owned().await.map_err(|_closed| NoChannel)?;
        // Asked again: it may have been lost during the wait.
        let established = self.link.connected().ok_or(NoChannel)?;
        let generation = established.generation;
        let channel = match self.idle_of(generation) {
            Some(channel) => channel,
            None => open(&established.connection).await.map_err(|_lost| NoChannel)?,
        };
        Ok(PooledChannel { channel, generation, is_settled: false, pool: self.clone(), _permit: permit })
    }

    /// An idle channel that still works; those of earlier connections are thrown away.
    fn idle_of(&self, generation: u64) -> Option<Channel> {
        let mut idle = lock(&self.idle);
        idle.retain(|idle| idle.generation == generation && idle.channel.status().connected());
        idle.pop().map(|idle| idle.channel)
    }
}

impl PooledChannel {
    pub(crate) fn channel(&self) -> &Channel {
        &self.channel
    }

    /// After a flight of which every message was settled.
    pub(crate) fn give_back(mut self) {
        self.is_settled = true;
    }
}

impl Drop for PooledChannel {
    fn drop(&mut self) {
        if self.is_settled {
            let idle = IdleChannel { generation: self.generation, channel: self.channel.clone() };
            lock(&self.pool.idle).push(idle);
        } else {
            // The flight failed, or was given up by whoever waited for it: late answers would be taken for the next
            // flight's, and the broker may be gone.
            self.pool.link.suspect();
        }
    }
}

async fn open(connection: &Connection) -> Result<Channel, lapin::Error> {
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok(channel)
}

fn lock(idle: &Mutex<Vec<IdleChannel>>) -> MutexGuard<'_, Vec<IdleChannel>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
