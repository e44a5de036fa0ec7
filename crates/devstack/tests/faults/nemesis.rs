//! 20,000 webhooks with duplicates and reordering, while everything below and inside of Pagekeeper is killed or frozen,
//! Facebook answers badly while it is synced, and customers edit, take back and react, in a random order at random points.
//! Nothing may be lost, nothing doubled, and everything goes on by itself.
//!
//! The order and the points follow from a seed that the test prints; `PAGEKEEPER_FAULT_SEED` repeats it.
//! `PAGEKEEPER_FAULT_WEBHOOKS` makes it longer, with as many more faults.

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::time::Duration;

use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::command_line::ServiceName;
use pagekeeper_devstack::demo;
use pagekeeper_devstack::stack::StackOptions;
use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};

use crate::changes::Changes;
use crate::system::{FaultySystem, LIMIT};

/// Each time so many, all faults strike once.
const WEBHOOKS: u64 = 20_000;

/// Messages that customers change after each fault, in each of the ways that they can.
const CHANGED: usize = 10;

/// What is done to the system.
#[derive(Debug, Clone, Copy)]
enum Fault {
    KillWorker,
    KillIngest,
    FreezeBroker,
    KillBroker,
    FreezeDatabase,
    KillDatabase,
    /// All Pages are synced, and Facebook answers so for a while.
    Sync(&'static str),
}

const FAULTS: [Fault; 15] = [
    Fault::KillWorker,
    Fault::KillWorker,
    Fault::KillWorker,
    Fault::KillIngest,
    Fault::KillIngest,
    Fault::FreezeBroker,
    Fault::KillBroker,
    Fault::FreezeDatabase,
    Fault::KillDatabase,
    Fault::Sync(r#"{"error": {"code": 80006, "subcode": 2446079}}"#),
    Fault::Sync(r#"{"error": {"status": 500, "code": 2, "is_transient": true}}"#),
    Fault::Sync(r#"{"latency_ms": 3000}"#),
    Fault::Sync(r#""truncate""#),
    Fault::Sync(r#""reset_after""#),
    Fault::Sync(r#""html""#),
];

/// Faults, with the number of webhooks after which each strikes.
fn schedule(webhooks: u64, random: &mut fastrand::Rng) -> Vec<(u64, Fault)> {
    let rounds = usize::try_from(webhooks.div_ceil(WEBHOOKS)).unwrap();
    let mut faults = FAULTS.repeat(rounds);
    random.shuffle(&mut faults);
    let mut points: Vec<u64> = faults.iter().map(|_| random.u64(webhooks / 50..webhooks * 19 / 20)).collect();
    points.sort_unstable();
    points.into_iter().zip(faults).collect()
}

/// A worker that tries failed runs again within seconds, where production waits for minutes.
fn impatient(options: &mut StackOptions) {
    let worker = options.overrides.entry(ServiceName::SyncWorker).or_default();
    worker.insert("PAGEKEEPER__SYNC__RETRIES_S".to_owned(), "1,2,4,8".to_owned());
}

fn from_environment(name: &str, otherwise: impl FnOnce() -> u64) -> u64 {
    std::env::var(name).map_or_else(|_| otherwise(), |number| number.parse().unwrap())
}

/// Past the test runner, which shows nothing of a test that passes.
fn tell(line: &str) {
    let mut out = std::io::stderr();
    writeln!(out, "{line}").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_while_everything_is_killed_and_frozen() {
    // C10, D1, D3, D6; invariants 1, 2 and 9
    let webhooks = from_environment("PAGEKEEPER_FAULT_WEBHOOKS", || WEBHOOKS);
    let seed = from_environment("PAGEKEEPER_FAULT_SEED", || fastrand::u64(..));
    tell(&format!("PAGEKEEPER_FAULT_SEED={seed}"));
    let mut random = fastrand::Rng::with_seed(seed);
    let mut changes = Changes::default();
    let mut system = FaultySystem::start_with(impatient).await;
    system.logged_in(demo::PERSON).await;
    let load = json!({
        "total": webhooks, "rate": 800, "new_customers_percent": 2, "echo_percent": 10,
        "duplicate_percent": 5, "reorder_percent": 10,
    });
    let id = system.simulator.post("/_sim/load", &load).await.unwrap()["id"].clone();
    let load = format!("/_sim/load/{}", id.as_str().map_or_else(|| id.to_string(), str::to_owned));

    let schedule = schedule(webhooks, &mut random);
    let faults = schedule.len();
    for (after, fault) in schedule {
        wait_for("the load to go on", LIMIT, async || {
            let progress = system.simulator.get(&load).await.unwrap();
            let sent = progress["sent"].as_u64().unwrap();
            Poll::when((sent >= after).then_some(()), progress.to_string())
        })
        .await;
        tell(&format!("after {after} webhooks: {fault:?}"));
        strike(&mut system, fault).await;
        let ledger = system.simulator.lines(&format!("{load}/ledger")).await.unwrap();
        changes.make(&system, &ledger, CHANGED, &mut random).await;
    }
    wait_for("all webhooks to be delivered", LIMIT, async || {
        let progress = system.simulator.get(&load).await.unwrap();
        let queue = system.simulator.get("/_sim/webhooks").await.unwrap();
        let waiting: u64 = ["pending", "in_flight", "waiting"].iter().filter_map(|key| queue[key].as_u64()).sum();
        let done = progress["sent"].as_u64() == Some(webhooks) && waiting == 0;
        Poll::when(done.then_some(()), format!("{progress} {queue}"))
    })
    .await;

    let ledger = system.simulator.lines(&format!("{load}/ledger")).await.unwrap();
    let sent: HashSet<&str> = ledger.iter().map(|line| line["mid"].as_str().unwrap()).collect();
    assert_eq!(sent.len() as u64, webhooks);
    let mids: Vec<&str> = sent.into_iter().collect();
    let mids = serde_json::to_string(&mids).unwrap();
    let of_ledger = format!("select count(*) from messages where mid in (select jsonb_array_elements_text('{mids}'))");
    let stored = wait_for("all messages to be stored", LIMIT, async || {
        let stored = system.number(&of_ledger).await;
        let spooled = system.number("select count(*) from ingest_spool").await;
        let all = u64::try_from(stored).unwrap() >= webhooks && spooled == 0;
        let quarantined = system.number("select count(*) from quarantine").await;
        let status = format!("{stored} stored, {spooled} in the spool, {quarantined} in quarantine");
        Poll::when(all.then_some(stored), status)
    })
    .await;
    let doubled = system
        .number(
            "select coalesce(sum(n - 1), 0) from (select count(*) n from messages group by connection_id, mid) counted",
        )
        .await;
    let misplaced = misplaced(&system, &ledger).await;
    changes.all_there(&system).await;
    // Facebook's rate of calls decides how long it takes to fetch what so many webhooks told.
    all_runs_ended(&system, LIMIT * u32::try_from(webhooks.div_ceil(WEBHOOKS)).unwrap()).await;
    let lost = webhooks - u64::try_from(stored).unwrap().min(webhooks);
    let changed = changes.count();
    tell(&format!(
        "{webhooks} webhooks, {changed} changes, {faults} faults: lost = {lost}, doubled = {doubled}, misplaced = {misplaced}"
    ));
    assert_eq!((lost, doubled, misplaced, stored), (0, 0, 0, i64::try_from(webhooks).unwrap()));
    system.stack.stop().await.unwrap();
}

/// Each has ended right, or says why, and no Page's sync stands in another's way.
async fn all_runs_ended(system: &FaultySystem, limit: Duration) {
    wait_for("all runs to end", limit, async || {
        let active =
            system.text("select json_agg(sync_runs) from sync_runs where state in ('queued', 'running')").await;
        Poll::when(active.is_empty().then_some(()), active)
    })
    .await;
    let silent = "select count(*) from sync_runs where state in ('failed', 'parked') and error is null";
    assert_eq!(system.number(silent).await, 0);
}

/// Conversations whose newest message is not the one that the ledger says.
async fn misplaced(system: &FaultySystem, ledger: &[Value]) -> i64 {
    let mut newest: HashMap<(&str, &str), i64> = HashMap::new();
    for line in ledger {
        let key = (line["page_id"].as_str().unwrap(), line["psid"].as_str().unwrap());
        let at = line["timestamp"].as_i64().unwrap();
        newest.entry(key).and_modify(|newest| *newest = at.max(*newest)).or_insert(at);
    }
    let rows: Vec<Value> =
        newest.into_iter().map(|((page, psid), at)| json!({ "page": page, "psid": psid, "at": at })).collect();
    let rows = serde_json::to_string(&rows).unwrap().replace('\'', "''");
    system
        .number(&format!(
            "select count(*) from json_to_recordset('{rows}') as expected(page text, psid text, at bigint)
             left join connections on connections.page_id = expected.page and connection_type = 'facebook' and state = 'connected'
             left join conversations on conversations.connection_id = connections.id and conversations.psid = expected.psid
             where (extract(epoch from last_message_at) * 1000)::bigint is distinct from expected.at"
        ))
        .await
}

async fn strike(system: &mut FaultySystem, fault: Fault) {
    match fault {
        Fault::KillWorker => restart(system, ServiceName::SyncWorker).await,
        Fault::KillIngest => restart(system, ServiceName::WebhookIngest).await,
        Fault::FreezeBroker => {
            system.rabbitmq.freeze().unwrap();
            held(Duration::from_secs(4)).await;
            system.rabbitmq.thaw().unwrap();
        }
        Fault::KillBroker => {
            system.rabbitmq.kill().unwrap();
            system.rabbitmq.restart().await.unwrap();
        }
        Fault::FreezeDatabase => {
            system.postgres.freeze().unwrap();
            held(Duration::from_secs(4)).await;
            system.postgres.thaw().unwrap();
        }
        Fault::KillDatabase => {
            system.postgres.kill().unwrap();
            system.postgres.restart().await.unwrap();
        }
        Fault::Sync(effect) => {
            let effect: Value = serde_json::from_str(effect).unwrap();
            let rule = json!({ "path": "conversations", "times": 6, "effect": effect });
            system.simulator.post("/_sim/faults", &rule).await.unwrap();
            let cron = Api::with_token(&system.stack.gateway().unwrap(), &system.stack.secrets().cron_secret).unwrap();
            // A gateway whose database has just gone says 503, and a CronJob comes again.
            wait_for("the Pages to be synced", LIMIT, async || {
                let status = cron.get("/api/cron/sync-all-pages?wait=0").await.unwrap().status;
                Poll::when(status.is_success().then_some(()), status.to_string())
            })
            .await;
        }
    }
}

async fn restart(system: &mut FaultySystem, service: ServiceName) {
    system.stack.kill_service(service).await.unwrap();
    system.stack.start_service(service).await.unwrap();
}

/// How long a server stays frozen: longer than what webhook-ingest waits for it, so that it has to do something else.
async fn held(time: Duration) {
    tokio::time::sleep(time).await;
}
