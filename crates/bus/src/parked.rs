//! Parked messages: looked at, replayed, dropped.
//!
//! RabbitMQ's parked queues are the truth, so that its own dashboards show the same. Whoever looks consumes without
//! acking, on a channel of its own and in windows; what is still held when the channel ends, however it ends, goes back
//! in order. (One `basic.get` per message would be an entry per message in the quorum queue's log, each time that
//! somebody looks; a consumer is one.) A replay publishes a copy to the home queue, waits for its confirm and acks then:
//! a crash between the two replays a message twice, which is harmless, since every handler may see a message again.
//!
//! Two who look at one queue at once see a part each. One process therefore looks once at a time, and waits while the
//! queue has consumers of others, who are other processes that look.

mod message;
mod window;

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use lapin::Channel;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

pub use message::ParkedMessage;

use crate::bus::Lifetime;
use crate::connection::Link;
use crate::publisher::{Published, Publisher};
use crate::topology::{Topology, parked};
use window::{Held, Window, depth_of};

/// One look reads at most so much, oldest first; what is behind comes to sight when it was settled.
const MOST_MESSAGES: usize = 10_000;
const MOST_BYTES: usize = 64 << 20;
/// A look, a replay or a drop as a whole, after its turn has come.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long a caller waits for its turn.
const TURN_LIMIT: Duration = Duration::from_secs(15);

/// The parked queues. Clones share their turns.
#[derive(Clone)]
pub struct ParkedQueues {
    link: Link,
    publisher: Publisher,
    topology: Arc<Topology>,
    turn: Arc<Mutex<()>>,
    _lifetime: Lifetime,
}

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browsed<T> {
    pub kept: Vec<T>,
    /// False: there is more than one look reads, or somebody else held a part.
    pub is_complete: bool,
}

/// What became of the wanted messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    pub settled: usize,
    /// False: some were left, for the limit, for a broker that did not take the copy, or since somebody else held them.
    pub is_complete: bool,
}

/// What to do with parked messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Home, to be tried from the first try on.
    Replay,
    /// For good.
    Drop,
}

/// The parked queues cannot be looked at; again later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParkedError {
    #[error("there is no connection to the broker")]
    Disconnected,
    #[error("the broker did not answer in time")]
    TimedOut,
    #[error("the broker refused: {0}")]
    Refused(String),
    #[error("no queue has the name {0:?}")]
    NoSuchQueue(String),
}

impl ParkedQueues {
    pub(crate) fn new(link: Link, publisher: Publisher, topology: Arc<Topology>, lifetime: Lifetime) -> Self {
        Self { link, publisher, topology, turn: Arc::default(), _lifetime: lifetime }
    }

    /// The queues whose messages may be parked, by name.
    pub fn home_queues(&self) -> Vec<String> {
        self.topology.work_queues().map(str::to_owned).collect()
    }

    /// Looks at what is parked of `home_queue` and keeps what `keep` makes of it; the messages stay where they are.
    pub async fn browse<T, F>(&self, home_queue: &str, keep: F) -> Result<Browsed<T>, ParkedError>
    where
        F: Fn(&ParkedMessage) -> Option<T> + Send + Sync,
        T: Send,
    {
        let mut browsed = Browsed { kept: Vec::new(), is_complete: false };
        let mut again = pauses();
        loop {
            let mut walk = Walk { kept: Vec::new(), fate: None, limit: MOST_MESSAGES, settled: 0 };
            let end = self.walk(home_queue, &mut walk, &|message: &ParkedMessage| keep(message)).await?;
            if walk.kept.len() >= browsed.kept.len() {
                browsed = Browsed { kept: walk.kept, is_complete: end == End::All };
            }
            match again.next() {
                Some(pause) if end == End::Contended => sleep(pause).await,
                _ => return Ok(browsed),
            }
        }
    }

    /// Settles the parked messages of `home_queue` that are `wanted`, at most `limit` of them.
    pub async fn settle<F>(&self, home_queue: &str, fate: Fate, limit: usize, wanted: F) -> Result<Settled, ParkedError>
    where
        F: Fn(&ParkedMessage) -> bool + Send + Sync,
    {
        let mut walk = Walk { kept: Vec::new(), fate: Some(fate), limit, settled: 0 };
        let mut again = pauses();
        loop {
            let end =
                self.walk(home_queue, &mut walk, &|message: &ParkedMessage| wanted(message).then_some(())).await?;
            match again.next() {
                Some(pause) if end == End::Contended => sleep(pause).await,
                _ => return Ok(Settled { settled: walk.settled, is_complete: end == End::All }),
            }
        }
    }

    /// How many messages are ready in each queue of the topology, parked queues and retry levels too.
    pub async fn depths(&self) -> Result<Vec<(String, u32)>, ParkedError> {
        let reading = async {
            let channel = self.open().await?;
            let mut depths = Vec::new();
            for queue in &self.topology.queues {
                depths.push((queue.name.clone(), depth_of(&channel, &queue.name).await?.ready));
            }
            Ok(depths)
        };
        timeout(TIME_LIMIT, reading).await.map_err(|_elapsed| ParkedError::TimedOut)?
    }

