//! An incremental sync of 1,000 Pages, of which one in a hundred has changed, with 50 ms of simulated latency and Meta's
//! documented limits: Graph calls per unchanged Page, and the time beside what the limits force, which is that of the
//! Pages with the most to tell: `cargo bench -p pagekeeper-devstack --bench incremental_sync`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark fails at once"
)]

#[path = "../tests/faults/system.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod system;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::command_line::ServiceName;
use pagekeeper_devstack::simulator_child::WorldSize;
use pagekeeper_testkit::bench::{Report, Rounds};
use pagekeeper_testkit::database::number;
use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};
use system::{FaultySystem, LIMIT};

/// Whose Pages are of the size that is asked for.
const PERSON: &str = "Sofia Nguyễn";
const PAGES: u16 = 1_000;
/// Every so many Pages one changes.
const CHANGED: usize = 100;
/// Conversations that a changed Page gets: enough that Meta's limit, not ours, makes it wait.
const NEW_CONVERSATIONS: usize = 1_000;
const CONVERSATIONS_PER_CALL: usize = 50;
const LATENCY: Duration = Duration::from_millis(50);

/// Meta's documented calls per second and Page of the Conversations API: so many at once, and more as time passes.
const CALLS_PER_SECOND: f64 = 2.0;
/// Those that the simulator lets through at once after a pause. Meta promises no such thing, so nothing counts on it.
const CALLS_AT_ONCE: f64 = 4.0;

const ENDPOINT: &str = "GET /{page}/conversations";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let system = FaultySystem::start_with(|options| {
        options.graph_latency_ms = LATENCY.as_millis().try_into().unwrap();
        options.world = WorldSize { pages: Some(PAGES), conversations: Some(5), messages: Some(2) };
        let gateway = options.overrides.entry(ServiceName::Gateway).or_default();
        // All at once: what is to be seen is what the limits force.
        gateway.insert("PAGEKEEPER__SCHEDULES__PAGES_PER_SECOND".to_owned(), "10000".to_owned());
    })
    .await;
    system.logged_in(PERSON).await;
    all_ended(&system).await;
    ensure!(system.number("select count(*) from connections where state = 'connected'").await == i64::from(PAGES));

    let changed = change_some(&system).await?;
    let before = calls(&system).await?;
    let cron = Api::with_token(&system.stack.gateway().context("no gateway")?, &system.stack.secrets().cron_secret)?;
    let started = Instant::now();
    cron.get("/api/cron/sync-all-pages?wait=0").await?;
    all_ended(&system).await;
    let wall = started.elapsed();
    let after = calls(&system).await?;
    let found = system.number("select count(*) from conversations").await;
    let told = i64::from(PAGES) * 5 + i64::try_from(changed.len() * NEW_CONVERSATIONS)?;
    ensure!(found == told, "{found} conversations of {told}");

    report(&system, &changed, &before, &after, wall).await
}

async fn report(
    system: &FaultySystem,
    changed: &[String],
    before: &Value,
    after: &Value,
    wall: Duration,
) -> Result<ExitCode> {
    let one = |value: f64| Rounds::new([value]);
    let of = |counts: &Value, page: &str| -> u64 {
        counts["by_page"][page].as_object().into_iter().flatten().filter_map(|(_, calls)| calls.as_u64()).sum()
    };
    let pages = after["by_page"].as_object().context("no counts")?;
    let unchanged: Vec<&String> = pages.keys().filter(|page| !changed.contains(page)).collect();
    let unchanged_calls: u64 = unchanged.iter().map(|page| of(after, page) - of(before, page)).sum();
    let most = changed
        .iter()
        .map(|page| {
            after["by_page"][page][ENDPOINT].as_u64().unwrap_or(0)
                - before["by_page"][page][ENDPOINT].as_u64().unwrap_or(0)
        })
        .max()
        .context("nothing changed")?;
    // The last of the list is the one that meets what is known.
    let needed = NEW_CONVERSATIONS.div_ceil(CONVERSATIONS_PER_CALL) + 1;
    let by_rate = (needed as f64 - CALLS_PER_SECOND) / CALLS_PER_SECOND;
    let by_simulator = (needed as f64 - CALLS_AT_ONCE) / CALLS_PER_SECOND;

    let mut report = Report::default();
    report.figure("limit: Meta's rate of a changed Page", "s", 2, &one(by_rate));
    report.figure("incremental sync of all", "s", 2, &one(wall.as_secs_f64()));
    report.figure("calls of a changed Page, at most", "", 0, &one(most as f64));
    let throttled = "select coalesce(max(throttled_ms), 0) from sync_runs where kind = 'incremental'";
    report.figure("of which waiting for limits, at most", "s", 2, &one(system.number(throttled).await as f64 / 1e3));
    report.at_most("incremental sync : what limits force", &one(wall.as_secs_f64() / by_rate), 1.3);
    report.figure("the same : what the simulator would let through", "", 2, &one(wall.as_secs_f64() / by_simulator));
    report.at_most("Graph calls per unchanged Page", &one(unchanged_calls as f64 / unchanged.len() as f64), 1.2);
    Ok(report.print())
}

/// New customers write to some of the Pages, and no webhook tells of it.
async fn change_some(system: &FaultySystem) -> Result<Vec<String>> {
    system.simulator.put("/_sim/webhooks", &json!({ "paused": true })).await?;
    let pages = system.simulator.get("/_sim/pages").await?;
    let all = pages.as_array().context("no Pages")?;
    let theirs = all.iter().filter(|page| page["name"].as_str().is_some_and(|name| name.starts_with("Mall Shop")));
    let changed: Vec<String> =
        theirs.step_by(CHANGED).filter_map(|page| page["id"].as_str().map(str::to_owned)).collect();
    let messages = changed.iter().flat_map(|page| (0..NEW_CONVERSATIONS).map(move |number| (page, number)));
    stream::iter(messages)
        .map(async |(page, number)| {
            let message =
                json!({ "customer_name": format!("Customer {number}"), "text": format!("Are you open? {number}") });
            system.simulator.post(&format!("/_sim/pages/{page}/messages"), &message).await
        })
        .buffer_unordered(16)
        .try_for_each(async |_| Ok(()))
        .await?;
    Ok(changed)
}

async fn calls(system: &FaultySystem) -> Result<Value> {
    system.simulator.get("/_sim/calls/counts").await
}

async fn all_ended(system: &FaultySystem) {
    let active = "select count(*) from (select from sync_runs where state in ('queued', 'running') limit 1) any_run";
    let mut database = AsyncPgConnection::establish(&system.database_url()).await.unwrap();
    wait_for("all runs to end", LIMIT, async || {
        let active = number(&mut database, active).await;
        Poll::when((active == 0).then_some(()), "some are at work".to_owned())
    })
    .await;
}
