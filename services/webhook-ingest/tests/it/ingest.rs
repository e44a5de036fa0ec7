//! The service in process, and what the tests do with it: post webhooks, read the queue, count the spool.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{SelectAll, select_all};
use lapin::options::{BasicAckOptions, BasicConsumeOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties, Consumer};
use pagekeeper_bus::topology::webhook_queue;
use pagekeeper_contracts::prost::Message;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{WebhookBundle, WebhookEntry};
use pagekeeper_runtime::running::{Chassis, ServiceError};
use pagekeeper_runtime::service::{Service, configuration};
use pagekeeper_runtime::shutdown::Shutdown;
use pagekeeper_testkit::{Poll, TestDatabase, TestVhost, sign_webhook, wait_for};
use pagekeeper_webhook_ingest::WebhookIngest;
use reqwest::{Response, StatusCode};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub(crate) const APP_SECRET: &str = "an app's secret";
pub(crate) const VERIFY_TOKEN: &str = "agreed with Meta";
/// Over which webhooks are split by default.
const QUEUES: u16 = 4;

/// For conditions that a healthy system meets at once.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// A running service.
pub(crate) struct Ingest {
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) chassis: Chassis,
    running: JoinHandle<Result<(), ServiceError>>,
}

impl Ingest {
    pub(crate) async fn start(broker: &str, database: &str) -> Self {
        Self::start_with(broker, database, &[]).await
    }

    /// With more environment, as `("WEBHOOK__APP_SECRETS", "a,b")`.
    pub(crate) async fn start_with(broker: &str, database: &str, more: &[(&str, &str)]) -> Self {
        pagekeeper_testkit::init();
        let settings = [
            ("HTTP__LISTEN", "127.0.0.1:0"),
            ("WEBHOOK__APP_SECRETS", APP_SECRET),
            ("WEBHOOK__VERIFY_TOKEN", VERIFY_TOKEN),
            ("BUS__URL", broker),
            ("DATABASE__URL", database),
        ];
        let env: BTreeMap<String, String> = settings
            .iter()
            .chain(more)
            .map(|(name, value)| (format!("PAGEKEEPER__{name}"), (*value).to_owned()))
            .collect();
        let chassis = Chassis::new(Shutdown::default());
        let config = configuration::<WebhookIngest>(env).unwrap();
        let running = WebhookIngest::build(config, chassis.clone()).await.unwrap();
        let url = format!("http://{}", running.address("http").unwrap());
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { url, http, chassis, running: tokio::spawn(running.until_stopped()) }
    }

    pub(crate) fn post(&self, body: impl Into<Vec<u8>>) -> reqwest::RequestBuilder {
        let body = body.into();
        let signature = sign_webhook(APP_SECRET, &body);
        self.unsigned(body).header("X-Hub-Signature-256", signature)
    }

    pub(crate) fn unsigned(&self, body: impl Into<Vec<u8>>) -> reqwest::RequestBuilder {
        let url = format!("{}/api/webhook", self.url);
        self.http.post(url).header("content-type", "application/json").body(body.into())
    }

    /// Posts one entry and answers with the status.
    pub(crate) async fn deliver(&self, id: u64) -> StatusCode {
        self.post(page_body(&[entry_json(id)])).send().await.unwrap().status()
    }

    /// The first webhooks of a test may find the broker not connected yet: then they are spooled.
    pub(crate) async fn until_broker_is_there(&self) {
        wait_for("the broker", SOON, async || {
            let report = self.chassis.health.report().await;
            let is_there = report.checks.get("broker").is_some_and(|check| check.detail == "webhooks are confirmed");
            Poll::when(is_there.then_some(()), format!("{report:?}"))
        })
        .await;
    }

    pub(crate) async fn stop(self) -> Result<(), ServiceError> {
        self.chassis.shutdown.begin_now();
        self.running.await.unwrap()
    }
}

/// What most tests need: a vhost, a database and the service on them.
pub(crate) struct Place {
    pub(crate) vhost: TestVhost,
    pub(crate) database: TestDatabase,
    pub(crate) ingest: Ingest,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let (vhost, database) = (TestVhost::new().await, TestDatabase::new().await);
        let ingest = Ingest::start(&vhost.url(), &database_url(&database)).await;
        ingest.until_broker_is_there().await;
        Self { vhost, database, ingest }
    }
}

pub(crate) fn database_url(database: &TestDatabase) -> String {
    database.url_as("pagekeeper_webhook_ingest")
}

pub(crate) async fn spooled_bundles(database: &TestDatabase) -> i64 {
    database.number("select count(*) from ingest_spool").await
}

/// Takes entries off queues of webhooks.
pub(crate) struct Queue {
    _connection: Connection,
    consumers: SelectAll<Consumer>,
}

impl Queue {
    /// All that there are by default.
    pub(crate) async fn open(broker: &str) -> Self {
        Self::open_some(broker, 0..QUEUES).await
    }

    /// Those of these indices.
    pub(crate) async fn open_some(broker: &str, indices: Range<u16>) -> Self {
        let connection = Connection::connect(broker, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let mut consumers = Vec::new();
        for index in indices {
            let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
            let queue = webhook_queue(index);
            consumers.push(channel.basic_consume(queue.as_str().into(), "".into(), options, arguments).await.unwrap());
        }
        Self { _connection: connection, consumers: select_all(consumers) }
    }

    /// Waits for the next message.
    pub(crate) async fn take(&mut self) -> Vec<WebhookEntry> {
        let delivery = timeout(SOON, self.consumers.next()).await.expect("no message came").unwrap().unwrap();
        delivery.ack(BasicAckOptions::default()).await.unwrap();
        WebhookBundle::decode(delivery.data.as_slice()).unwrap().entries
    }

    /// Waits until at least `count` entries have come.
    pub(crate) async fn take_at_least(&mut self, count: usize) -> Vec<WebhookEntry> {
        let mut entries = Vec::new();
        while entries.len() < count {
            entries.extend(self.take().await);
        }
        entries
    }
}

/// Messages that wait in the queues.
pub(crate) async fn queued_bundles(broker: &str) -> u32 {
    let connection = Connection::connect(broker, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let mut messages = 0;
    for index in 0..QUEUES {
        let declared = channel.queue_declare(webhook_queue(index).as_str().into(), passive, FieldTable::default());
        messages += declared.await.unwrap().message_count();
    }
    messages
}

pub(crate) fn entry_json(id: u64) -> String {
    json!({ "id": "100", "time": 1, "messaging": [{ "message": { "mid": format!("m_{id}") } }] }).to_string()
}

pub(crate) fn page_body(entries: &[String]) -> String {
    format!(r#"{{"object":"page","entry":[{}]}}"#, entries.join(","))
}

/// The bytes that Meta sent.
pub(crate) fn json_of(entry: &WebhookEntry) -> String {
    let bytes = match &entry.content {
        Some(Content::Entry(split)) => &split.json,
        Some(Content::Body(unsplit)) => &unsplit.body,
        None => panic!("an entry without content"),
    };
    String::from_utf8_lossy(bytes).into_owned()
}

/// A refusal as every refusal must be: a problem that says its status.
pub(crate) async fn problem(response: Response, status: u16) -> serde_json::Value {
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status);
    problem
}
