//! The service: its parts put together, and its tasks.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use pagekeeper_bus::topology::{BACKGROUND_COMMANDS, INTERACTIVE_COMMANDS};
use pagekeeper_bus::{Bus, BusState, ConsumerOptions, consume};
use pagekeeper_common::domain::clock::SystemClock;
use pagekeeper_common::graph::GraphClient;
use pagekeeper_contracts::Exchange;
use pagekeeper_media::{Cdn, MediaStore};
use pagekeeper_outbox::{OutboxBell, relay};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_runtime::health::Check;
use pagekeeper_runtime::running::{Chassis, Running};
use pagekeeper_runtime::service::{During, Service, StartError};
use pagekeeper_store::{KeyRing, SchemaState, Store};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::batch::WebhookBatches;
use crate::config::{MediaConfig, WorkerConfig};
use crate::events::apply::EntryStore;
use crate::events::owners::PageOwners;
use crate::events::replay::replay_after_upgrade;
use crate::facts::Facts;
use crate::housekeeping::keep_house;
use crate::media::{MediaCopies, keep_copies};
use crate::parts::Parts;
use crate::profiles::fetch_names;
use crate::queues::WebhookQueueShare;
use crate::runs::{Commands, Endings, Runs, start_waiting};
use crate::search_index::keep_search_filled;
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_limits::CallLimits;

/// How often the schema is looked at until it fits.
const SCHEMA_INTERVAL: Duration = Duration::from_millis(500);

/// The longest that a probe waits for the database.
const PING_LIMIT: Duration = Duration::from_millis(800);

/// Commands that are started together.
const COMMANDS_AT_ONCE: u16 = 64;

/// The service `sync-worker`.
pub struct SyncWorker;

impl Service for SyncWorker {
    const NAME: &'static str = "sync-worker";
    const DEFAULTS: &'static str = include_str!("defaults.toml");
    const LISTS: &'static [&'static str] =
        &["connect.required_scopes", "connect.subscribed_fields", "media.hosts", "sync.retries_s"];
    const LEGACY: &'static [(&'static str, &'static str)] = &[
        ("FACEBOOK_APP_ID", "graph.app_id"),
        ("FB_APP_ID", "graph.app_id"),
        ("FACEBOOK_APP_SECRET", "graph.app_secret"),
    ];

    type Config = WorkerConfig;

    async fn build(config: WorkerConfig, chassis: Chassis) -> Result<Running, StartError> {
        let store = Store::connect(&config.database);
        watch_database(&chassis, &store);
        let keys = KeyRing::parse(&config.sealing.keys).during("reading sealing.keys")?;
        let graph = GraphClient::new(&config.graph).during("making the client of Facebook")?;
        let copies = media_copies(&config.media)?;
        wait_for_schema(&store).await;
        let bus = Bus::start(&config.bus, Self::NAME, chassis.shutdown.hard()).during("reading the section bus")?;
        watch_broker(&chassis, &bus);
        let parts = Start { config: Arc::new(config), store, bus, graph, keys, copies };
        Ok(start(parts, &chassis))
    }
}

/// What the worker starts with.
struct Start {
    config: Arc<WorkerConfig>,
    store: Store,
    bus: Bus,
    graph: GraphClient,
    keys: KeyRing,
    copies: Option<MediaCopies>,
}

/// None where copies are not wanted.
fn media_copies(config: &MediaConfig) -> Result<Option<MediaCopies>, StartError> {
    if !config.copy {
        return Ok(None);
    }
    let cdn = Cdn::new(&config.hosts, config.longest_mb).during("reading media.hosts")?;
    let store = MediaStore::open(&config.store).during("opening media.store")?;
    Ok(Some(MediaCopies { cdn, store }))
}

