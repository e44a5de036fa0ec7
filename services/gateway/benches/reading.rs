//! The inbox, a thread and both searches in an account with 1,000,000 conversations and 20,000,000 messages, each beside
//! the bare query of its index in the same run: `cargo bench -p pagekeeper-gateway --bench reading`.
//!
//! `PAGEKEEPER_BENCH_CONVERSATIONS` and `PAGEKEEPER_BENCH_MESSAGES` make it smaller, `PAGEKEEPER_BENCH_PER_SECOND` slower. The
//! rows take half an hour and 15 GB: with `PAGEKEEPER_BENCH_KEEP=name` they stay in a database of that name on the server of
//! `DATABASE_URL`, and are found there the next time.

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
use chrono::DateTime;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::folding::words;
use pagekeeper_common::domain::ids::{AccountId, ConversationId};
use pagekeeper_store::testing::{BareQuery, BareReading, Frequency};
use pagekeeper_testkit::TestDatabase;
use pagekeeper_testkit::bench::{Latencies, Report, Rounds, open_loop};
use serde_json::json;
use system::System;

const PAGES: u32 = 20;
const CONNECTIONS: usize = 8;
const ROUNDS: usize = 3;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(10);
/// What a route may take, in p99 of the bare query.
const GOAL: f64 = 3.0;

/// Prime, so that a walk in such steps comes by all places, never in the list's order.
const STRIDE: u32 = 7_919;

/// What people look for: frequent and rare words, alone and together, in three languages; one word that is nowhere.
const MESSAGES: [(&str, Frequency); 6] = [
    ("giao hàng", Frequency::Frequent),
    ("smørrebrød søndag", Frequency::Frequent),
    ("blue jacket", Frequency::Frequent),
    ("Đà Nẵng 00ab", Frequency::Rare),
    ("kaffe 4f21", Frequency::Rare),
    ("nowhereatall", Frequency::Rare),
];
const CONTACTS: [(&str, Frequency); 6] = [
    ("nguyen", Frequency::Frequent),
    ("søren jen", Frequency::Frequent),
    ("freja holm", Frequency::Frequent),
    ("rần thị", Frequency::Frequent),
    ("4f21", Frequency::Rare),
    ("nowhereatall", Frequency::Rare),
];

/// How large the account is, and how often it is asked.
#[derive(Clone, Copy)]
struct Size {
    conversations: u32,
    messages: u32,
    /// Requests.
    per_second: u32,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    pagekeeper_testkit::init_bench();
    let size = Size {
        conversations: from_environment("PAGEKEEPER_BENCH_CONVERSATIONS", 1_000_000),
        messages: from_environment("PAGEKEEPER_BENCH_MESSAGES", 20_000_000),
        per_second: from_environment("PAGEKEEPER_BENCH_PER_SECOND", 50),
    };
    let mut system = start().await;
    let owner = system.logged_in("Linh Trần").await;
    let account = owner.account_id().await;
    let seeded = format!("select count(*) from (select from messages where account_id = {account} limit 1) one");
    if system.database.number(&seeded).await == 0 {
        seed(&system, account, size).await;
    }
    let key = owner.post_json("/api/api-keys", json!({ "name": "bench", "scopes": ["inbox:read"] })).await.expect(201);
    let program = owner.program(key.json()["key"].as_str().unwrap());
    let bare = BareReading::connect(&system.database.admin_url(), CONNECTIONS, AccountId::new(account)).await;
    let bare = Arc::new(bare);
    let first =
        system.database.number(&format!("select min(id) from conversations where account_id = {account}")).await;

    let mut report = Report::default();
    for route in [Route::Inbox, Route::Thread, Route::Contacts, Route::Messages] {
        let asked = Asked { route, size, first };
        let (mut api, mut plain) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            plain.push(measure_bare(&bare, asked).await?);
            api.push(measure_route(&program, asked).await?);
        }
        add(&mut report, route, &api, &plain);
    }
    system.stop().await;
    Ok(report.print())
}

