//! Deliveries of one channel, taken together and acked together.

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use lapin::options::BasicAckOptions;
use lapin::{Acker, Consumer};
use tokio::time::timeout;

use crate::message::Incoming;

/// An ack waits until the client's thread has written it.
const ACK_LIMIT: Duration = Duration::from_secs(5);

pub(crate) struct Batch {
    messages: Vec<Incoming>,
    last: Acker,
}

impl Batch {
    /// Waits for one delivery and takes what else is there. None when the queue, the channel or the connection is gone.
    pub(crate) async fn take(consumer: &mut Consumer, most: usize) -> Option<Self> {
        let first = consumer.next().await?.ok()?;
        let mut last = first.acker.clone();
        let mut messages = vec![Incoming::of(first)];
        while messages.len() < most {
            // Anything but a delivery will be found again by the next call.
            let Some(Some(Ok(delivery))) = consumer.next().now_or_never() else { break };
            last = delivery.acker.clone();
            messages.push(Incoming::of(delivery));
        }
        Some(Self { messages, last })
    }

    pub(crate) fn messages(&self) -> &[Incoming] {
        &self.messages
    }

    /// False once the channel that delivered them is gone: they come again.
    pub(crate) fn can_be_acked(&self) -> bool {
        self.last.usable()
    }

    /// Acks all of them, and never one of them alone: an ack inside one that was `multiple` would end the channel.
    pub(crate) async fn ack(&self) -> bool {
        let acked = self.last.ack(BasicAckOptions { multiple: true });
        matches!(timeout(ACK_LIMIT, acked).await, Ok(Ok(true)))
    }
}
