//! Consuming in batches: whatever waited while the last batch was handled, at most so many. Nothing waits for more.

use std::time::Duration;

use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer, ErrorKind};
use metrics::{counter, histogram};
use opentelemetry::trace::TraceContextExt as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::batch::Batch;
use crate::bus::Bus;
use crate::connection::Link;
use crate::message::{Incoming, Outgoing};
use crate::publisher::{Published, Publisher};
use crate::topology::Topology;
use crate::turns::Turns;

/// Opening a channel and consuming are some round trips; the declaration before them may write to the disk.
const SUBSCRIBE_LIMIT: Duration = Duration::from_secs(30);
const GOODBYE_LIMIT: Duration = Duration::from_secs(2);
/// Between two tries to subscribe, or to publish a copy for retry.
const PAUSE: Duration = Duration::from_secs(1);
/// A batch's span links to at most so many of its messages' traces.
const MOST_LINKS: usize = 32;

/// How much is taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumerOptions {
    pub max_batch: usize,
    /// Deliveries that the broker sends ahead of acks.
    pub prefetch: u16,
}

impl ConsumerOptions {
    /// The next batch arrives while this one is handled.
    pub fn batches_of(max_batch: u16) -> Self {
        Self { max_batch: max_batch.into(), prefetch: max_batch.saturating_mul(2) }
    }
}

/// What a queue's messages are for.
pub trait BatchHandler: Send + Sync + 'static {
    /// The same messages may come again, in another order and other batches.
    fn handle(&self, batch: &[Incoming]) -> impl Future<Output = Handled> + Send;
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handled {
    /// Every message had its effect, durably.
    Done,
    /// Something that is needed is away: the same batch is handed in again after this time, and meanwhile stays with
    /// this consumer.
    Later(Duration),
    /// One verdict for each message, in order.
    Each(Vec<Verdict>),
}

/// What became of one message. Reasons are kept with the message, so they must not hold personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It had its effect, durably, or there is nothing to do.
    Ack,
    /// It failed in a way that may pass.
    Retry(String),
    /// No further try can help.
    Park(String),
}

/// Consumes a queue until `stop`; a batch that is being handled then is settled first. Losses of the connection, of the
/// channel or of the queue are mended.
pub fn consume(
    bus: &Bus,
    queue: &str,
    options: ConsumerOptions,
    handler: impl BatchHandler,
    stop: CancellationToken,
) -> JoinHandle<()> {
    tokio::spawn(Consuming::new(bus, queue, options, handler, Turns::always_ours(), stop).run())
}

/// The same of a queue with a single active consumer, of which each of several processes should consume its share of
/// such queues. All subscribe, so that the broker hands the queue on when one dies. Who is at work on a queue that is
/// not its own (`is_ours` is false) steps back between two batches, now and then: the next in line goes on.
///
/// A queue that the configuration does not name is not declared; the task ends once it is not there.
pub fn consume_share(
    bus: &Bus,
    queue: &str,
    options: ConsumerOptions,
    handler: impl BatchHandler,
    is_ours: watch::Receiver<bool>,
    stop: CancellationToken,
) -> JoinHandle<()> {
    tokio::spawn(Consuming::new(bus, queue, options, handler, Turns::new(is_ours), stop).run())
}

struct Consuming<H> {
    link: Link,
    /// Of this queue.
    topology: Topology,
    publisher: Publisher,
    queue: String,
    options: ConsumerOptions,
    handler: H,
    turns: Turns,
    stop: CancellationToken,
}

struct Subscription {
    channel: Channel,
    consumer: Consumer,
}

/// What happens after a batch.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Batch,
    /// The deliveries' channel is gone, and with it the right to ack them: they come again.
    Subscribe,
    /// It is another's turn.
    StepBack,
    Stop,
}

/// Why there is no subscription.
enum Unsubscribed {
    /// The queue is not there, and not ours to declare.
    Gone,
    Failed(String),
}

impl<H: BatchHandler> Consuming<H> {
    fn new(
        bus: &Bus,
        queue: &str,
        options: ConsumerOptions,
        handler: H,
        turns: Turns,
        stop: CancellationToken,
    ) -> Self {
        Self {
            link: bus.consume_link(),
            topology: bus.topology().of_queue(queue),
            publisher: bus.publisher(),
            queue: queue.to_owned(),
            options,
            handler,
            turns,
            stop,
        }
    }

    async fn run(mut self) {
        let stop = self.stop.clone();
        while !stop.is_cancelled() {
            let subscription = match stop.run_until_cancelled(self.subscribe()).await {
                None => break,
                Some(Ok(subscription)) => subscription,
                Some(Err(Unsubscribed::Gone)) => {
                    tracing::info!(area = "bus", queue = self.queue, "the queue is gone, and not needed any more");
                    break;
                }
                Some(Err(Unsubscribed::Failed(reason))) => {
                    tracing::warn!(area = "bus", queue = self.queue, reason, "cannot consume");
                    stop.run_until_cancelled(sleep(PAUSE)).await;
                    continue;
                }
            };
            match self.work(subscription).await {
                Next::Stop => break,
                Next::StepBack => self.turns.stepped_back(Instant::now()),
                Next::Batch | Next::Subscribe => {}
            }
        }
    }

