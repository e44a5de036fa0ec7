//! The least that a durable path does: one POST, one confirmed message, one consumer, plain upserts of what waited.

use std::sync::Arc;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::{Context as _, Result, ensure};
use chrono::Utc;
use futures_util::{FutureExt as _, StreamExt as _};
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
    QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId};
use pagekeeper_store::testing::{PlainUpserts, TestMessage, TestRows};
use pagekeeper_testkit::bench::{Latencies, open_loop};
use pagekeeper_testkit::sign_webhook;
use serde_json::Value;

use crate::system::FaultySystem;
use crate::waiting::Waiting;
use crate::{CUSTOMERS, MEASURED, PER_SECOND, WARM_UP, mid, webhook};

const QUEUE: &str = "bare.webhooks";
const APP_SECRET: &str = "the bare path's app secret";
const PAGE: &str = "700";
const BATCH: usize = 1_000;

pub(crate) struct BarePath {
    address: String,
    http: reqwest::Client,
    committed: Arc<Waiting<String>>,
    _connection: Connection,
}

impl BarePath {
    pub(crate) async fn start(system: &FaultySystem) -> Result<Self> {
        let mut rows = TestRows::connect(&system.database_url()).await;
        let account = rows.account("bare").await;
        let owner = (account, rows.connection(account, PAGE).await);
        let worker = system.database_url().replace("//postgres@", "//pagekeeper_sync_worker@");
        let plain = PlainUpserts::connect(&worker).await?;

        let connection = Connection::connect(&system.rabbitmq.url(), ConnectionProperties::default()).await?;
        let (publishing, consuming) = (connection.create_channel().await?, connection.create_channel().await?);
        publishing.confirm_select(ConfirmSelectOptions::default()).await?;
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        consuming.queue_declare(QUEUE.into(), QueueDeclareOptions::durable(), arguments).await?;
        consuming.basic_qos(u16::try_from(2 * BATCH)?, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let consumer = consuming.basic_consume(QUEUE.into(), "".into(), options, FieldTable::default()).await?;

        let committed = Arc::new(Waiting::default());
        tokio::spawn(store(consumer, plain, owner, Arc::clone(&committed)));
        let address = listen(publishing)?;
        Ok(Self { address, http: crate::http_client()?, committed, _connection: connection })
    }

    /// To the commit.
    pub(crate) async fn measure(self: &Arc<Self>) -> Result<Latencies> {
        open_loop(PER_SECOND, WARM_UP, MEASURED, |number| Arc::clone(self).send(number)).await
    }

    async fn send(self: Arc<Self>, number: u32) -> Result<()> {
        let mid = mid(number);
        let committed = self.committed.wait(mid.clone());
        let psid = format!("{}", 9_000_000 + number % CUSTOMERS);
        let body = webhook(PAGE, &psid, &mid, Utc::now().timestamp_millis(), &mid);
        let signature = sign_webhook(APP_SECRET, &body);
        let answer = self.http.post(&self.address).header("x-hub-signature-256", signature).body(body).send().await?;
        ensure!(answer.status().is_success(), "the bare receiver answered {}", answer.status());
        Ok(committed.await?)
    }
}

/// On one thread, since a channel belongs to one.
fn listen(channel: Channel) -> Result<String> {
    let app = move || App::new().app_data(web::Data::new(channel.clone())).route("/", web::post().to(receive));
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0))?;
    let address = server.addrs().first().copied().context("no address")?;
    tokio::spawn(server.run());
    Ok(format!("http://{address}/"))
}

async fn receive(request: HttpRequest, body: web::Bytes, channel: web::Data<Channel>) -> HttpResponse {
    let signature = request.headers().get("x-hub-signature-256").map(|value| value.as_bytes().to_vec());
    if signature != Some(sign_webhook(APP_SECRET, &body).into_bytes()) {
        return HttpResponse::Forbidden().finish();
    }
    let (options, persistent) = (BasicPublishOptions::default(), BasicProperties::default().with_delivery_mode(2));
    let published = channel.basic_publish("".into(), QUEUE.into(), options, &body, persistent).await;
    match published.unwrap().await {
        Ok(confirmation) if confirmation.is_ack() => HttpResponse::Ok().finish(),
        _ => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// Stores what waited while the last batch was stored, until the connection ends.
async fn store(
    mut consumer: Consumer,
    mut plain: PlainUpserts,
    owner: (AccountId, ConnectionId),
    committed: Arc<Waiting<String>>,
) {
    while let Some(Ok(first)) = consumer.next().await {
        let mut deliveries = vec![first];
        while deliveries.len() < BATCH
            && let Some(Some(Ok(next))) = consumer.next().now_or_never()
        {
            deliveries.push(next);
        }
        let mids = commit(&deliveries, &mut plain, owner).await.unwrap();
        deliveries.last().unwrap().ack(BasicAckOptions { multiple: true }).await.unwrap();
        for mid in &mids {
            committed.arrived(mid);
        }
    }
}

async fn commit(
    deliveries: &[Delivery],
    plain: &mut PlainUpserts,
    owner: (AccountId, ConnectionId),
) -> Result<Vec<String>> {
    let read = |delivery: &Delivery| {
        let body: Value = serde_json::from_slice(&delivery.data)?;
        let event = &body["entry"][0]["messaging"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        anyhow::Ok(TestMessage {
            psid: text(&event["sender"]["id"]),
            mid: text(&event["message"]["mid"]),
            at_ms: event["timestamp"].as_i64().context("no time")?,
            text: text(&event["message"]["text"]),
        })
    };
    let messages = deliveries.iter().map(read).collect::<Result<Vec<_>>>()?;
    plain.store(&TestMessage::batch(&messages, owner)).await?;
    Ok(messages.into_iter().map(|message| message.mid).collect())
}
