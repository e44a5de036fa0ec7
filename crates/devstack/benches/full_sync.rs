//! A full sync of one Page of 100,000 conversations and 2,000,000 messages, from a simulated Facebook without latency and
//! limits: messages committed per second, as a ratio to plain upserts of the same rows by one connection on the same
//! server; the worker's memory; and the same again of unchanged data, with the worker killed on the way:
//! `cargo bench -p pagekeeper-devstack --bench full_sync`. `PAGEKEEPER_BENCH_CONVERSATIONS` makes the Page smaller.

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
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _};
use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::command_line::ServiceName;
use pagekeeper_devstack::simulator_child::WorldSize;
use pagekeeper_store::migrations::{RolePasswords, migrate};
use pagekeeper_store::testing::{PlainUpserts, TestMessage, TestRows};
use pagekeeper_testkit::bench::{Report, Rounds};
use serde_json::json;
use system::FaultySystem;

/// Whose Pages are of the size that is asked for.
const PERSON: &str = "Sofia Nguyễn";
const CONVERSATIONS: usize = 100_000;
const MESSAGES: usize = 20;
const CONVERSATIONS_PER_CALL: usize = 50;
const KILLS: usize = 5;
const MOST_MEMORY_MB: f64 = 64.0;

/// Rows that are read back at once.
const PORTION: i64 = 50_000;

/// Each look is a connection of its own, which costs what is measured.
const POLL: Duration = Duration::from_secs(1);
const PLAIN: &str = "plain";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    pagekeeper_testkit::init_bench();
    let conversations = match std::env::var("PAGEKEEPER_BENCH_CONVERSATIONS") {
        Ok(conversations) => conversations.parse()?,
        Err(_not_given) => CONVERSATIONS,
    };
    let mut system = start(conversations).await?;
    let browser = system.logged_in(PERSON).await;
    let all = i64::try_from(conversations * MESSAGES)?;
    let ours = first_of_all(&system, all).await?;
    let first_memory = memory(&system)?;
    let plain = plainly(&system).await?;
    let again = again_with_kills(&mut system, &browser, conversations).await?;
    ensure!(system.number("select count(*) from messages").await == all, "each message is there once");

    let one = |value: f64| Rounds::new([value]);
    let mut report = Report::default();
    report.figure("plain upserts of 1,000", "/s", 0, &one(plain));
    report.figure("messages of a Page's first sync and backfill", "/s", 0, &one(ours));
    report.at_least("sync : plain upserts", &one(ours / plain), 0.7);
    report.figure("messages of a full sync, unchanged, with kills", "/s", 0, &one(again.messages_per_second));
    report.at_most("calls that a kill costs", &one(again.calls_per_kill), 2.0);
    report.at_most("sync-worker: most memory, MB", &one(first_memory.max(again.memory)), MOST_MEMORY_MB);
    system.stack.stop().await?;
    Ok(report.print())
}

async fn start(conversations: usize) -> Result<FaultySystem> {
    let conversations = u32::try_from(conversations)?;
    Ok(FaultySystem::start_with(|options| {
        options.graph_limits = false;
        options.world =
            WorldSize { pages: Some(1), conversations: Some(conversations), messages: u32::try_from(MESSAGES).ok() };
        let worker = options.overrides.entry(ServiceName::SyncWorker).or_default();
        let settings = [("CONVERSATION_CALLS_PER_SECOND", "1000"), ("LEASE_S", "3"), ("TAKEOVER_INTERVAL_S", "1")];
        worker.extend(settings.map(|(key, value)| (format!("PAGEKEEPER__SYNC__{key}"), value.to_owned())));
    })
    .await)
}

/// Messages per second from the first page of data to the last.
async fn first_of_all(system: &FaultySystem, all: i64) -> Result<f64> {
    let stored = "select coalesce(sum(messages), 0) from sync_runs where kind = 'backfill'";
    let before = system.number("select count(*) from messages").await;
    let (mut first, started) = (None, Instant::now());
    loop {
        let now = system.number(stored).await;
        if first.is_none() && now > 0 {
            first = Some((Instant::now(), now));
        }
        if system.number("select count(*) from sync_runs where state in ('queued', 'running')").await == 0 {
            break;
        }
        ensure!(started.elapsed() < Duration::from_mins(20), "only {now} messages after {:?}", started.elapsed());
        tokio::time::sleep(POLL).await;
    }
    let (began, already) = first.context("it ended before it was seen")?;
    ensure!(system.number("select count(*) from messages").await == all, "not all messages are there");
    ensure!(before < all / 10, "too little was left to the backfill");
    Ok((system.number(stored).await - already) as f64 / began.elapsed().as_secs_f64())
}

