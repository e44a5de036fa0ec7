//! A gateway at work, and what it needs around it.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use pagekeeper_gateway::Gateway;
use pagekeeper_graph_sim::{GraphSim, RunningSim, SimConfig, WorldConfig};
use pagekeeper_runtime::running::{Chassis, Running, ServiceError};
use pagekeeper_runtime::service::{Service, configuration};
use pagekeeper_runtime::shutdown::{Shutdown, ShutdownConfig};
use pagekeeper_testkit::{Poll, TestDatabase, TestVhost, wait_for};
use tokio::task::JoinHandle;

use crate::browser::Browser;

pub(crate) const CRON_SECRET: &str = "a-cron-secret-of-this-test";
pub(crate) const SIGNING_KEY: &str = "a-signing-key-of-this-test-with-enough-bytes";
const SEALING_KEY: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A net for what hangs.
pub(crate) const LONG: Duration = Duration::from_secs(30);

pub(crate) struct System {
    pub database: TestDatabase,
    pub graph: RunningSim,
    pub origin: String,
    vhost: TestVhost,
    shutdown: Shutdown,
    gateway: Option<JoinHandle<Result<(), ServiceError>>>,
}

impl System {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With keys of the configuration that differ from the test's own.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_in(TestDatabase::new().await, settings).await
    }

    /// On this database, with a broker and a simulated Facebook of its own.
    pub(crate) async fn start_in(database: TestDatabase, settings: &[(&str, &str)]) -> Self {
        let vhost = TestVhost::new().await;
        let graph = GraphSim::start(SimConfig {
            world: WorldConfig::demo(pagekeeper_graph_sim::DemoSizes::default()),
            ..SimConfig::default()
        })
        .await
        .unwrap();
        Self::start_on(database, vhost, graph, settings).await
    }

    pub(crate) async fn start_on(
        database: TestDatabase,
        vhost: TestVhost,
        graph: RunningSim,
        settings: &[(&str, &str)],
    ) -> Self {
        let shutdown = Shutdown::new(ShutdownConfig::default());
        let running = build(environment(&database, &vhost, &graph, settings), &shutdown).await;
        let origin = format!("http://localhost:{}", running.address("http").unwrap().port());
        let gateway = Some(tokio::spawn(running.until_stopped()));
        Self { database, graph, origin, vhost, shutdown, gateway }
    }

    /// A second replica beside the first; it ends with it.
    pub(crate) async fn add_replica(&self, settings: &[(&str, &str)]) {
        let running = build(environment(&self.database, &self.vhost, &self.graph, settings), &self.shutdown).await;
        tokio::spawn(running.until_stopped());
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.origin)
    }

    /// A browser in which this person of the simulated Facebook has logged in.
    pub(crate) async fn logged_in(&self, person: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.log_in(&self.graph, person).await;
        assert!(answer.location().starts_with("/connect/"), "{}", answer.location());
        browser
    }

    /// Waits until gateway and broker have found each other.
    pub(crate) async fn connected_to_broker(&self) {
        let browser = self.browser();
        wait_for("the broker", LONG, async || {
            let health = browser.get("/api/health").await.json();
            Poll::when((health["checks"]["broker"]["status"] == "ok").then_some(()), health.to_string())
        })
        .await;
    }

    /// Asks the gateway to stop and waits for its end.
    pub(crate) async fn stop(&mut self) {
        self.shutdown.begin();
        let gateway = self.gateway.take().unwrap();
        tokio::time::timeout(LONG, gateway).await.unwrap().unwrap().unwrap();
    }

    pub(crate) fn vhost(&self) -> &TestVhost {
        &self.vhost
    }
}

impl Drop for System {
    fn drop(&mut self) {
        self.shutdown.begin_now();
    }
}

/// The configuration of a gateway between these, with `settings` in place of the test's own.
pub(crate) fn environment(
    database: &TestDatabase,
    vhost: &TestVhost,
    graph: &RunningSim,
    settings: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let own = [
        ("HTTP__LISTEN", "127.0.0.1:0".to_owned()),
        ("HTTP__WORKERS", "2".to_owned()),
        ("DATABASE__URL", database.url_as("pagekeeper_gateway")),
        ("BUS__URL", vhost.url()),
        ("SEALING__KEYS", SEALING_KEY.to_owned()),
        ("GRAPH__BASE_URL", graph.base_url().to_owned()),
        ("GRAPH__DIALOG_URL", graph.base_url().to_owned()),
        ("GRAPH__APP_ID", graph.app_id().to_owned()),
        ("GRAPH__APP_SECRET", graph.app_secret().to_owned()),
        ("MEDIA__HOSTS", graph.base_url().replace("http://", "")),
        ("TOKENS__SIGNING_KEY", SIGNING_KEY.to_owned()),
        ("CRON__SECRET", CRON_SECRET.to_owned()),
        ("SCHEDULES__ENABLED", "false".to_owned()),
        ("DOORS__LOGIN_PER_MINUTE", "100000".to_owned()),
        ("DOORS__HEALTH_PER_MINUTE", "100000".to_owned()),
        ("DOORS__REFUSED_PER_MINUTE", "100000".to_owned()),
    ];
    let own = own.into_iter().map(|(key, value)| (format!("PAGEKEEPER__{key}"), value));
    let given = settings.iter().map(|(key, value)| (format!("PAGEKEEPER__{key}"), (*value).to_owned()));
    own.chain(given).collect()
}

async fn build(env: BTreeMap<String, String>, shutdown: &Shutdown) -> Running {
    static LOGS: OnceLock<()> = OnceLock::new();
    LOGS.get_or_init(pagekeeper_testkit::init);
    let config = configuration::<Gateway>(env).unwrap();
    Gateway::build(config, Chassis::new(shutdown.clone())).await.unwrap()
}
