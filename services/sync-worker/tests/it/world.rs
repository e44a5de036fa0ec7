//! A worker, what it works on, and what a test says to it.

use std::collections::BTreeMap;
use std::time::Duration;

use pagekeeper_bus::topology::BACKGROUND_COMMANDS;
use pagekeeper_bus::{
    Bus, BusConfig, Live, LiveQueue, Outgoing, ParkedMessage, Published, WebhookQueues, webhook_message,
};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, RunId, UserId};
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_contracts::Exchange;
use pagekeeper_contracts::prost::Message as _;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{ConnectPages, SplitEntry, SyncPage, UnsplitBody, WebhookBundle, WebhookEntry};
use pagekeeper_graph_sim::{GraphSim, RunningSim, SimConfig};
use pagekeeper_runtime::running::Chassis;
use pagekeeper_runtime::secret::SecretString;
use pagekeeper_runtime::service::{Service, configuration};
use pagekeeper_runtime::shutdown::{Shutdown, ShutdownConfig};
use pagekeeper_store::credentials::{self, NewPageToken, NewUserToken, TokenFacts};
use pagekeeper_store::sync_runs::{self, NewRun};
use pagekeeper_store::testing::TestRows;
use pagekeeper_store::{KeyRing, Store, StoreConfig, StoreError};
use pagekeeper_sync_worker::SyncWorker;
use pagekeeper_testkit::{Poll, TestDatabase, TestVhost, wait_for};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const KEYS: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(crate) const ROLE: &str = "pagekeeper_sync_worker";

/// A net for what hangs, not a measure of speed.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) vhost: TestVhost,
    pub(crate) graph: RunningSim,
    pub(crate) rows: TestRows,
    pub(crate) store: Store,
    pub(crate) account: AccountId,
    pub(crate) user: UserId,
    keys: KeyRing,
    bus: Bus,
    http: reqwest::Client,
    workers: Vec<Worker>,
}

/// A worker at work.
struct Worker {
    shutdown: Shutdown,
    running: JoinHandle<()>,
}

impl World {
    /// With one worker.
    pub(crate) async fn new(sim: SimConfig) -> Self {
        let mut world = Self::without_worker(sim).await;
        world.start_worker().await;
        world
    }

    pub(crate) async fn without_worker(sim: SimConfig) -> Self {
        pagekeeper_testkit::init();
        let (database, vhost) = (TestDatabase::new().await, TestVhost::new().await);
        let graph = GraphSim::start(sim).await.unwrap();
        let mut rows = TestRows::connect(&database.admin_url()).await;
        let account = rows.account("Test account").await;
        let user = rows.member(account, "Test Person", "owner").await;
        let bus = Bus::start(&BusConfig::new(vhost.url()), "test", &CancellationToken::new()).unwrap();
        assert!(bus.ready(LIMIT).await, "no broker");
        Self {
            store: Store::connect(&StoreConfig::new(database.url_as(ROLE))),
            keys: KeyRing::parse(&SecretString::from(KEYS)).unwrap(),
            http: reqwest::Client::builder().build().unwrap(),
            workers: Vec::new(),
            database,
            vhost,
            graph,
            rows,
            account,
            user,
            bus,
        }
    }

    pub(crate) async fn start_worker(&mut self) {
        self.start_worker_with(&[]).await;
    }

    pub(crate) async fn start_worker_with(&mut self, more: &[(&str, &str)]) {
        let mut environment = vec![
            ("PAGEKEEPER__DATABASE__URL".to_owned(), self.database.url_as(ROLE)),
            ("PAGEKEEPER__BUS__URL".to_owned(), self.vhost.url()),
            ("PAGEKEEPER__GRAPH__BASE_URL".to_owned(), self.graph.base_url().to_owned()),
            ("PAGEKEEPER__GRAPH__DIALOG_URL".to_owned(), self.graph.base_url().to_owned()),
            ("PAGEKEEPER__GRAPH__APP_ID".to_owned(), self.graph.app_id().to_owned()),
            ("PAGEKEEPER__GRAPH__APP_SECRET".to_owned(), self.graph.app_secret().to_owned()),
            ("PAGEKEEPER__SEALING__KEYS".to_owned(), KEYS.to_owned()),
            ("PAGEKEEPER__SYNC__LEASE_S".to_owned(), "4".to_owned()),
            ("PAGEKEEPER__SYNC__TAKEOVER_INTERVAL_S".to_owned(), "1".to_owned()),
            ("PAGEKEEPER__PROFILES__INTERVAL_S".to_owned(), "1".to_owned()),
        ];
        environment.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let config = configuration::<SyncWorker>(environment).unwrap();
        let shutdown = Shutdown::new(ShutdownConfig { drain_delay_ms: 0, limit_ms: 20_000 });
        let running = SyncWorker::build(config, Chassis::new(shutdown.clone())).await.unwrap();
        let running = tokio::spawn(async move {
            let _ = running.until_stopped().await;
        });
        self.workers.push(Worker { shutdown, running });
    }

