//! What the bus's tests share.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use pagekeeper_bus::topology::BACKGROUND_COMMANDS;
use pagekeeper_bus::{BatchHandler, Bus, BusConfig, ConsumerOptions, Handled, Incoming, Outgoing, consume};
use pagekeeper_contracts::v1::{SyncPage, WebhookBundle, WebhookEntry};
use pagekeeper_testkit::{Poll, wait_for};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The net for a test that hangs.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// A bus that is closed when dropped. Its retry levels are short.
pub(crate) struct TestBus {
    pub(crate) bus: Bus,
    pub(crate) stop: CancellationToken,
}

impl TestBus {
    /// Waits for the connection.
    pub(crate) async fn start(url: &str) -> Self {
        let bus = Self::start_without_broker(url);
        assert!(bus.bus.ready(LIMIT).await, "no connection to the broker: {:?}", bus.bus.state());
        bus
    }

    pub(crate) fn start_without_broker(url: &str) -> Self {
        Self::start_with(BusConfig::new(url))
    }

    /// With so many queues of webhooks.
    pub(crate) async fn start_split(url: &str, webhook_queues: u16) -> Self {
        let bus = Self::start_with(BusConfig { webhook_queues, ..BusConfig::new(url) });
        assert!(bus.bus.ready(LIMIT).await, "no connection to the broker: {:?}", bus.bus.state());
        bus
    }

    fn start_with(config: BusConfig) -> Self {
        pagekeeper_testkit::init();
        let stop = CancellationToken::new();
        let config = BusConfig { retry_delays_ms: vec![200, 300], ..config };
        let bus = Bus::start(&config, "test", &stop).unwrap();
        Self { bus, stop }
    }

    /// Consumes [`BACKGROUND_COMMANDS`] until `stop`.
    pub(crate) fn consume(&self, max_batch: u16, recorder: &Recorder) -> JoinHandle<()> {
        let options = ConsumerOptions::batches_of(max_batch);
        consume(&self.bus, BACKGROUND_COMMANDS, options, recorder.clone(), self.stop.child_token())
    }
}

impl Drop for TestBus {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A command for [`BACKGROUND_COMMANDS`], numbered.
pub(crate) fn command(number: i64) -> Outgoing {
    Outgoing::of(&SyncPage { account_id: 1, run_id: number, interactive: false })
}

pub(crate) fn number(message: &Incoming) -> i64 {
    message.decode::<SyncPage>().unwrap().run_id
}

pub(crate) fn webhook(id: u8) -> Outgoing {
    let entry = WebhookEntry { id: vec![id].into(), ..WebhookEntry::default() };
    Outgoing::of(&WebhookBundle { entries: vec![entry] })
}

/// A message for which there is no queue.
pub(crate) fn unroutable() -> Outgoing {
    Outgoing { routing_key: "nobody.listens".to_owned(), ..command(0) }
}

/// Remembers the batches that it saw, and answers what the test says.
#[derive(Clone)]
pub(crate) struct Recorder {
    batches: Arc<Mutex<Vec<Vec<Incoming>>>>,
    answer: Arc<Answer>,
}

type Answer = dyn Fn(&[Incoming]) -> Handled + Send + Sync;

impl Recorder {
    pub(crate) fn new(answer: impl Fn(&[Incoming]) -> Handled + Send + Sync + 'static) -> Self {
        Self { batches: Arc::default(), answer: Arc::new(answer) }
    }

    pub(crate) async fn batches(&self) -> Vec<Vec<Incoming>> {
        self.batches.lock().await.clone()
    }

    pub(crate) async fn messages(&self) -> Vec<Incoming> {
        self.batches.lock().await.concat()
    }

    /// Waits until it has seen so many messages.
    pub(crate) async fn until(&self, count: usize) -> Vec<Incoming> {
        wait_for("messages", LIMIT, async || {
            let messages = self.messages().await;
            let status = format!("{} of {count}", messages.len());
            Poll::when((messages.len() >= count).then_some(messages), status)
        })
        .await
    }
}

impl BatchHandler for Recorder {
    async fn handle(&self, batch: &[Incoming]) -> Handled {
        self.batches.lock().await.push(batch.to_vec());
        (self.answer)(batch)
    }
}

/// Ready messages of a queue, asked of the broker itself: its statistics are seconds old.
pub(crate) async fn ready_messages(url: &str, queue: &str) -> u32 {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), options, FieldTable::default()).await.unwrap().message_count()
}

/// Waits until a queue has so many ready messages.
pub(crate) async fn until_ready_messages(url: &str, queue: &str, count: u32) {
    wait_for(queue, LIMIT, async || {
        let ready = ready_messages(url, queue).await;
        Poll::when((ready == count).then_some(()), format!("{ready} messages"))
    })
    .await;
}
