//! A gateway at work, an account with a key, and the program.

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use pagekeeper_bus::topology::webhook_queue;
use pagekeeper_bus::{Bus, BusConfig, Outgoing, Tries};
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{SplitEntry, WebhookBundle, WebhookEntry};
use pagekeeper_gateway::Gateway;
use pagekeeper_graph_sim::{GraphSim, RunningSim, SimConfig};
use pagekeeper_runtime::running::Chassis;
use pagekeeper_runtime::service::{Service as _, configuration};
use pagekeeper_runtime::shutdown::{Shutdown, ShutdownConfig};
use pagekeeper_testkit::{TestDatabase, TestVhost};
use tokio_util::sync::CancellationToken;

pub(crate) const KEY: &str = "pk_a-key-of-this-test-that-is-never-printed";
pub(crate) const CRON_SECRET: &str = "a-cron-secret-of-this-test";
const LONG: Duration = Duration::from_secs(30);

pub(crate) struct System {
    pub(crate) url: String,
    bus: Bus,
    shutdown: Shutdown,
    stop: CancellationToken,
    _parts: (TestDatabase, TestVhost, RunningSim),
}

impl System {
    /// One account with the Page 111 and a key.
    pub(crate) async fn start() -> Self {
        let (database, vhost) = (TestDatabase::new().await, TestVhost::new().await);
        let graph = GraphSim::start(SimConfig::default()).await.unwrap();
        database
            .execute(&format!(
                "insert into users (facebook_user_id, name) values ('1', 'Linh');
                 insert into accounts (name) values ('Linh');
                 insert into memberships (account_id, user_id, role) select a.id, u.id, 'owner' from accounts a, users u;
                 insert into connections (account_id, page_id, name, state) select id, '111', 'Café Nord', 'connected' from accounts;
                 insert into api_keys (account_id, user_id, name, prefix, key_hash, scopes)
                 select account_id, user_id, 'x', 'pk_', sha256('{KEY}'), '{{inbox:read,connections:manage}}' from memberships"
            ))
            .await;
        let settings = [
            ("HTTP__LISTEN", "127.0.0.1:0".to_owned()),
            ("DATABASE__URL", database.url_as("pagekeeper_gateway")),
            ("BUS__URL", vhost.url()),
            ("SEALING__KEYS", "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned()),
            ("GRAPH__BASE_URL", graph.base_url().to_owned()),
            ("GRAPH__DIALOG_URL", graph.base_url().to_owned()),
            ("GRAPH__APP_ID", graph.app_id().to_owned()),
            ("GRAPH__APP_SECRET", graph.app_secret().to_owned()),
            ("TOKENS__SIGNING_KEY", "a-signing-key-of-this-test-with-enough-bytes".to_owned()),
            ("CRON__SECRET", CRON_SECRET.to_owned()),
            ("SCHEDULES__ENABLED", "false".to_owned()),
        ];
        let settings: BTreeMap<_, _> =
            settings.into_iter().map(|(key, value)| (format!("PAGEKEEPER__{key}"), value)).collect();
        let shutdown = Shutdown::new(ShutdownConfig::default());
        let config = configuration::<Gateway>(settings).unwrap();
        let running = Gateway::build(config, Chassis::new(shutdown.clone())).await.unwrap();
        let url = format!("http://localhost:{}", running.address("http").unwrap().port());
        tokio::spawn(running.until_stopped());
        let stop = CancellationToken::new();
        let bus = Bus::start(&BusConfig::new(vhost.url()), "test", &stop).unwrap();
        assert!(bus.ready(LONG).await);
        Self { url, bus, shutdown, stop, _parts: (database, vhost, graph) }
    }

    pub(crate) async fn park(&self, page: &str, reason: &str) {
        let json = format!("{{\"id\":\"{page}\",\"messaging\":[]}}").into_bytes().into();
        let split = SplitEntry { object: "page".to_owned(), owner_id: page.to_owned(), json };
        let entry = WebhookEntry { content: Some(Content::Entry(split)), ..WebhookEntry::default() };
        let message = Outgoing::of(&WebhookBundle { entries: vec![entry] });
        let publisher = self.bus.publisher();
        let copy = publisher.for_parking(&webhook_queue(0), message, &Tries::default(), reason);
        publisher.publish(copy).await.unwrap();
    }

    pub(crate) async fn pagekeeper(&self, arguments: &[&str]) -> Ran {
        run(&[("PAGEKEEPER_URL", &self.url), ("PAGEKEEPER_TOKEN", KEY)], arguments).await
    }

    pub(crate) async fn as_operator(&self, arguments: &[&str]) -> Ran {
        run(&[("PAGEKEEPER_URL", &self.url), ("PAGEKEEPER_TOKEN", CRON_SECRET)], arguments).await
    }
}

impl Drop for System {
    fn drop(&mut self) {
        self.stop.cancel();
        self.shutdown.begin_now();
    }
}

/// What the program said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// It failed with this code and one line.
    pub(crate) fn refused(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str(), self.err.lines().count()), (code, "", 1), "{self:?}");
        self.err
    }
}

/// Runs the program with these variables and no others, without a terminal.
pub(crate) async fn run(environment: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pagekeeper"));
    command.env_clear().envs(environment.iter().copied()).args(arguments).stdin(Stdio::null());
    let output: Output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ran = Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) };
    for secret in [KEY, CRON_SECRET] {
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "a secret was printed");
    }
    ran
}
