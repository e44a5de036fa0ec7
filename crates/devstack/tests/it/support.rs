//! What the end-to-end tests share.

use std::path::Path;
use std::time::Duration;

use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::demo::Simulator;
use pagekeeper_devstack::folder::DevFolder;
use pagekeeper_devstack::secrets::Secrets;
use pagekeeper_devstack::stack::{ServerAddresses, Stack, StackOptions};
use pagekeeper_testkit::{Poll, TestDatabase, TestVhost, wait_for};
use serde_json::Value;
use tempfile::TempDir;

/// Long enough for a machine that does much else; nothing waits for it when all is well.
pub(crate) const LIMIT: Duration = Duration::from_mins(2);

/// A running system with a database and a vhost of its own.
pub(crate) struct System {
    pub(crate) stack: Stack,
    pub(crate) database: TestDatabase,
    pub(crate) simulator: Simulator,
    pub(crate) vhost: TestVhost,
    folder: TempDir,
}

impl System {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut StackOptions)) -> Self {
        let (database, vhost) = (TestDatabase::empty().await.unwrap(), TestVhost::new().await);
        let folder = tempfile::tempdir().unwrap();
        let servers = ServerAddresses {
            database: database.admin_url(),
            amqp: vhost.url(),
            management: vhost.management_url().to_owned(),
        };
        let dev_folder = DevFolder::at(folder.path().to_path_buf()).unwrap();
        let binary = env!("CARGO_BIN_EXE_pagekeeper-devstack").into();
        let mut options = StackOptions::quiet(binary, dev_folder, servers, Secrets::make().unwrap());
        change(&mut options);
        let stack = Stack::start(options).await.unwrap();
        let simulator = stack.simulator().unwrap();
        Self { stack, database, simulator, vhost, folder }
    }

    /// Where the stack keeps its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn gateway(&self) -> String {
        self.stack.gateway().unwrap()
    }

    /// A browser in which `person` has logged in and whose Pages are connected and synced.
    pub(crate) async fn logged_in(&self, person: &str) -> Api {
        let mut browser = Api::browser(&self.gateway()).unwrap();
        let next = browser.log_in(&self.simulator, person).await.unwrap();
        let run = next.rsplit('/').next().unwrap().to_owned();
        self.run_ended(&browser, &run).await;
        browser
    }

    /// Waits until no run is at work any more, in the background either.
    pub(crate) async fn settled(&self) {
        wait_for("all runs to end", LIMIT, async || {
            let runs = self.database.number("select count(*) from sync_runs where ended_at is null").await;
            Poll::when((runs == 0).then_some(()), format!("{runs} at work"))
        })
        .await;
    }

    /// The run, once it has ended.
    pub(crate) async fn run_ended(&self, api: &Api, run: &str) -> Value {
        wait_for("the run to end", LIMIT, async || {
            let run = api.get_ok(&format!("/api/sync-runs/{run}")).await.unwrap();
            let ended = !run["ended_at"].is_null();
            let status = run.to_string();
            Poll::when(ended.then_some(run), status)
        })
        .await
    }
}

/// The rows of a list, all pages of it.
pub(crate) async fn all(api: &Api, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = api.get_ok(&format!("{path}{separator}limit=100{cursor}")).await.unwrap();
        rows.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}