/// The same messages, read back, into the tables of a database of their own.
async fn plainly(system: &FaultySystem) -> Result<f64> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        psid: String,
        #[diesel(sql_type = Text)]
        mid: String,
        #[diesel(sql_type = BigInt)]
        at_ms: i64,
        #[diesel(sql_type = Text)]
        text: String,
    }
    system.postgres.create_database(PLAIN).await?;
    let admin = system.postgres.url(PLAIN);
    let password = || PLAIN.into();
    let passwords = RolePasswords { gateway: password(), webhook_ingest: password(), sync_worker: password() };
    migrate(&admin, &passwords).await?;
    let mut rows = TestRows::connect(&admin).await;
    let account = rows.account(PLAIN).await;
    let owner = (account, rows.connection(account, "700").await);
    let mut plain = PlainUpserts::connect(&admin.replace("//postgres@", "//pagekeeper_sync_worker@")).await?;

    let mut theirs = AsyncPgConnection::establish(&system.database_url()).await?;
    let (mut after, mut stored, mut took) = (0, 0, Duration::ZERO);
    loop {
        let portion: Vec<Row> = diesel::sql_query(
            "select m.id, v.psid, m.mid, (extract(epoch from m.sent_at) * 1000)::bigint as at_ms, coalesce(m.text, '') as text
             from messages m join conversations v on v.id = m.conversation_id where m.id > $1 order by m.id limit $2",
        )
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(PORTION)
        .load(&mut theirs)
        .await?;
        let Some(last) = portion.last() else { break };
        let is_first = after == 0;
        after = last.id;
        stored += portion.len();
        let messages: Vec<TestMessage> = portion
            .into_iter()
            .map(|Row { psid, mid, at_ms, text, .. }| TestMessage { psid, mid, at_ms, text })
            .collect();
        took += plain.store_all(&messages, owner).await?;
        if is_first {
            rows.analyze().await;
        }
    }
    Ok(stored as f64 / took.as_secs_f64())
}

struct Again {
    messages_per_second: f64,
    calls_per_kill: f64,
    /// The most of any of the processes, in MB.
    memory: f64,
}

/// A full sync by a person, with `kill -9` in between: what was stored is not fetched again.
async fn again_with_kills(system: &mut FaultySystem, browser: &Api, conversations: usize) -> Result<Again> {
    let connections = browser.get_ok("/api/connections").await?;
    let page = connections["data"][0]["id"].as_i64().context("no connection")?;
    let before = listing_calls(system).await?;
    let started = Instant::now();
    let path = format!("/api/facebook/pages/{page}/full-sync-from-facebook?wait=0");
    let answer = browser.post(&path, &json!({})).await?;
    ensure!(answer.status.as_u16() == 202, "{}", answer.status);
    let running = "select count(*) from sync_runs where state in ('queued', 'running')";
    let mut most_memory: f64 = 0.0;
    for kill in 1..=KILLS {
        let place = conversations * kill / (KILLS + 1);
        let there = format!("select count(*) from sync_runs where kind = 'full' and conversations >= {place}");
        while system.number(&there).await == 0 {
            ensure!(started.elapsed() < Duration::from_mins(20), "it does not go on after a kill");
            tokio::time::sleep(POLL).await;
        }
        most_memory = most_memory.max(memory(system)?);
        system.stack.kill_service(ServiceName::SyncWorker).await?;
        system.stack.start_service(ServiceName::SyncWorker).await?;
    }
    while system.number(running).await > 0 {
        tokio::time::sleep(POLL).await;
    }
    let took = started.elapsed();
    let needed = conversations.div_ceil(CONVERSATIONS_PER_CALL);
    let more = (listing_calls(system).await? - before).saturating_sub(u64::try_from(needed)?);
    Ok(Again {
        messages_per_second: (conversations * MESSAGES) as f64 / took.as_secs_f64(),
        calls_per_kill: more as f64 / KILLS as f64,
        memory: most_memory.max(memory(system)?),
    })
}

async fn listing_calls(system: &FaultySystem) -> Result<u64> {
    let counts = system.simulator.get("/_sim/calls/counts").await?;
    Ok(counts["by_endpoint"]["GET /{page}/conversations"].as_u64().unwrap_or(0))
}

fn memory(system: &FaultySystem) -> Result<f64> {
    Ok(system.stack.service(ServiceName::SyncWorker)?.peak_memory()? as f64 / 1e6)
}