    /// As SIGTERM would.
    pub(crate) async fn stop_workers(&mut self) {
        for worker in self.workers.drain(..) {
            worker.shutdown.begin();
            worker.running.await.unwrap();
        }
    }

    /// As `kill -9` would, as far as that goes in one process: nothing is finished, nothing is given back.
    pub(crate) async fn kill_workers(&mut self) {
        for worker in self.workers.drain(..) {
            worker.shutdown.hard().cancel();
            let _ = worker.running.await;
        }
    }

    /// The same of the one that was started first.
    pub(crate) async fn kill_first_worker(&mut self) {
        let worker = self.workers.remove(0);
        worker.shutdown.hard().cancel();
        let _ = worker.running.await;
    }

    /// Calls the simulator's control routes.
    pub(crate) async fn sim(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/_sim/{path}", self.graph.base_url());
        let request = self.http.request(method.parse().unwrap(), url);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A simulated Page's id, by its name.
    pub(crate) async fn page_id(&self, name: &str) -> String {
        let pages = self.sim("GET", "pages", Value::Null).await;
        let page = pages.as_array().unwrap().iter().find(|page| page["name"] == name);
        page.unwrap_or_else(|| panic!("no Page {name}"))["id"].as_str().unwrap().to_owned()
    }

    /// What the login leaves: the person's short-lived token.
    pub(crate) async fn log_in(&self, person: &str) {
        self.log_in_with(json!({"person": person, "long_lived": false})).await;
    }

    pub(crate) async fn log_in_with(&self, request: Value) {
        let token = self.sim("POST", "tokens", request).await["access_token"].as_str().unwrap().to_owned();
        let facts = TokenFacts { is_long_lived: false, ..TokenFacts::default() };
        let new = NewUserToken { account_id: self.account, user_id: self.user, token: AccessToken::new(token), facts };
        let keys = &self.keys;
        let store = async |tx: &mut _| credentials::store_user_token(tx, keys, &new).await;
        self.store.accounts(&[self.account], store).await.unwrap();
    }

    /// A connection of a simulated Page with its token, past the connect run.
    pub(crate) async fn connect(&mut self, person: &str, page_id: &str) -> ConnectionId {
        let connection = self.rows.connection(self.account, page_id).await;
        let token = self.sim("POST", "tokens", json!({"person": person, "page": page_id})).await;
        let token = AccessToken::new(token["access_token"].as_str().unwrap());
        let (account, user, keys) = (self.account, self.user, &self.keys);
        let new = [NewPageToken { connection_id: connection, token, facts: TokenFacts::default() }];
        let store = async |tx: &mut _| credentials::store_page_tokens(tx, keys, account, user, &new).await;
        self.store.accounts(&[account], store).await.unwrap();
        connection
    }

    /// Starts a connect run, as the gateway does.
    pub(crate) async fn start_connect(&self) -> RunId {
        let run_id = self.create_run(NewRun::connect(self.account, self.user)).await;
        self.publish(Outgoing::of(&ConnectPages { account_id: self.account.get(), run_id: run_id.get() })).await;
        run_id
    }

    /// Starts a run of one Page, as the gateway does.
    pub(crate) async fn start_sync(&self, kind: RunKind, connection: ConnectionId) -> RunId {
        self.start(NewRun::of_page(self.account, kind, connection)).await
    }

    /// The same of any run.
    pub(crate) async fn start(&self, new: NewRun) -> RunId {
        let run_id = self.create_run(new).await;
        self.publish(Outgoing::of(&SyncPage {
            account_id: self.account.get(),
            run_id: run_id.get(),
            interactive: false,
        }))
        .await;
        run_id
    }

    async fn create_run(&self, new: NewRun) -> RunId {
        let create = async |tx: &mut _| Ok::<_, StoreError>(sync_runs::create(tx, &new).await?.id());
        self.store.accounts(&[self.account], create).await.unwrap()
    }

    /// Waits until a run has ended.
    pub(crate) async fn ended(&self, run_id: RunId) -> sync_runs::Run {
        wait_for("the run to end", LIMIT, async || {
            let find = async |tx: &mut _| sync_runs::find(tx, run_id).await;
            let run = self.store.accounts(&[self.account], find).await.unwrap().unwrap();
            if run.state.has_ended() { Poll::Ready(run) } else { Poll::NotYet(format!("{run:?}")) }
        })
        .await
    }

    /// Waits until no run is at work any more, backfills included.
    pub(crate) async fn all_runs_ended(&self) {
        self.count_is(0, "select count(*) from sync_runs where state in ('queued', 'running')").await;
    }

    pub(crate) async fn publish(&self, message: Outgoing) {
        self.bus.publisher().publish(message).await.unwrap();
    }

    /// The facts of this kind, from now on.
    /// Commands that were put aside: why, after how many tries, and whether it is known since when.
    pub(crate) async fn parked_runs(&self) -> Vec<(String, u32, bool)> {
        let told = |parked: &ParkedMessage| {
            Some((parked.reason().to_owned(), parked.message.tries.attempt, parked.parked_at().is_some()))
        };
        self.bus.parked_queues().browse(BACKGROUND_COMMANDS, told).await.unwrap().kept
    }

    pub(crate) async fn facts(&self, kind: &str) -> LiveQueue {
        let mut queue = self.bus.live_queue(vec![(Exchange::Events, format!("{kind}.*"))]);
        assert!(matches!(queue.recv().await, Some(Live::Resync)), "it listens");
        queue
    }

    /// Entries in one bundle, in the first queue.
    pub(crate) async fn publish_entries(&self, entries: Vec<WebhookEntry>) {
        self.publish(Outgoing::of(&WebhookBundle { entries })).await;
    }

    /// Entries as webhook-ingest hands them over, a bundle to each of so many queues.
    pub(crate) async fn publish_split(&self, entries: Vec<WebhookEntry>, queues: u16) {
        let queues = WebhookQueues::new(queues).unwrap();
        let mut bundles: BTreeMap<u16, WebhookBundle> = BTreeMap::new();
        for entry in entries {
            bundles.entry(queues.index_of_entry(&entry)).or_default().entries.push(entry);
        }
        let messages: Vec<Outgoing> =
            bundles.iter().map(|(index, bundle)| webhook_message(*index, bundle.encode_to_vec().into())).collect();
        let published = self.bus.publisher().publish_all(&messages).await;
        assert!(published.iter().all(|published| *published == Published::Stored), "{published:?}");
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.database.number(sql).await
    }

    /// Waits until a count is what it should be.
    pub(crate) async fn count_is(&self, expected: i64, sql: &str) {
        wait_for(sql, LIMIT, async || {
            let found = self.number(sql).await;
            if found == expected { Poll::Ready(()) } else { Poll::NotYet(format!("{found}, not {expected}")) }
        })
        .await;
    }

    /// Waits until the webhooks' queue was worked off: a last message comes after all others.
    pub(crate) async fn webhooks_are_stored(&self, page_id: &str) {
        let last = format!("m_last_{}", uuid::Uuid::new_v4().simple());
        self.publish_entries(vec![message(page_id, "999999", &last, 1_600_000_000_000, "the last")]).await;
        self.count_is(1, &format!("select count(*) from messages where mid = '{last}'")).await;
    }
}

/// An entry of a Page with one element of `messaging`.
pub(crate) fn entry(page_id: &str, element: &Value) -> WebhookEntry {
    raw_entry(page_id, &json!({"id": page_id, "time": 1_770_000_000_000_i64, "messaging": [element]}).to_string())
}

pub(crate) fn raw_entry(page_id: &str, json: &str) -> WebhookEntry {
    let split = SplitEntry { object: "page".to_owned(), owner_id: page_id.to_owned(), json: json.to_owned().into() };
    WebhookEntry { received_at: 1_790_000_000_000_000, content: Some(Content::Entry(split)), ..WebhookEntry::default() }
}

/// The same of an Instagram account.
pub(crate) fn instagram_entry(account: &str, json: &str) -> WebhookEntry {
    let entry =
        SplitEntry { object: "instagram".to_owned(), owner_id: account.to_owned(), json: json.to_owned().into() };
    WebhookEntry { content: Some(Content::Entry(entry)), ..WebhookEntry::default() }
}

pub(crate) fn unsplit(body: &str) -> WebhookEntry {
    let content = Content::Body(UnsplitBody { body: body.to_owned().into() });
    WebhookEntry { received_at: 1_790_000_000_000_000, content: Some(content), ..WebhookEntry::default() }
}

/// A customer's message.
pub(crate) fn message(page_id: &str, psid: &str, mid: &str, at: i64, text: &str) -> WebhookEntry {
    entry(
        page_id,
        &json!({"sender": {"id": psid}, "recipient": {"id": page_id}, "timestamp": at, "message": {"mid": mid, "text": text}}),
    )
}

/// What the Page wrote in Meta's inbox.
pub(crate) fn echo(page_id: &str, psid: &str, mid: &str, at: i64, text: &str) -> WebhookEntry {
    let message = json!({"mid": mid, "text": text, "is_echo": true, "app_id": 263_902_037_430_900_i64});
    entry(page_id, &json!({"sender": {"id": page_id}, "recipient": {"id": psid}, "timestamp": at, "message": message}))
}
