//! A backlog of webhook events of many Pages: drained by one worker, as a ratio to plain upserts of a thousand of the same
//! rows under the same role and policies, and by two workers, as a ratio to one; measured in turn in the same run:
//! `cargo bench -p pagekeeper-sync-worker --bench webhook_backlog`. `PAGEKEEPER_BENCH_EVENTS` is the size of a backlog.
//!
//! Bundles of about 32 entries of about 600 bytes wait in four quorum queues; each message belongs to any of 50,000
//! conversations of 64 Pages.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark prints, and fails at once")]

#[path = "../tests/it/world.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod world;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId};
use pagekeeper_graph_sim::{SimConfig, WorldConfig};
use pagekeeper_store::testing::{PlainUpserts, TestMessage};
use pagekeeper_testkit::bench::{Report, Rounds};
use pagekeeper_testkit::database::number;
use world::{World, message};

const EVENTS: usize = 500_000;
const CONVERSATIONS: usize = 50_000;
const PAGES: usize = 64;
const QUEUES: u16 = 4;
const BUNDLE: usize = 32;
const ROUNDS: usize = 3;

const PLAIN: &str = "900";

/// The ids that were given out: counting the rows would cost what is measured.
const STORED: &str = "select coalesce(pg_sequence_last_value(pg_get_serial_sequence('messages', 'id')), 0)";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    pagekeeper_testkit::init_bench();
    let events = match std::env::var("PAGEKEEPER_BENCH_EVENTS") {
        Ok(events) => events.parse()?,
        Err(_not_given) => EVENTS,
    };
    let sim = SimConfig { world: WorldConfig::simple(1, 0, 0), ..SimConfig::default() };
    let mut world = World::without_worker(sim).await;
    let theirs = (world.account, world.rows.connection(world.account, PLAIN).await);
    let mut plain = PlainUpserts::connect(&world.database.url_as("pagekeeper_sync_worker")).await?;
    know_the_conversations(&mut world, &mut plain, theirs).await?;

    let (mut plainly, mut by_one, mut by_two) = (Vec::new(), Vec::new(), Vec::new());
    let mut first = CONVERSATIONS;
    let mut next = || {
        first += events;
        traffic(first - events, events)
    };
    for _ in 0..ROUNDS {
        let rows = next();
        let bare: Vec<TestMessage> = rows.iter().map(|(row, _)| row.clone()).collect();
        plainly.push(rate(bare.len(), plain.store_all(&bare, theirs).await?));
        by_one.push(backlog(&mut world, &rows, 1).await);
        by_two.push(backlog(&mut world, &next(), 2).await);
    }
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(world.number(deadlocks).await, 0, "deadlocks");

    let of = |rates: &[f64]| Rounds::new(rates.iter().copied());
    let ratio = |of: &[f64], to: &[f64]| Rounds::new(of.iter().zip(to).map(|(of, to)| of / to));
    let mut report = Report::default();
    report.figure("plain upserts of 1,000", "/s", 0, &of(&plainly));
    report.figure("webhook events, one worker", "/s", 0, &of(&by_one));
    report.figure("webhook events, two workers", "/s", 0, &of(&by_two));
    report.at_least("one worker : plain upserts", &ratio(&by_one, &plainly), 0.8);
    report.at_least("two workers : one", &ratio(&by_two, &by_one), 1.5);
    Ok(report.print())
}

/// The Page of a customer's conversation.
fn page(person: usize) -> String {
    (100 + person % PAGES).to_string()
}

/// Every conversation is there before anything is measured, once for the worker's Pages and once for the plain one.
async fn know_the_conversations(
    world: &mut World,
    plain: &mut PlainUpserts,
    theirs: (AccountId, ConnectionId),
) -> Result<()> {
    let known: Vec<TestMessage> = (0..CONVERSATIONS).map(|person| TestMessage::new(person, person)).collect();
    let (first, rest) = known.split_at(1_000);
    plain.store_all(first, theirs).await?;
    world.rows.analyze().await;
    plain.store_all(rest, theirs).await?;
    for index in 0..PAGES {
        let of_page: Vec<TestMessage> = known.iter().skip(index).step_by(PAGES).cloned().collect();
        let connection = world.rows.connection(world.account, &page(index)).await;
        plain.store_all(&of_page, (world.account, connection)).await?;
    }
    // Names are another matter, and would be asked for beside it.
    world.database.execute("update contacts set profile_checked_at = now()").await;
    world.database.execute("vacuum analyze").await;
    Ok(())
}

/// Any of the customers, by Knuth's linear congruential generator: the same in each run.
fn traffic(first: usize, count: usize) -> Vec<(TestMessage, usize)> {
    let mut random = u64::try_from(first).unwrap();
    (first..first + count)
        .map(|number| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let person = usize::try_from(random >> 33).unwrap() % CONVERSATIONS;
            (TestMessage::new(number, person), person)
        })
        .collect()
}

/// Messages per second from queues that are full before the workers start, without their start.
async fn backlog(world: &mut World, rows: &[(TestMessage, usize)], workers: usize) -> f64 {
    for bundles in rows.chunks(BUNDLE * usize::from(QUEUES)) {
        let entry =
            |(row, person): &(TestMessage, usize)| message(&page(*person), &row.psid, &row.mid, row.at_ms, &row.text);
        world.publish_split(bundles.iter().map(entry).collect(), QUEUES).await;
    }
    let (there, before) = (count(world).await, world.number(STORED).await);
    let all = before + i64::try_from(rows.len()).unwrap();
    for _ in 0..workers {
        world.start_worker().await;
    }
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
    assert_eq!(count(world).await, there + i64::try_from(rows.len()).unwrap(), "each is stored once");
    rate(usize::try_from(all - already).unwrap(), took)
}

async fn count(world: &World) -> i64 {
    world.number("select count(*) from messages").await
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
