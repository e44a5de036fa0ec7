//! A backlog of webhook events stored, as a ratio to plain upserts of a thousand of the same rows under the same role and
//! policies, measured in turn in the same run: `cargo bench -p pagekeeper-sync-worker --bench webhook_events`.
//!
//! Bundles of 32 entries of about 600 bytes wait in a quorum queue; each message belongs to any of 50,000 conversations.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints, and fails at once"
)]

mod support;
#[path = "../tests/it/world.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod world;

use std::time::{Duration, Instant};

use anyhow::Result;
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use pagekeeper_store::testing::PlainUpserts;
use support::{Row, make_durable, plain_upserts, row};
use world::{World, message};

const CONVERSATIONS: usize = 50_000;
const MESSAGES: usize = 40_000;
const BUNDLE: usize = 32;
const ROUNDS: usize = 3;

const OURS: &str = "100";
const PLAIN: &str = "200";

#[tokio::main]
async fn main() -> Result<()> {
    let sim = SimConfig { world: WorldConfig::simple(1, 0, 0), ..SimConfig::default() };
    let mut world = World::without_worker(sim).await;
    make_durable(&world.database).await;
    let ours = (world.account, world.rows.connection(world.account, OURS).await);
    let theirs = (world.account, world.rows.connection(world.account, PLAIN).await);
    let mut plain = PlainUpserts::connect(&world.database.url_as("pagekeeper_sync_worker")).await?;
    let known: Vec<Row> = (0..CONVERSATIONS).map(|person| row(person, person)).collect();
    for owner in [ours, theirs] {
        plain_upserts(&mut plain, owner, &known).await?;
    }
    // Names are another matter, and would be asked for beside it.
    world.database.execute("update contacts set profile_checked_at = now()").await;
    world.database.execute("vacuum analyze").await;

    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let rows = traffic(round);
        let plain_rate = rate(rows.len(), plain_upserts(&mut plain, theirs, &rows).await?);
        let our_rate = backlog(&mut world, &rows).await;
        let ratio = our_rate / plain_rate;
        println!("webhook events {our_rate:.0}/s, plain upserts {plain_rate:.0}/s, ratio {ratio:.2}");
        ratios.push(ratio);
    }
    ratios.sort_unstable_by(f64::total_cmp);
    println!("ratio: median {:.2}, from {:.2} to {:.2}", ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1]);
    Ok(())
}

/// Any of the customers, by Knuth's linear congruential generator: the same in each run.
fn traffic(round: usize) -> Vec<Row> {
    let mut random = u64::try_from(round).unwrap();
    let first = CONVERSATIONS + round * MESSAGES;
    (first..first + MESSAGES)
        .map(|number| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            row(number, usize::try_from(random >> 33).unwrap() % CONVERSATIONS)
        })
        .collect()
}

/// Messages per second from a queue that is full before the worker starts, without the worker's start.
async fn backlog(world: &mut World, rows: &[Row]) -> f64 {
    for bundle in rows.chunks(BUNDLE) {
        let entries = bundle.iter().map(|row| message(OURS, &row.psid, &row.mid, row.at_ms, &row.text)).collect();
        world.publish_entries(entries).await;
    }
    let before = stored(world).await;
    let all = before + i64::try_from(rows.len()).unwrap();
    world.start_worker().await;
    let (mut first, mut seen) = (None, before);
    while seen < all {
        tokio::time::sleep(Duration::from_millis(5)).await;
        seen = stored(world).await;
        if first.is_none() && seen > before {
            first = Some((Instant::now(), seen));
        }
    }
    let (started, already) = first.unwrap();
    let took = started.elapsed();
    world.stop_workers().await;
    rate(usize::try_from(all - already).unwrap(), took)
}

/// The ids that were given out: counting the rows would cost what is measured.
async fn stored(world: &World) -> i64 {
    world.number("select coalesce(pg_sequence_last_value(pg_get_serial_sequence('messages', 'id')), 0)").await
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