    async fn subscribe(&mut self) -> Result<Subscription, Unsubscribed> {
        // None: the bus is closed, and `stop` is not far.
        let Some(established) = self.link.established().await else { return std::future::pending().await };
        let subscribing = async {
            // Also when the connection is new: somebody may have deleted the queue.
            self.topology.declare(&established.connection).await?;
            let channel = established.connection.create_channel().await?;
            channel.basic_qos(self.options.prefetch, BasicQosOptions::default()).await?;
            let (queue, options) = (self.queue.as_str().into(), BasicConsumeOptions::default());
            let consumer = channel.basic_consume(queue, "".into(), options, FieldTable::default()).await?;
            Ok::<_, lapin::Error>(Subscription { channel, consumer })
        };
        let Ok(subscribed) = timeout(SUBSCRIBE_LIMIT, subscribing).await else {
            self.link.suspect();
            return Err(Unsubscribed::Failed("the broker did not answer in time".to_owned()));
        };
        subscribed.map_err(|error| match error.kind() {
            ErrorKind::ProtocolError(refusal)
                if self.topology.queues.is_empty()
                    && *refusal.kind() == AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) =>
            {
                Unsubscribed::Gone
            }
            _ => Unsubscribed::Failed(error.to_string()),
        })
    }

    async fn work(&self, Subscription { channel, mut consumer }: Subscription) -> Next {
        loop {
            let taken = Batch::take(&mut consumer, self.options.max_batch);
            let next = match self.stop.run_until_cancelled(taken).await {
                None => Next::Stop,
                Some(None) => Next::Subscribe,
                Some(Some(batch)) => match self.settle(batch).await {
                    Next::Batch if self.turns.is_anothers(Instant::now()) => Next::StepBack,
                    next => next,
                },
            };
            if next != Next::Batch {
                let goodbye = channel.close(200, "bye".into());
                let _too_late = timeout(GOODBYE_LIMIT, goodbye).await;
                return next;
            }
        }
    }

    async fn settle(&self, batch: Batch) -> Next {
        loop {
            match self.handle(batch.messages()).await {
                Handled::Done => return self.ack(&batch).await,
                Handled::Later(pause) => {
                    if self.stop.run_until_cancelled(sleep(pause)).await.is_none() {
                        return Next::Stop;
                    }
                }
                Handled::Each(verdicts) if verdicts.len() == batch.messages().len() => {
                    return self.apply(&batch, verdicts).await;
                }
                Handled::Each(verdicts) => {
                    let (verdicts, messages) = (verdicts.len(), batch.messages().len());
                    tracing::error!(
                        area = "bus",
                        queue = self.queue,
                        verdicts,
                        messages,
                        "not one verdict per message"
                    );
                    if self.stop.run_until_cancelled(sleep(PAUSE)).await.is_none() {
                        return Next::Stop;
                    }
                }
            }
            if !batch.can_be_acked() {
                return Next::Subscribe;
            }
        }
    }

    async fn handle(&self, messages: &[Incoming]) -> Handled {
        let span = tracing::info_span!("bus.consume", queue = self.queue, messages = messages.len());
        for message in messages.iter().filter(|message| !message.traceparent.is_empty()).take(MOST_LINKS) {
            span.add_link(message.trace().span().span_context().clone());
        }
        let started = Instant::now();
        let handled = self.handler.handle(messages).instrument(span).await;
        let labels = [("queue", self.queue.clone())];
        histogram!("pagekeeper_bus_batch_messages", &labels).record(u32::try_from(messages.len()).unwrap_or(u32::MAX));
        histogram!("pagekeeper_bus_handle_duration_seconds", &labels).record(started.elapsed());
        handled
    }

    /// Publishes the copies of what failed, until all are stored; only then may the originals be acked.
    async fn apply(&self, batch: &Batch, verdicts: Vec<Verdict>) -> Next {
        let mut copies: Vec<Outgoing> = batch
            .messages()
            .iter()
            .zip(verdicts)
            .filter_map(|(message, verdict)| self.copy(message, verdict))
            .collect();
        while !copies.is_empty() {
            let published = self.publisher.publish_all(&copies).await;
            let mut stored = published.into_iter().map(|published| published == Published::Stored);
            copies.retain(|_| !stored.next().unwrap_or(false));
            if copies.is_empty() {
                break;
            }
            if self.stop.run_until_cancelled(sleep(PAUSE)).await.is_none() {
                return Next::Stop;
            }
            if !batch.can_be_acked() {
                return Next::Subscribe;
            }
        }
        self.ack(batch).await
    }

    fn copy(&self, message: &Incoming, verdict: Verdict) -> Option<Outgoing> {
        let (original, tries) = (message.to_outgoing(), &message.tries);
        let (copy, verdict) = match verdict {
            Verdict::Ack => return None,
            Verdict::Retry(reason) => (self.publisher.for_retry(&self.queue, original, tries, &reason), "retry"),
            Verdict::Park(reason) => (self.publisher.for_parking(&self.queue, original, tries, &reason), "park"),
        };
        counter!("pagekeeper_bus_failures_total", "queue" => self.queue.clone(), "verdict" => verdict).increment(1);
        let to = if copy.exchange.is_empty() { &copy.routing_key } else { &copy.exchange };
        let (id, attempt, reason) = (message.message_id, copy.tries.attempt, copy.tries.last_error.as_deref());
        tracing::warn!(area = "bus", queue = self.queue, message.id = %id, attempt, reason, to, "a message failed");
        Some(copy)
    }

    async fn ack(&self, batch: &Batch) -> Next {
        if batch.ack().await {
            let count = u64::try_from(batch.messages().len()).unwrap_or(u64::MAX);
            counter!("pagekeeper_bus_consumed_total", "queue" => self.queue.clone()).increment(count);
            return Next::Batch;
        }
        counter!("pagekeeper_bus_lost_acks_total", "queue" => self.queue.clone()).increment(1);
        self.link.suspect();
        Next::Subscribe
    }
}
