//! A queue of one process' own, for hints: exclusive, so that it ends with its connection.

use std::time::Duration;

use futures_util::StreamExt as _;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{Channel, Connection, Consumer};
use pagekeeper_contracts::Exchange;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::bus::Lifetime;
use crate::connection::Link;
use crate::message::Incoming;

/// What waits in this process for a slow reader.
const BUFFER: usize = 256;
const PREFETCH: u16 = 256;
/// What waits on the broker behind that; it drops the oldest beyond.
const QUEUE_MAX_LENGTH: i64 = 10_000;
const DECLARE_LIMIT: Duration = Duration::from_secs(10);
const ACK_LIMIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(500);

/// What a live queue tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live {
    Message(Incoming),
    /// The queue is new, as it is at first and after each loss: whatever is shown or cached may be old.
    Resync,
}

/// Ends when it is dropped.
pub struct LiveQueue {
    told: mpsc::Receiver<Live>,
    _lifetime: Lifetime,
}

impl LiveQueue {
    pub(crate) fn open(link: Link, bindings: Vec<(Exchange, String)>, lifetime: Lifetime) -> Self {
        let (tells, told) = mpsc::channel(BUFFER);
        tokio::spawn(Feeder { link, bindings, tells }.run());
        Self { told, _lifetime: lifetime }
    }

    /// May be dropped while it waits. None once the bus is closed.
    pub async fn recv(&mut self) -> Option<Live> {
        self.told.recv().await
    }
}

struct Feeder {
    link: Link,
    bindings: Vec<(Exchange, String)>,
    tells: mpsc::Sender<Live>,
}

/// Nobody reads any more.
struct NoReader;

impl Feeder {
    async fn run(mut self) {
        let reader = self.tells.clone();
        tokio::select! {
            () = reader.closed() => {}
            NoReader = self.feed() => {}
        }
    }

    async fn feed(&mut self) -> NoReader {
        // Without a connection to come, the bus is closed.
        while let Some(established) = self.link.established().await {
            match timeout(DECLARE_LIMIT, self.declare(&established.connection)).await {
                Ok(Ok((_open, consumer))) => {
                    if let Err(no_reader) = self.pass_on(consumer).await {
                        return no_reader;
                    }
                }
                Ok(Err(error)) => tracing::warn!(area = "bus", %error, "cannot declare a live queue"),
                Err(_) => self.link.suspect(),
            }
            sleep(PAUSE).await;
        }
        NoReader
    }

    async fn declare(&self, connection: &Connection) -> Result<(Channel, Consumer), lapin::Error> {
        let channel = connection.create_channel().await?;
        let mut arguments = FieldTable::default();
        // Quorum queues cannot be exclusive; a broker's default may be quorum.
        arguments.insert("x-queue-type".into(), AMQPValue::LongString(LongString::from("classic")));
        arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(QUEUE_MAX_LENGTH));
        let options = QueueDeclareOptions::exclusive().auto_delete();
        // Without a name: the broker draws one.
        let queue = channel.queue_declare("".into(), options, arguments).await?.name().clone();
        for (exchange, routing_key) in &self.bindings {
            let (exchange, routing_key) = (exchange.name().into(), routing_key.as_str().into());
            let options = QueueBindOptions::default();
            channel.queue_bind(queue.clone(), exchange, routing_key, options, FieldTable::default()).await?;
        }
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let consumer = channel.basic_consume(queue, "".into(), options, FieldTable::default()).await?;
        Ok((channel, consumer))
    }

    /// Until the queue is lost. Acks bound what the broker sends ahead of a slow reader.
    async fn pass_on(&self, mut consumer: Consumer) -> Result<(), NoReader> {
        self.tells.send(Live::Resync).await.map_err(|_gone| NoReader)?;
        while let Some(Ok(delivery)) = consumer.next().await {
            let acker = delivery.acker.clone();
            self.tells.send(Live::Message(Incoming::of(delivery))).await.map_err(|_gone| NoReader)?;
            if !matches!(timeout(ACK_LIMIT, acker.ack(BasicAckOptions::default())).await, Ok(Ok(true))) {
                break;
            }
        }
        Ok(())
    }
}
