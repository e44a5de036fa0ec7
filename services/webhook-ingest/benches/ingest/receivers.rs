//! The two receivers that are measured, and the consumer that keeps their queues short.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use futures_util::StreamExt;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties};
use pagekeeper_runtime::running::{Chassis, ServiceError};
use pagekeeper_runtime::service::{Service, configuration};
use pagekeeper_runtime::shutdown::Shutdown;
use pagekeeper_webhook_ingest::WebhookIngest;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

pub(crate) const APP_SECRET: &str = "the bench's app secret";

/// Where sync-worker reads the webhooks of the one Page that posts.
pub(crate) const INGEST_QUEUE: &str = "sync-worker.webhooks.2";
const NODE_QUEUE: &str = "node.webhooks";

/// Unacknowledged messages of a consumer, and how many it acks at once.
const PREFETCH: u16 = 500;
const ACKED_AT_ONCE: u64 = 100;

/// webhook-ingest in this process.
pub(crate) struct Ingest {
    pub(crate) address: SocketAddr,
    chassis: Chassis,
    running: JoinHandle<Result<(), ServiceError>>,
}

impl Ingest {
    pub(crate) async fn start(broker: &str, database: &str) -> Result<Self> {
        let settings = [
            ("HTTP__LISTEN", "127.0.0.1:0"),
            ("WEBHOOK__APP_SECRETS", APP_SECRET),
            ("WEBHOOK__VERIFY_TOKEN", "unused"),
            ("BUS__URL", broker),
            ("DATABASE__URL", database),
        ];
        let env = settings.map(|(name, value)| (format!("PAGEKEEPER__{name}"), value.to_owned()));
        // Settings can be tried: PAGEKEEPER__DURABILITY__FLIGHTS=2 cargo bench …
        let tried = std::env::vars().filter(|(name, _)| name.starts_with("PAGEKEEPER__"));
        let env = env.into_iter().chain(tried).collect::<Vec<_>>();
        let chassis = Chassis::new(Shutdown::default());
        let running = WebhookIngest::build(configuration::<WebhookIngest>(env)?, chassis.clone()).await?;
        let address = running.address("http").context("webhook-ingest listens nowhere")?;
        Ok(Self { address, chassis, running: tokio::spawn(running.until_stopped()) })
    }

    pub(crate) async fn stop(self) -> Result<()> {
        self.chassis.shutdown.begin_now();
        Ok(self.running.await??)
    }
}

/// The Node receiver as a child process.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    _child: Child,
}

impl Node {
    /// Installs its packages below `folder` first.
    pub(crate) async fn start(broker: &str, folder: &Path) -> Result<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/node_receiver");
        tokio::fs::create_dir_all(folder).await?;
        for file in ["package.json", "package-lock.json", "receiver.mjs"] {
            tokio::fs::copy(source.join(file), folder.join(file)).await?;
        }
        let npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
        let installed = Command::new("npm").args(npm).current_dir(folder).status().await.context("npm is missing")?;
        ensure!(installed.success(), "npm ci failed in {}", folder.display());

        declare_node_queue(broker).await?;
        let mut child = Command::new("node")
            .arg("receiver.mjs")
            .current_dir(folder)
            .env("AMQP_URL", broker)
            .env("QUEUE", NODE_QUEUE)
            .env("APP_SECRET", APP_SECRET)
            .env("NODE_ENV", "production")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("the Node receiver has no output")?;
        let port = BufReader::new(stdout).lines().next_line().await?.context("the Node receiver did not start")?;
        Ok(Self { address: SocketAddr::from(([127, 0, 0, 1], port.parse()?)), _child: child })
    }

    pub(crate) const QUEUE: &'static str = NODE_QUEUE;
}

async fn declare_node_queue(broker: &str) -> Result<()> {
    let connection = Connection::connect(broker, ConnectionProperties::default()).await?;
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    let channel = connection.create_channel().await?;
    channel.queue_declare(NODE_QUEUE.into(), durable, arguments).await?;
    Ok(())
}

/// Takes everything off a queue, on a connection of its own; until it is dropped.
pub(crate) struct Consumer(JoinHandle<Result<()>>);

impl Consumer {
    pub(crate) async fn start(broker: &str, queue: &'static str) -> Result<Self> {
        let connection = Connection::connect(broker, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
        let mut deliveries = channel.basic_consume(queue.into(), "".into(), options, arguments).await?;
        Ok(Self(tokio::spawn(async move {
            let _connection = connection;
            let mut taken: u64 = 0;
            while let Some(delivery) = deliveries.next().await {
                taken += 1;
                if taken.is_multiple_of(ACKED_AT_ONCE) {
                    delivery?.ack(BasicAckOptions { multiple: true }).await?;
                }
            }
            Ok(())
        })))
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.0.abort();
    }
}
