//! The gateway as a service: what it is made of, and what runs beside its routes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use pagekeeper_bus::Bus;
use pagekeeper_common::domain::clock::SystemClock;
use pagekeeper_common::graph::GraphClient;
use pagekeeper_media::Cdn;
use pagekeeper_outbox::{OutboxBell, relay};
use pagekeeper_runtime::http::bind;
use pagekeeper_runtime::running::{Chassis, Running};
use pagekeeper_runtime::secret::ExposeSecret;
use pagekeeper_runtime::service::{During, Service, StartError};
use pagekeeper_store::{KeyRing, Store};

use crate::auth::access_tokens::AccessTokens;
use crate::config::Config;
use crate::connections::briefs::BriefCache;
use crate::conversations::totals::ConversationTotals;
use crate::extract::doors::Doors;
use crate::live::hints::Hints;
use crate::live::hub::Hub;
use crate::live::seats::Seats;
use crate::live::{bindings, listen};
use crate::media::refreshes::Refreshes;
use crate::operations::health::HealthCache;
use crate::operations::readiness;
use crate::parked::gauges;
use crate::router::app;
use crate::state::{PublicAddress, State};
use crate::sync::schedule;

/// REST API, login, server-sent events, console.
pub struct Gateway;

impl Service for Gateway {
    const NAME: &'static str = "gateway";
    const DEFAULTS: &'static str = include_str!("defaults.toml");
    const LISTS: &'static [&'static str] = &["login.scopes", "media.hosts"];
    const LEGACY: &'static [(&'static str, &'static str)] = &[
        ("FACEBOOK_APP_ID", "graph.app_id"),
        ("FB_APP_ID", "graph.app_id"),
        ("FACEBOOK_APP_SECRET", "graph.app_secret"),
        ("FACEBOOK_REDIRECT_URI", "login.redirect_uri"),
        ("CRON_SECRET", "cron.secret"),
    ];

    type Config = Config;

    async fn build(config: Config, chassis: Chassis) -> Result<Running, StartError> {
        let state = web::Data::new(state(config, &chassis)?);
        readiness::register(&chassis.health, &state);
        readiness::wait_for_schema(&state.store, &chassis.health).await.during("looking at the database's schema")?;

        let http = state.config.http.clone();
        let for_workers = state.clone();
        let server = bind(&http, move || app(&for_workers)).during("opening the public port")?;
        state.address.set(format!("http://localhost:{}", server.address().port()));
        Ok(tasks(Running::new(&chassis).serve("http", server), &state))
    }
}

fn state(config: Config, chassis: &Chassis) -> Result<State, StartError> {
    let bus = Bus::start(&config.bus, Gateway::NAME, chassis.shutdown.hard());
    let bus = bus.during("preparing the connection to RabbitMQ")?;
    let lifetime = Duration::from_secs(config.tokens.lifetime_s.get().into());
    Ok(State {
        store: Store::connect(&config.database),
        graph: GraphClient::new(&config.graph).during("preparing the Graph API's client")?,
        cdn: Cdn::new(&config.media.hosts, config.media.longest_mb).during("reading media.hosts")?,
        media_store: config.media.open_store().during("opening media.store")?,
        refreshes: Refreshes::default(),
        keys: KeyRing::parse(&config.sealing.keys).during("reading the keys that seal tokens")?,
        access_tokens: AccessTokens::new(config.tokens.signing_key.expose_secret().as_bytes(), lifetime),
        parked: bus.parked_queues(),
        hub: Hub::default(),
        hints: Hints::new(bus.publisher()),
        bell: OutboxBell::default(),
        briefs: BriefCache::new(),
        totals: ConversationTotals::new(),
        seats: Seats::new(config.live.streams_per_user),
        doors: Arc::new(Doors::new(&config.doors)),
        health: HealthCache::new(&config.health),
        clock: Arc::new(SystemClock),
        shutdown: chassis.shutdown.clone(),
        address: PublicAddress::configured(config.public.url.as_ref()),
        bus,
        config,
    })
}

/// What runs beside the routes, until the service stops.
fn tasks(running: Running, state: &web::Data<State>) -> Running {
    let stop = state.shutdown.soft();
    let (bus, doors) = (state.bus.clone(), Arc::clone(&state.doors));
    let outbox = relay(bus.publisher(), state.store.clone(), state.bell.clone(), stop.clone());
    let hints = listen(bus.live_queue(bindings()), state.hub.clone(), state.briefs.clone(), stop.clone());
    let forgetting = stop.clone().run_until_cancelled_owned(async move { doors.forget_old_addresses().await });
    let mut running = running.task("outbox", endless(outbox)).task("live", endless(hints)).task(
        "doors",
        endless(async move {
            let _stopped = forgetting.await;
        }),
    );
    running = running.task("gauges", endless(gauges::keep(state.clone(), stop.clone())));
    if state.config.schedules.enabled {
        running = running.task("schedules", endless(schedule::fire(state.clone(), stop.clone())));
    }
    running.closing("bus", async move { bus.close().await })
}

/// A task that cannot fail, as the service wants it.
async fn endless(task: impl Future<Output = ()>) -> Result<(), Infallible> {
    task.await;
    Ok(())
}
