//! A worker is killed at each of its steps: before each commit, and after it without having heard of it. The next one ends
//! what was begun, and all is there once (C9, C10).

use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use pagekeeper_testkit::{ChaosProxy, Side};
use serde_json::Value;

use crate::world::{ROLE, World};

const CONVERSATIONS: i64 = 6;
const MESSAGES: i64 = 4;

/// More than any run here has.
const STEPS_MAX: u16 = 60;

/// Of everything more than one page.
const SMALL_PAGES: [(&str, &str); 6] = [
    ("PAGEKEEPER__SYNC__FIRST_CONVERSATIONS", "4"),
    ("PAGEKEEPER__SYNC__CONVERSATIONS_PER_CALL", "2"),
    ("PAGEKEEPER__SYNC__MESSAGES_PER_CONVERSATION", "2"),
    ("PAGEKEEPER__SYNC__MESSAGES_PER_CALL", "1"),
    ("PAGEKEEPER__SYNC__CONVERSATION_CALLS_PER_SECOND", "1000"),
    // Little but the runs commits while they are at work.
    ("PAGEKEEPER__PROFILES__INTERVAL_S", "600"),
];

/// A world with a Page for each step, and a way to the database that stands still on demand.
struct Crashes {
    world: World,
    proxy: ChaosProxy,
}

impl Crashes {
    async fn new(pages: u16) -> Self {
        let sizes = (u32::try_from(CONVERSATIONS).unwrap(), u32::try_from(MESSAGES).unwrap());
        let sim = SimConfig {
            world: WorldConfig::simple(pages, sizes.0, sizes.1),
            enforce_limits: false,
            ..SimConfig::default()
        };
        let world = World::without_worker(sim).await;
        let proxy = ChaosProxy::start(&world.database.url_as(ROLE)).await.unwrap();
        Self { world, proxy }
    }

    async fn start_worker(&mut self) {
        let url = self.proxy.url(&self.world.database.url_as(ROLE));
        let mut settings = SMALL_PAGES.to_vec();
        settings.push(("PAGEKEEPER__DATABASE__URL", &url));
        self.world.start_worker_with(&settings).await;
    }

    /// Kills the worker where the proxy stalled it; nothing more of what it said is heard. False if all runs ended before.
    async fn killed(&mut self) -> bool {
        let killed = tokio::select! {
            () = self.proxy.stalled() => true,
            () = self.world.all_runs_ended() => false,
        };
        self.world.kill_workers().await;
        self.proxy.cut();
        self.proxy.resume();
        // Its lease need not be waited for.
        let lapsed =
            "update sync_runs set lease_until = now() - interval '1 second' where state in ('queued', 'running')";
        self.world.database.execute(lapsed).await;
        killed
    }

    async fn rows(&self, what: &str, page: &str) -> i64 {
        self.world
            .number(&format!(
                "select count(*) from {what} w join connections c on c.id = w.connection_id where c.page_id = '{page}'"
            ))
            .await
    }

    async fn is_whole(&self, page: &str, step: u32, side: Side) {
        let found = (self.rows("conversations", page).await, self.rows("messages", page).await);
        assert_eq!(found, (CONVERSATIONS, CONVERSATIONS * MESSAGES), "{side:?} commit {step}");
        let unended = "select count(*) from sync_runs where state <> 'succeeded'";
        assert_eq!(self.world.number(unended).await, 0, "{side:?} commit {step}");
    }
}

async fn syncs_end(side: Side) {
    let mut crashes = Crashes::new(STEPS_MAX).await;
    let pages = crashes.world.sim("GET", "pages", Value::Null).await;
    let pages: Vec<String> =
        pages.as_array().unwrap().iter().map(|page| page["id"].as_str().unwrap().to_owned()).collect();
    let mut steps = 0;
    for (step, page) in (1..).zip(&pages) {
        crashes.start_worker().await;
        let connection = crashes.world.connect("Test Person", page).await;
        crashes.proxy.stall_at("COMMIT", step, side);
        crashes.world.start_sync(RunKind::First, connection).await;
        let killed = crashes.killed().await;
        crashes.start_worker().await;
        crashes.world.all_runs_ended().await;
        crashes.is_whole(page, step, side).await;
        crashes.world.kill_workers().await;
        if !killed {
            break;
        }
        steps = step;
    }
    assert!((10..u32::from(STEPS_MAX)).contains(&steps), "{steps} steps");
}

#[tokio::test]
async fn a_sync_and_its_backfill_end_whichever_commit_their_worker_dies_before() {
    syncs_end(Side::Before).await;
}

#[tokio::test]
async fn a_sync_and_its_backfill_end_whichever_commit_their_worker_dies_after() {
    syncs_end(Side::After).await;
}

#[tokio::test]
async fn a_connect_run_ends_though_its_workers_die_one_after_the_other() {
    let mut crashes = Crashes::new(3).await;
    crashes.world.log_in("Test Person").await;
    crashes.world.start_connect().await;
    let mut steps = 0;
    // Each lives for one commit more.
    for (step, side) in (1..).zip([Side::Before, Side::After].into_iter().cycle()) {
        crashes.proxy.stall_at("COMMIT", step, side);
        crashes.start_worker().await;
        if !crashes.killed().await {
            break;
        }
        steps = step;
    }
    assert!(steps >= 5, "{steps} steps");
    assert_eq!(crashes.world.number("select count(*) from connections where state = 'connected'").await, 3);
    assert_eq!(crashes.world.number("select count(*) from conversations").await, 3 * CONVERSATIONS);
    assert_eq!(crashes.world.number("select count(*) from messages").await, 3 * CONVERSATIONS * MESSAGES);
    assert_eq!(crashes.world.number("select count(*) from sync_runs where state <> 'succeeded'").await, 0);
}