/// On a database of this run, or on one that is kept.
async fn start() -> System {
    match std::env::var("PAGEKEEPER_BENCH_KEEP") {
        Ok(name) => System::start_in(TestDatabase::kept(&name).await, &[]).await,
        Err(_not_given) => System::start().await,
    }
}

fn from_environment(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |number| number.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// Conversations over several Pages, with as many messages each; the words of the texts are as frequent as words are: some
/// in every fifth message, some in one of thousands. Foreign keys are not checked, and the index of words is built at the
/// end: the rows are the same, in a tenth of the time.
async fn seed(system: &System, account: i64, size: Size) {
    let each = size.conversations / PAGES;
    let per_conversation = (size.messages / size.conversations).max(1);
    for sql in [
        format!(
            "insert into connections (account_id, page_id, name, state)
             select {account}, 'bench' || n, 'Shop ' || n, 'connected' from generate_series(1, {PAGES}) n;
             insert into contacts (account_id, connection_id, psid, name, profile_checked_at, picture_checked_at)
             select {account}, k.id, 'p' || n, (array['Nguyễn', 'Trần', 'Lê', 'Jensen', 'Nielsen', 'Holm', 'Smith'])[1 + n % 7]
                     || ' ' || (array['Thị', 'Văn', 'Freja', 'Søren', 'Mette', 'John'])[1 + n % 6]
                     || ' ' || substr(md5((k.id * 1000003 + n)::text), 1, 5), now(), now()
             from connections k, generate_series(1, {each}) n where k.account_id = {account} and k.page_id like 'bench%'"
        ),
        format!(
            "insert into conversations (account_id, connection_id, psid, contact_id, last_message_at, last_message_mid,
                 snippet, last_inbound_at, read_up_to)
             select c.account_id, c.connection_id, c.psid, c.id, sent.at, 'm', 'Do you still have it?', sent.at, sent.at
             from contacts c cross join lateral (
                 select '2026-11-19T12:00:00Z'::timestamptz - substr(c.psid, 2)::int * interval '30 s' as at) sent
             where c.account_id = {account} and c.psid like 'p%'"
        ),
        format!(
            "set session_replication_role = replica;
             insert into messages (account_id, connection_id, conversation_id, mid, from_page, sent_at, text)
             select v.account_id, v.connection_id, v.id, 'm' || v.id || '_' || n, n % 2 = 0,
                 v.last_message_at - n * interval '1 hour',
                 (array['Shop còn size này không ạ', 'Cho em hỏi phí giao hàng về Đà Nẵng', 'Hej, har I åbent på søndag',
                     'Vi vil gerne bestille et bord til fire', 'Hi, do you still have the blue one'])[1 + (v.id + n) % 5]
                     || ' ' || (array['áo', 'giày', 'smørrebrød', 'kaffe', 'jacket', 'shoes', 'bánh mì'])[1 + (v.id / 5 + n) % 7]
                     || ' ' || substr(md5((v.id * 31 + n)::text), 1, 4)
             from conversations v, generate_series(0, {per_conversation} - 1) n where v.account_id = {account}"
        ),
        format!(
            "do $$
             declare
                 definition text := pg_get_indexdef('message_search_words'::regclass);
             begin
                 drop index message_search_words;
                 insert into message_search (account_id, message_id, sent_at, words)
                 select m.account_id, m.id, m.sent_at, message_lexemes(m.account_id, m.connection_id, m.text)
                 from messages m where m.account_id = {account};
                 execute definition;
                 insert into contact_search (account_id, contact_id, words)
                 select c.account_id, c.id, contact_lexemes(c.account_id, c.connection_id, c.name, c.email, c.phone, c.tags)
                 from contacts c where c.account_id = {account};
                 update search_progress set indexed_up_to = 9000000000, next_up_to = 9000000000;
             end
             $$"
        ),
        "select gin_clean_pending_list('contact_search_words')".to_owned(),
    ] {
        system.database.execute(&sql).await;
    }
    for table in ["contacts", "conversations", "messages", "connections", "message_search", "contact_search"] {
        system.database.execute(&format!("vacuum analyze {table}")).await;
    }
}