    async fn walk<T: Send>(
        &self,
        home_queue: &str,
        walk: &mut Walk<T>,
        choose: &(dyn Fn(&ParkedMessage) -> Option<T> + Send + Sync),
    ) -> Result<End, ParkedError> {
        if !self.topology.work_queues().any(|queue| queue == home_queue) {
            return Err(ParkedError::NoSuchQueue(home_queue.to_owned()));
        }
        let turn = timeout(TURN_LIMIT, self.turn.lock()).await;
        let _turn = turn.map_err(|_elapsed| ParkedError::TimedOut)?;
        let channel = timeout(TIME_LIMIT, self.open()).await.map_err(|_elapsed| ParkedError::TimedOut)??;
        let walking = timeout(TIME_LIMIT, self.windows(&channel, home_queue, walk, choose)).await;
        // Also when the time was up: what is held goes back now.
        channel.give_back().await;
        walking.map_err(|_elapsed| ParkedError::TimedOut)?
    }

    async fn windows<T>(
        &self,
        channel: &Channel,
        home_queue: &str,
        walk: &mut Walk<T>,
        choose: &(dyn Fn(&ParkedMessage) -> Option<T> + Send + Sync),
    ) -> Result<End, ParkedError> {
        let queue = parked(home_queue);
        let (mut messages, mut bytes) = (0, 0);
        // A consumer that was cancelled counts for as long as it holds messages.
        let mut holding = 0;
        until_alone(channel, &queue).await?;
        for number in 0_u32.. {
            let depth = depth_of(channel, &queue).await?;
            if depth.ready == 0 {
                return Ok(if depth.consumers > holding { End::Contended } else { End::All });
            }
            if messages >= MOST_MESSAGES || bytes >= MOST_BYTES || walk.is_full() {
                return Ok(End::Bound);
            }
            let window = Window::take(channel, &queue, home_queue, number, depth.ready).await?;
            messages += window.messages.len();
            bytes += window.bytes();
            let settled_before = walk.settled;
            if !self.settle_window(channel, walk, &window, choose).await? {
                return Ok(End::Bound);
            }
            holding += u32::from(walk.settled - settled_before < window.messages.len());
            if !window.is_full {
                return Ok(End::Contended);
            }
        }
        Ok(End::Bound)
    }

    /// False if there is no use in going on: the limit is reached, or the broker took a copy not.
    async fn settle_window<T>(
        &self,
        channel: &Channel,
        walk: &mut Walk<T>,
        window: &Window,
        choose: &(dyn Fn(&ParkedMessage) -> Option<T> + Send + Sync),
    ) -> Result<bool, ParkedError> {
        let chosen = window.messages.iter().enumerate();
        let mut chosen = chosen.filter_map(|(index, message)| choose(message).map(|kept| (index, kept)));
        let Some(fate) = walk.fate else {
            walk.kept.extend(chosen.map(|(_, kept)| kept));
            return Ok(true);
        };
        let room = walk.limit.saturating_sub(walk.settled);
        let wanted: Vec<usize> = chosen.by_ref().take(room).map(|(index, _)| index).collect();
        let is_within_limit = chosen.next().is_none();
        let chosen = || wanted.iter().filter_map(|index| window.messages.get(*index));
        let outcomes = match fate {
            Fate::Drop => vec![Published::Stored; wanted.len()],
            Fate::Replay => {
                let copies: Vec<_> = chosen().map(ParkedMessage::copy_home).collect();
                self.publisher.publish_all(&copies).await
            }
        };
        let stored = wanted.iter().zip(&outcomes).filter(|(_, outcome)| **outcome == Published::Stored);
        let stored: Vec<usize> = stored.map(|(index, _)| *index).collect();
        window.ack(channel, &stored).await?;
        walk.settled += stored.len();
        Ok(is_within_limit && outcomes.iter().all(|outcome| *outcome == Published::Stored))
    }

    async fn open(&self) -> Result<Held, ParkedError> {
        let established = self.link.connected().ok_or(ParkedError::Disconnected)?;
        Ok(Held::new(established.connection.create_channel().await?))
    }
}

/// Waits for others who look to end; they are fast. If they do not, the walk meets what they left.
async fn until_alone(channel: &Channel, queue: &str) -> Result<(), ParkedError> {
    for pause in pauses() {
        if depth_of(channel, queue).await?.consumers == 0 {
            break;
        }
        sleep(pause).await;
    }
    Ok(())
}

/// What a walk through a queue collects or settles.
struct Walk<T> {
    kept: Vec<T>,
    fate: Option<Fate>,
    limit: usize,
    settled: usize,
}

impl<T> Walk<T> {
    fn is_full(&self) -> bool {
        self.fate.is_some() && self.settled >= self.limit
    }
}

/// Why a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    All,
    Bound,
    /// Somebody else holds some of the messages.
    Contended,
}

impl From<lapin::Error> for ParkedError {
    fn from(error: lapin::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

/// Between two tries where somebody else looks: 30 ms, doubled, about two seconds in all; with jitter, since they wait too.
fn pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(30))
        .with_max_delay(Duration::from_millis(500))
        .with_factor(2.0)
        .with_jitter()
        .with_max_times(7)
        .build()
}
