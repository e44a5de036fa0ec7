//! A backlog of webhook events stored, as a ratio to plain upserts of a thousand of the same rows under the same role and
//! policies, measured in turn in the same run: `cargo bench -p pagekeeper-sync-worker --bench webhook_events`.
//!
//! Bundles of 32 entries of about 600 bytes wait in a quorum queue; each message belongs to any of 50,000 conversations.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark prints, and fails at once")]

#[path = "../tests/it/world.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod world;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use pagekeeper_store::testing::{PlainUpserts, TestMessage};
use pagekeeper_testkit::bench::{Report, Rounds};
use pagekeeper_testkit::database::number;
use world::{World, message};

const CONVERSATIONS: usize = 50_000;
const MESSAGES: usize = 40_000;
const BUNDLE: usize = 32;
const ROUNDS: usize = 3;

const OURS: &str = "100";
const PLAIN: &str = "200";

/// The ids that were given out: counting the rows would cost what is measured.
const STORED: &str = "select coalesce(pg_sequence_last_value(pg_get_serial_sequence('messages', 'id')), 0)";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    pagekeeper_testkit::init_bench();
    let sim = SimConfig { world: WorldConfig::simple(1, 0, 0), ..SimConfig::default() };
    let mut world = World::without_worker(sim).await;
    let ours = (world.account, world.rows.connection(world.account, OURS).await);
    let theirs = (world.account, world.rows.connection(world.account, PLAIN).await);
    let mut plain = PlainUpserts::connect(&world.database.url_as("pagekeeper_sync_worker")).await?;
    let known: Vec<TestMessage> = (0..CONVERSATIONS).map(|person| TestMessage::new(person, person)).collect();
    let (first, rest) = known.split_at(1_000);
    for owner in [ours, theirs] {
        plain.store_all(first, owner).await?;
        world.rows.analyze().await;
        plain.store_all(rest, owner).await?;
    }
    // Names are another matter, and would be asked for beside it.
    world.database.execute("update contacts set profile_checked_at = now()").await;
    world.database.execute("vacuum analyze").await;

    let (mut ours_per_second, mut plain_per_second) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let rows = traffic(round);
        plain_per_second.push(rate(rows.len(), plain.store_all(&rows, theirs).await?));
        ours_per_second.push(backlog(&mut world, &rows).await);
    }
    let ratios = ours_per_second.iter().zip(&plain_per_second).map(|(ours, plain)| ours / plain);
    let mut report = Report::default();
    report.figure("plain upserts of 1,000", "/s", 0, &Rounds::new(plain_per_second.iter().copied()));
    report.figure(
        "webhook events, from the queue to the commit",
        "/s",
        0,
        &Rounds::new(ours_per_second.iter().copied()),
    );
    report.at_least("webhook events : plain upserts", &Rounds::new(ratios), 0.8);
    Ok(report.print())
}

/// Any of the customers, by Knuth's linear congruential generator: the same in each run.
fn traffic(round: usize) -> Vec<TestMessage> {
    let mut random = u64::try_from(round).unwrap();
    let first = CONVERSATIONS + round * MESSAGES;
    (first..first + MESSAGES)
        .map(|number| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            TestMessage::new(number, usize::try_from(random >> 33).unwrap() % CONVERSATIONS)
        })
        .collect()
}

/// Messages per second from a queue that is full before the worker starts, without the worker's start.
async fn backlog(world: &mut World, rows: &[TestMessage]) -> f64 {
    for bundle in rows.chunks(BUNDLE) {
        let entries = bundle.iter().map(|row| message(OURS, &row.psid, &row.mid, row.at_ms, &row.text)).collect();
        world.publish_entries(entries).await;
    }
    let before = world.number(STORED).await;
    let all = before + i64::try_from(rows.len()).unwrap();
    world.start_worker().await;
    let mut database = world.database.connect().await.unwrap();
    let (mut first, mut seen) = (None, before);
    while seen < all {
        tokio::time::sleep(Duration::from_millis(20)).await;
        seen = number(&mut database, STORED).await;
        if first.is_none() && seen > before {
            first = Some((Instant::now(), seen));
        }
    }
    let (started, already) = first.unwrap();
    let took = started.elapsed();
    world.stop_workers().await;
    rate(usize::try_from(all - already).unwrap(), took)
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