fn start(parts: Start, chassis: &Chassis) -> Running {
    let Start { config, store, bus, graph, keys, copies } = parts;
    let soft = chassis.shutdown.soft().clone();
    let clock = Arc::new(SystemClock);
    let (facts, facts_publisher) = Facts::new(bus.publisher());
    let (endings, ends) = Endings::new(store.clone());
    let owners = PageOwners::new(store.clone(), config.webhooks.owner_cache());
    let entries = EntryStore::new(store.clone(), owners.clone(), &bus, facts.clone(), Arc::clone(&clock) as _);
    let rate = config.sync.conversation_calls_per_second;
    let parts = Parts {
        // Waits and tries of one call end well before the lease of its run.
        limits: CallLimits::new(store.clone(), graph.app_id(), rate, config.sync.lease() / 2),
        store: store.clone(),
        graph,
        keys: Arc::new(keys),
        entries: entries.clone(),
        facts,
        endings,
        outbox: OutboxBell::default(),
        clock: Arc::clone(&clock) as _,
        config: Arc::clone(&config),
    };
    let usage = parts.limits.clone().record_usage(soft.clone());
    let runs = Runs::new(parts.clone(), chassis.shutdown.clone());
    let search = keep_search_filled(store.clone(), soft.clone());
    let house = keep_house(parts.clone(), soft.clone());
    let outbox = relay(bus.publisher(), store.clone(), parts.outbox.clone(), soft.clone());

    let upgrade = replay_after_upgrade(entries.clone(), soft.clone());
    let (at_once, room) = (config.webhooks.max_entries, Semaphore::new(config.webhooks.parallel_batches.get()));
    let room = Arc::new(room);
    let webhooks = WebhookQueueShare {
        bus: bus.clone(),
        store,
        options: ConsumerOptions::batches_of(config.webhooks.max_batch.get()),
        interval: config.webhooks.share_interval(),
        handler: move || WebhookBatches::new(entries.clone(), at_once, Arc::clone(&room), Arc::clone(&clock) as _),
    };
    let commands = |queue, lane| {
        let options = ConsumerOptions::batches_of(COMMANDS_AT_ONCE);
        consume(&bus, queue, options, Commands { runs: runs.clone(), lane }, soft.clone())
    };
    let interactive = commands(INTERACTIVE_COMMANDS, Lane::Interactive);
    let background = commands(BACKGROUND_COMMANDS, Lane::Background);
    let connection_changes = bus.live_queue(vec![(Exchange::Events, "connection.changed.*".to_owned())]);

    let running = match copies {
        Some(copies) => {
            Running::new(chassis).task("media copies", endless(keep_copies(parts.clone(), copies, soft.clone())))
        }
        None => Running::new(chassis),
    };
    running
        .task("webhooks", webhooks.run(soft.clone()))
        .task("interactive commands", interactive)
        .task("background commands", background)
        .task("page owners", endless(owners.listen(connection_changes, soft.clone())))
        .task("facts", endless(facts_publisher.run(soft.clone())))
        .task("ends of syncs", endless(ends.run(soft.clone())))
        .task("replay after an upgrade", endless(upgrade))
        .task("outbox", endless(outbox))
        .task("names", endless(fetch_names(parts, soft.clone())))
        .task("search", endless(search))
        .task("housekeeping", endless(house))
        .task("graph usage", endless(usage))
        .task("waiting runs", endless(start_waiting(runs.clone(), soft)))
        .closing("broker", async move { bus.close().await })
        .closing("runs", async move { runs.ended().await })
}

async fn endless(task: impl Future<Output = ()>) -> Result<(), Infallible> {
    task.await;
    Ok(())
}

fn watch_database(chassis: &Chassis, store: &Store) {
    let store = store.clone();
    chassis.health.register("database", move || {
        let store = store.clone();
        async move {
            match store.ping(PING_LIMIT).await {
                Ok(()) => Check::ok("answers"),
                Err(error) => Check::error(Chain(&error).to_string()),
            }
        }
    });
}

fn watch_broker(chassis: &Chassis, bus: &Bus) {
    let bus = bus.clone();
    chassis.health.register("broker", move || {
        let state = bus.state();
        async move {
            match state {
                BusState::Connected => Check::ok("connected"),
                BusState::Disconnected { reason, .. } => Check::error(reason),
            }
        }
    });
}

/// A service may be started before the migrations are: it says so, and waits.
async fn wait_for_schema(store: &Store) {
    let mut told = false;
    loop {
        let state = store.schema_is_current().await;
        if matches!(state, Ok(SchemaState::Current)) {
            return;
        }
        if !told {
            match state {
                Ok(state) => tracing::warn!(area = "start", ?state, "waiting for the database's schema"),
                Err(error) => tracing::warn!(area = "start", error = %Chain(&error), "waiting for the database"),
            }
            told = true;
        }
        sleep(SCHEMA_INTERVAL).await;
    }
}
