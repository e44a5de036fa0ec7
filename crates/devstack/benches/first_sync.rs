//! The first sync of 20 Pages × 500 conversations × 20 messages with 50 ms of simulated latency, from the login to the
//! end of the run, beside the largest of its limits: calls that are serial by nature, Meta's rate of the Conversations
//! API, plain upserts of as many rows. And what it costs: Graph calls, and memory of each service:
//! `cargo bench -p pagekeeper-devstack --bench first_sync`.

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
use pagekeeper_devstack::command_line::ServiceName;
use pagekeeper_store::testing::{PlainUpserts, TestMessage, TestRows};
use pagekeeper_testkit::bench::{Report, Rounds};
use system::FaultySystem;

/// Whose Pages are of this size.
const PERSON: &str = "Sofia Nguyễn";
const PAGES: usize = 20;
const CONVERSATIONS: usize = 500;
const MESSAGES: usize = 20;
const LATENCY: Duration = Duration::from_millis(50);

/// Meta's documented calls per second and Page of the Conversations API.
const CALLS_PER_SECOND: f64 = 2.0;

/// Calls before the Pages go their own ways: code, long-lived token, its facts, person, Pages, businesses, their Pages.
const SERIAL_CALLS_BEFORE: u32 = 7;
/// Subscription and details.
const OTHER_CALLS_PER_PAGE: u32 = 2;
/// Conversations of one call: Meta answers the messages with them.
const CONVERSATIONS_PER_CALL: u32 = 50;

const MOST_MEMORY_MB: f64 = 64.0;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let latency = u64::try_from(LATENCY.as_millis())?;
    let system = FaultySystem::start_with(|options| options.graph_latency_ms = latency).await;
    let started = Instant::now();
    system.logged_in(PERSON).await;
    let wall = started.elapsed();
    let messages = system.number("select count(*) from messages").await;
    ensure!(messages >= i64::try_from(PAGES * CONVERSATIONS * MESSAGES)?, "only {messages} messages were synced");
    let report = report(&system, wall).await?;
    system.stack.stop().await?;
    Ok(report.print())
}

async fn report(system: &FaultySystem, wall: Duration) -> Result<Report> {
    let one = |value: f64| Rounds::new([value]);
    let mut report = Report::default();
    let list_calls = u32::try_from(CONVERSATIONS)?.div_ceil(CONVERSATIONS_PER_CALL);
    let serial = LATENCY * (SERIAL_CALLS_BEFORE + OTHER_CALLS_PER_PAGE + list_calls);
    let by_rate = Duration::from_secs_f64(f64::from(list_calls) / CALLS_PER_SECOND);
    let plain = plain_upserts(system).await?;
    report.figure("limit: calls that are serial by nature", "s", 2, &one(serial.as_secs_f64()));
    report.figure("limit: Meta's rate per Page", "s", 2, &one(by_rate.as_secs_f64()));
    report.figure("limit: plain upserts of the same rows", "s", 2, &one(plain.as_secs_f64()));
    report.figure("first sync, from the login to the end of the run", "s", 2, &one(wall.as_secs_f64()));
    let limit = serial.max(by_rate).max(plain);
    report.at_most("first sync : largest limit", &one(wall.as_secs_f64() / limit.as_secs_f64()), 1.5);

    let calls = system.simulator.get("/_sim/calls/counts").await?["total"].as_u64().context("no count")?;
    let allowed = CONVERSATIONS / 50 + CONVERSATIONS * MESSAGES / 1_000 + 20;
    report.at_most("Graph calls per Page", &one(calls as f64 / PAGES as f64), allowed as f64);
    for name in [ServiceName::Gateway, ServiceName::WebhookIngest, ServiceName::SyncWorker] {
        let peak = system.stack.service(name)?.peak_memory()?;
        report.at_most(&format!("{}: most memory, MB", name.as_str()), &one(peak as f64 / 1e6), MOST_MEMORY_MB);
    }
    Ok(report)
}

/// As many rows, in the same shape, into the same tables, of which PostgreSQL has statistics.
async fn plain_upserts(system: &FaultySystem) -> Result<Duration> {
    let mut rows = TestRows::connect(&system.database_url()).await;
    let account = rows.account("plain").await;
    let owner = (account, rows.connection(account, "700").await);
    let worker = system.database_url().replace("//postgres@", "//pagekeeper_sync_worker@");
    let mut plain = PlainUpserts::connect(&worker).await?;
    rows.analyze().await;
    let all = PAGES * CONVERSATIONS * MESSAGES;
    let messages: Vec<TestMessage> = (0..all).map(|number| TestMessage::new(number, number / MESSAGES)).collect();
    Ok(plain.store_all(&messages, owner).await?)
}
