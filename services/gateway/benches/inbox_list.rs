//! Pages of the inbox of an account with 1,000,000 conversations at 200/s, from any place of the list, beside the bare
//! query through a pool of the same size: `cargo bench -p pagekeeper-gateway --bench inbox_list`.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a benchmark fails at once")]

#[path = "../tests/it/browser.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod browser;
#[path = "../tests/it/system.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod system;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use browser::Browser;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_store::conversations::{self, InboxPage, PageStart};
use pagekeeper_store::{AccountTx, Store, StoreConfig};
use pagekeeper_testkit::bench::{Latencies, Report, Rounds, open_loop};
use serde_json::json;
use system::System;

const CONVERSATIONS: u32 = 1_000_000;
const PAGES: u32 = 20;
const PER_SECOND: u32 = 200;
/// What the console asks for.
const LIMIT: u32 = 50;
const ROUNDS: usize = 3;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(10);

/// Prime, so that a walk in such steps comes by all places, never in the list's order.
const STRIDE: u32 = 7_919;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    pagekeeper_testkit::init_bench();
    let mut system = System::start().await;
    let owner = system.logged_in("Linh Trần").await;
    let account = owner.account_id().await;
    seed(&system, account).await;
    let key = owner.post_json("/api/api-keys", json!({ "name": "bench", "scopes": ["inbox:read"] })).await.expect(201);
    let program = owner.program(key.json()["key"].as_str().unwrap());
    let store = Store::connect(&StoreConfig::new(system.database.url_as("pagekeeper_gateway")));
    let account = AccountId::new(account);
    let places = Arc::new(places(&store, account).await?);

    let (mut api, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(query(&store, account, &places).await?);
        api.push(request(&program, &places).await?);
    }
    system.stop().await;
    Ok(report(&api, &bare).print())
}

/// Each Page with as many; 3 of 100 are unread.
async fn seed(system: &System, account: i64) {
    let each = CONVERSATIONS / PAGES;
    system
        .database
        .execute(&format!(
            "insert into connections (account_id, page_id, name, state)
             select {account}, 'bench' || n, 'Shop ' || n, 'connected' from generate_series(1, {PAGES}) n;
             insert into contacts (account_id, connection_id, psid, name, profile_checked_at, picture_checked_at)
             select {account}, k.id, 'p' || n, 'Customer ' || n, now(), now()
             from connections k, generate_series(1, {each}) n where k.account_id = {account} and k.page_id like 'bench%';
             insert into conversations (account_id, connection_id, psid, contact_id, last_message_at, last_message_mid,
                 snippet, last_inbound_at, read_up_to)
             select c.account_id, c.connection_id, c.psid, c.id, sent.at, 'm', 'Do you still have the blue one in L?', sent.at,
                 sent.at - (n % 100 < 3)::int * interval '1 hour'
             from contacts c cross join lateral (select substr(c.psid, 2)::int as n) counted
                 cross join lateral (select '2026-11-19T12:00:00Z'::timestamptz - n * interval '30 s' as at) sent
             where c.account_id = {account} and c.psid like 'p%';
             insert into messages (account_id, connection_id, conversation_id, mid, from_page, sent_at, text)
             select account_id, connection_id, id, 'm' || id, false, last_message_at, snippet from conversations
             where account_id = {account}"
        ))
        .await;
    for table in ["contacts", "conversations", "messages", "connections"] {
        system.database.execute(&format!("vacuum analyze {table}")).await;
    }
}

/// Where each page of the whole list ends.
async fn places(store: &Store, account: AccountId) -> Result<Vec<KeysetCursor>> {
    let mut places = Vec::new();
    let mut from = PageStart::Newest;
    loop {
        let page = page(from);
        let rows = store.account(account, async |tx: &mut AccountTx| conversations::list(tx, &page).await).await?;
        let Some(last) = rows.last() else { return Ok(places) };
        places.push(last.cursor());
        from = PageStart::OlderThan(last.cursor());
    }
}

fn page(from: PageStart) -> InboxPage {
    InboxPage { connection_id: None, unread_only: false, from, limit: LIMIT + 1 }
}

fn place(places: &[KeysetCursor], number: u32) -> KeysetCursor {
    let count = u32::try_from(places.len()).unwrap();
    places[usize::try_from(number.wrapping_mul(STRIDE) % count).unwrap()]
}

async fn query(store: &Store, account: AccountId, places: &Arc<Vec<KeysetCursor>>) -> Result<Latencies> {
    open_loop(PER_SECOND, WARM_UP, MEASURED, |number| {
        let (store, page) = (store.clone(), page(PageStart::OlderThan(place(places, number))));
        async move {
            store.account(account, async |tx: &mut AccountTx| conversations::list(tx, &page).await).await?;
            Ok(())
        }
    })
    .await
}

async fn request(program: &Browser, places: &Arc<Vec<KeysetCursor>>) -> Result<Latencies> {
    open_loop(PER_SECOND, WARM_UP, MEASURED, |number| {
        let path = format!("/api/conversations?limit={LIMIT}&cursor={}", place(places, number).encode());
        let program = program.clone();
        async move {
            program.get(&path).await.expect(200);
            Ok(())
        }
    })
    .await
}

fn report(api: &[Latencies], bare: &[Latencies]) -> Report {
    let of = |all: &[Latencies], quantile| Rounds::new(all.iter().map(|one| one.quantile(quantile)));
    let mut report = Report::default();
    for (name, all) in [("bare query", bare), ("GET /api/conversations", api)] {
        report.figure(&format!("{name}, p50"), "ms", 2, &of(all, 0.5));
        report.figure(&format!("{name}, p99"), "ms", 2, &of(all, 0.99));
    }
    let ratios = api.iter().zip(bare).map(|(api, bare)| api.quantile(0.99) / bare.quantile(0.99));
    report.at_most("p99 of the list : p99 of the bare query", &Rounds::new(ratios), 3.0);
    report
}
