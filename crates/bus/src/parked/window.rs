//! Messages that are held for a while: taken by a consumer that is cancelled as soon as it has them.

use std::ops::Deref;
use std::time::Duration;

use futures_util::StreamExt as _;
use lapin::options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Acker, Channel};
use tokio::time::timeout;

use super::ParkedError;
use super::message::ParkedMessage;

/// Bounds what is in memory beyond the caller's own bound.
const WINDOW: u16 = 500;
/// Without a delivery for so long, somebody else has got them.
const IDLE: Duration = Duration::from_secs(1);
const GOODBYE_LIMIT: Duration = Duration::from_secs(5);

/// A channel that holds messages. However it goes, it is closed, and they go back.
pub(super) struct Held {
    channel: Channel,
    is_closed: bool,
}

impl Held {
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel, is_closed: false }
    }

    pub(super) async fn give_back(mut self) {
        self.is_closed = true;
        close(&self.channel).await;
    }
}

impl Deref for Held {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        &self.channel
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Whoever looked was given up; outside of a runtime the connection ends too.
        if let (false, Ok(runtime)) = (self.is_closed, tokio::runtime::Handle::try_current()) {
            let channel = self.channel.clone();
            runtime.spawn(async move { close(&channel).await });
        }
    }
}

async fn close(channel: &Channel) {
    let _too_late = timeout(GOODBYE_LIMIT, channel.close(200, "bye".into())).await;
}

/// A queue at a moment.
pub(super) struct Depth {
    /// Held ones are not among them.
    pub(super) ready: u32,
    pub(super) consumers: u32,
}

pub(super) async fn depth_of(channel: &Channel, queue: &str) -> Result<Depth, ParkedError> {
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let found = channel.queue_declare(queue.into(), options, FieldTable::default()).await?;
    Ok(Depth { ready: found.message_count(), consumers: found.consumer_count() })
}

/// Some messages in order, held until they are acked or the channel ends.
pub(super) struct Window {
    pub(super) messages: Vec<ParkedMessage>,
    ackers: Vec<Acker>,
    /// As many as were ready.
    pub(super) is_full: bool,
}

impl Window {
    /// The consumers' tags grow, since their messages go back in the order of these.
    pub(super) async fn take(
        channel: &Channel,
        queue: &str,
        home_queue: &str,
        number: u32,
        ready: u32,
    ) -> Result<Self, ParkedError> {
        let most = u16::try_from(ready).unwrap_or(WINDOW).min(WINDOW);
        let tag = format!("window-{number:04}");
        // For this consumer alone: the broker sends no more until one of them is acked.
        channel.basic_qos(most, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let mut consumer =
            channel.basic_consume(queue.into(), tag.as_str().into(), options, FieldTable::default()).await?;
        let mut window = Self { messages: Vec::new(), ackers: Vec::new(), is_full: false };
        while window.messages.len() < usize::from(most) {
            let Ok(delivery) = timeout(IDLE, consumer.next()).await else { break };
            let Some(delivery) = delivery.transpose()? else { break };
            window.ackers.push(delivery.acker.clone());
            window.messages.push(ParkedMessage::of(home_queue, delivery));
        }
        window.is_full = window.messages.len() == usize::from(most);
        channel.basic_cancel(tag.as_str().into(), BasicCancelOptions::default()).await?;
        Ok(window)
    }

    pub(super) fn bytes(&self) -> usize {
        self.messages.iter().map(|message| message.message.body.len()).sum()
    }

    /// Acks these and waits until the queue has them. In a transaction the broker hands them to the queue at once; acks one
    /// by one it holds back when there are many, and forgets those if the channel ends meanwhile.
    pub(super) async fn ack(&self, channel: &Channel, indices: &[usize]) -> Result<(), ParkedError> {
        if indices.is_empty() {
            return Ok(());
        }
        channel.tx_select().await?;
        for acker in indices.iter().filter_map(|index| self.ackers.get(*index)) {
            if !acker.ack(BasicAckOptions::default()).await? {
                return Err(ParkedError::Disconnected);
            }
        }
        channel.tx_commit().await?;
        Ok(())
    }
}
