//! Meta's webhooks to RabbitMQ, spooled in PostgreSQL while the broker is away, and nothing else.
//!
//! A POST's way: [`receive`] checks it by [`signature`], [`split`] takes it apart, [`pack`] encodes its entries; they
//! wait in [`dispatch`] until one of the [`publishers`] has them confirmed by the [`broker`] or committed by the
//! [`spool`]; then, and only then, the answer is 200.

pub mod breaker;
pub mod bundle;
pub mod dispatch;
pub mod pack;
pub mod room;
pub mod signature;
pub mod split;

mod broker;
mod challenge;
pub mod config;
mod publish;
mod publishers;
mod readiness;
mod receive;
mod spool;

use std::time::Duration;

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpResponse, ResponseError};
use pagekeeper_bus::{Bus, WebhookQueues};
use pagekeeper_runtime::http::{bind, chassis};
use pagekeeper_runtime::problem::Problem;
use pagekeeper_runtime::running::{Chassis, Running};
use pagekeeper_runtime::service::{During, Service, StartError};
use pagekeeper_store::Store;
use tokio::sync::{mpsc, watch};

use crate::broker::Broker;
use crate::bundle::Parcel;
use crate::config::IngestConfig;
use crate::publish::Publishing;
use crate::publishers::Publishers;
use crate::receive::Ingest;
use crate::room::Room;
use crate::signature::AppSecrets;
use crate::spool::{Drain, Spool};

/// The service.
pub struct WebhookIngest;

impl Service for WebhookIngest {
    const NAME: &'static str = "webhook-ingest";
    const DEFAULTS: &'static str = include_str!("defaults.toml");
    const LISTS: &'static [&'static str] = &["webhook.app_secrets"];
    const LEGACY: &'static [(&'static str, &'static str)] = &[
        ("FACEBOOK_APP_SECRET", "webhook.app_secrets"),
        ("FB_APP_SECRET", "webhook.app_secrets"),
        ("WEBHOOK_VERIFY_TOKEN", "webhook.verify_token"),
        ("FB_VERIFY_TOKEN", "webhook.verify_token"),
    ];

    type Config = IngestConfig;

    /// Serves at once, also while broker and database are away: it says 503 to what it cannot keep.
    async fn build(config: IngestConfig, process: Chassis) -> Result<Running, StartError> {
        let store = Store::connect(&config.database);
        // Until the hard end: what is under way when the process is asked to stop still needs the broker.
        let bus = Bus::start(&config.bus, Self::NAME, process.shutdown.hard()).during("starting the bus")?;
        let queues = bus.webhook_queues();
        let broker = Broker::new(bus.publisher(), queues);
        let room = Room::new(config.durability.waiting_bytes);
        let (breakers, open_breakers) = watch::channel(0);
        readiness::register(&process.health, broker.clone(), open_breakers.clone(), store.clone());

        let (publishers, watch) = Publishers::new(Publishing {
            broker: broker.clone(),
            spool: Spool::new(store.clone(), config.durability.spool_limit()),
            limits: config.durability.dispatch_limits(),
            room: room.clone(),
            open_breakers: breakers,
        });
        let interval = config.durability.drain_interval();
        let stop = process.shutdown.soft().clone();
        let limits = config.durability.bundle_limits();
        let drain = Drain { store, broker, limits, open_breakers, interval, stop };
        let http = config.http.clone();
        // Called on each worker's thread.
        let app = move || {
            let ingest = Data::new(ingest(&config, queues, room.clone(), publishers.start_here()));
            chassis(App::new().app_data(ingest).configure(routes), &config.http)
        };
        let server = bind(&http, app).during("opening the webhook port")?;

        Ok(Running::new(&process)
            .task("publishers", watch.run(process.shutdown.soft().clone()))
            .task("drain", drain.run())
            .serve("http", server)
            .closing("bus", async move { bus.close().await }))
    }
}

fn ingest(config: &IngestConfig, queues: WebhookQueues, room: Room, parcels: mpsc::UnboundedSender<Parcel>) -> Ingest {
    Ingest {
        verify_token: config.webhook.verify_token.clone(),
        app_secrets: AppSecrets::new(&config.webhook.app_secrets),
        body_limit: config.http.body_limit,
        body_time_limit: Duration::from_millis(config.http.body_timeout_ms),
        bundle_limits: config.durability.bundle_limits(),
        queues,
        answer_limit: config.durability.answer_limit(),
        room,
        parcels,
    }
}

fn routes(services: &mut ServiceConfig) {
    let webhook = web::resource("/api/webhook")
        .route(web::get().to(challenge::answer_challenge))
        .route(web::post().to(receive::receive))
        .default_service(web::to(refuse_method));
    services.service(webhook);
}

async fn refuse_method() -> HttpResponse {
    let problem = Problem::new(actix_web::http::StatusCode::METHOD_NOT_ALLOWED, "Meta calls this with GET and POST");
    let mut response = problem.error_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
    response
}
