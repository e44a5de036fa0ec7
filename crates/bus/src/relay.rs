//! From an outbox to the broker: messages that were written in a transaction are published after it.

use std::time::Duration;

use metrics::counter;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::message::Outgoing;
use crate::publisher::{Published, Publisher};

/// Claimed at once.
const MOST: u32 = 200;
/// Other processes write to the outbox too.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// A message that this relay alone publishes for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub id: i64,
    pub message: Outgoing,
}

/// Where messages wait.
pub trait OutboxSource: Send + Sync + 'static {
    type Error: std::error::Error + Send + Sync + 'static;

    /// The oldest ones. A claim ends by itself, after a time longer than publishing takes; then they are claimable
    /// again, with the same message ids.
    fn claim(&self, limit: u32) -> impl Future<Output = Result<Vec<Claimed>, Self::Error>> + Send;

    /// They are in a queue: they go.
    fn done(&self, ids: Vec<i64>) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// No queue takes them: they wait for somebody to mend that.
    fn later(&self, ids: Vec<i64>) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Ends when this process has written a message. Those of others are found by looking now and then.
    fn woken(&self) -> impl Future<Output = ()> + Send;
}

/// Publishes what the outbox holds until `stop`. While the broker is away, the outbox is left alone.
pub async fn relay(publisher: Publisher, source: impl OutboxSource, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let claimed = pass(&publisher, &source).await.unwrap_or_else(|error| {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(area = "outbox", error, "the outbox cannot be reached");
            0
        });
        if claimed < MOST as usize {
            stop.run_until_cancelled(timeout(LOOK_INTERVAL, source.woken())).await;
        }
    }
}

/// One claim, published and settled; how many were claimed.
async fn pass<S: OutboxSource>(publisher: &Publisher, source: &S) -> Result<usize, S::Error> {
    if !publisher.is_connected() {
        return Ok(0);
    }
    let claimed = source.claim(MOST).await?;
    let (ids, messages): (Vec<i64>, Vec<Outgoing>) =
        claimed.into_iter().map(|claimed| (claimed.id, claimed.message)).unzip();
    let outcomes = publisher.publish_all(&messages).await;
    let that_are = |wanted: Published| -> Vec<i64> {
        ids.iter().zip(&outcomes).filter(|(_, outcome)| **outcome == wanted).map(|(id, _)| *id).collect()
    };
    let (stored, unroutable) = (that_are(Published::Stored), that_are(Published::Unroutable));
    if !stored.is_empty() {
        source.done(stored).await?;
    }
    if !unroutable.is_empty() {
        tracing::error!(area = "outbox", messages = unroutable.len(), "no queue takes these messages");
        counter!("pagekeeper_outbox_unroutable_total").increment(unroutable.len() as u64);
        source.later(unroutable).await?;
    }
    // The rest was refused or is unknown: it goes again when its claim is over.
    Ok(ids.len())
}
