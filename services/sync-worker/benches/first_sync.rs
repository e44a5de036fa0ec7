//! The first sync of 20 Pages × 500 conversations × 20 messages with 50 ms of simulated latency, as a ratio to the
//! largest of its limits: calls that are serial by nature, Meta's rate of the Conversations API, plain upserts of as many
//! rows: `cargo bench -p pagekeeper-sync-worker --bench first_sync`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and fails at once"
)]

mod support;
#[path = "../tests/it/world.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod world;

use std::time::{Duration, Instant};

use anyhow::Result;
use pagekeeper_graph_sim::{Latency, SimConfig, WorldConfig};
use pagekeeper_store::testing::PlainUpserts;
use serde_json::Value;
use support::{Row, make_durable, plain_upserts, row};
use world::World;

const PAGES: u16 = 20;
const CONVERSATIONS: u32 = 500;
const MESSAGES: u32 = 20;
const LATENCY: Duration = Duration::from_millis(50);

/// Meta's documented calls per second of the Conversations API.
const CALLS_PER_SECOND: f64 = 2.0;

/// Calls of a connect run before its Pages go their own ways: token, its facts, Pages, businesses and their Pages.
const SERIAL_CALLS_BEFORE: u32 = 5;
/// Subscription and details.
const OTHER_CALLS_PER_PAGE: u32 = 2;

#[tokio::main]
async fn main() -> Result<()> {
    let sim = SimConfig {
        world: WorldConfig::simple(PAGES, CONVERSATIONS, MESSAGES),
        latency: Latency { ms: 50, jitter_ms: 0 },
        ..SimConfig::default()
    };
    let mut world = World::new(sim).await;
    make_durable(&world.database).await;
    world.log_in("Test Person").await;
    world.sim("DELETE", "calls", Value::Null).await;

    let started = Instant::now();
    let run_id = world.start_connect().await;
    world.count_is(1, &format!("select count(*) from sync_runs where id = {run_id} and ended_at is not null")).await;
    let wall = started.elapsed();
    let calls = world.sim("GET", "calls/counts", Value::Null).await["total"].as_u64().unwrap();
    let messages = world.number("select count(*) from messages").await;

    let list_calls = CONVERSATIONS.div_ceil(50);
    let serial = LATENCY * (SERIAL_CALLS_BEFORE + OTHER_CALLS_PER_PAGE + list_calls);
    let by_rate = Duration::from_secs_f64(f64::from(list_calls) / CALLS_PER_SECOND);
    let plain = plain_time(&mut world).await?;
    let limit = serial.max(by_rate).max(plain);
    println!(
        "{messages} messages in {wall:.1?}; limits: serial calls {serial:.1?}, rate {by_rate:.1?}, plain upserts {plain:.1?}"
    );
    println!("ratio to the largest limit {:.2}", wall.as_secs_f64() / limit.as_secs_f64());
    let allowed = CONVERSATIONS / 50 + CONVERSATIONS * MESSAGES / 1_000 + 20;
    println!("calls per Page {:.1}, allowed {allowed}", calls as f64 / f64::from(PAGES));
    Ok(())
}

/// As many rows, in the same shape, into the same tables.
async fn plain_time(world: &mut World) -> Result<Duration> {
    let owner = (world.account, world.rows.connection(world.account, "200").await);
    let mut plain = PlainUpserts::connect(&world.database.url_as("pagekeeper_sync_worker")).await?;
    let messages = usize::from(PAGES) * usize::try_from(CONVERSATIONS * MESSAGES)?;
    let each = usize::try_from(MESSAGES)?;
    let rows: Vec<Row> = (0..messages).map(|number| row(number, number / each)).collect();
    plain_upserts(&mut plain, owner, &rows).await
}