#[derive(Debug, Clone, Copy)]
enum Route {
    Inbox,
    Thread,
    Contacts,
    Messages,
}

/// What is asked of a route, each time something else.
#[derive(Clone, Copy)]
struct Asked {
    route: Route,
    size: Size,
    /// The first conversation's id.
    first: i64,
}

impl Asked {
    fn conversation(self, number: u32) -> i64 {
        self.first + i64::from(number.wrapping_mul(STRIDE) % self.size.conversations)
    }

    /// Any time of the list.
    fn place(self, number: u32) -> KeysetCursor {
        let seconds = i64::from(number.wrapping_mul(STRIDE) % (self.size.conversations / PAGES)) * 30;
        let newest = DateTime::parse_from_rfc3339("2026-11-19T12:00:00Z").unwrap().timestamp();
        KeysetCursor { at: DateTime::from_timestamp(newest - seconds, 0).unwrap(), id: i64::MAX }
    }

    fn path(self, number: u32) -> String {
        let encoded = |text: &str| text.replace(' ', "+");
        match self.route {
            Route::Inbox => format!("/api/conversations?limit=50&cursor={}", self.place(number).encode()),
            Route::Thread => format!("/api/conversations/{}/messages?limit=50", self.conversation(number)),
            Route::Contacts => format!("/api/contacts?limit=50&q={}", encoded(one(&CONTACTS, number).0)),
            Route::Messages => format!("/api/messages/search?limit=50&q={}", encoded(one(&MESSAGES, number).0)),
        }
    }

    fn query(self, number: u32) -> BareQuery {
        match self.route {
            Route::Inbox => BareQuery::Inbox(self.place(number)),
            Route::Thread => BareQuery::Thread(ConversationId::new(self.conversation(number))),
            Route::Contacts => {
                let (text, frequency) = one(&CONTACTS, number);
                BareQuery::Contacts(words(text), frequency)
            }
            Route::Messages => {
                let (text, frequency) = one(&MESSAGES, number);
                BareQuery::Messages(words(text), frequency)
            }
        }
    }
}

fn one(texts: &[(&'static str, Frequency)], number: u32) -> (&'static str, Frequency) {
    texts[usize::try_from(number).unwrap() % texts.len()]
}

async fn measure_bare(bare: &Arc<BareReading>, asked: Asked) -> Result<Latencies> {
    open_loop(asked.size.per_second, WARM_UP, MEASURED, |number| {
        let bare = Arc::clone(bare);
        async move {
            bare.run(usize::try_from(number)?, &asked.query(number)).await?;
            Ok(())
        }
    })
    .await
}

async fn measure_route(program: &Browser, asked: Asked) -> Result<Latencies> {
    open_loop(asked.size.per_second, WARM_UP, MEASURED, |number| {
        let program = program.clone();
        async move {
            program.get(&asked.path(number)).await.expect(200);
            Ok(())
        }
    })
    .await
}

fn add(report: &mut Report, route: Route, api: &[Latencies], bare: &[Latencies]) {
    let of = |all: &[Latencies], quantile| Rounds::new(all.iter().map(|one| one.quantile(quantile)));
    for (name, all) in [("bare query", bare), ("route", api)] {
        report.figure(&format!("{route:?}, {name}, p50"), "ms", 2, &of(all, 0.5));
        report.figure(&format!("{route:?}, {name}, p99"), "ms", 2, &of(all, 0.99));
    }
    let ratios = api.iter().zip(bare).map(|(api, bare)| api.quantile(0.99) / bare.quantile(0.99));
    report.at_most(&format!("{route:?}, p99 of the route : p99 of the bare query"), &Rounds::new(ratios), GOAL);
}
