//! What a sync asks of the database, beside what is there already: 10,000, 100,000 and 1,000,000 conversations of one Page
//! and as many ended runs of its account's other Pages. Each query must stay as quick as it was:
//! `cargo bench -p pagekeeper-store --bench sync_queries`. `PAGEKEEPER_BENCH_CONVERSATIONS` is the largest size.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and fails at once")]

#[path = "support/database.rs"]
mod database;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use database::Database;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, Mid, Psid, RunId};
use pagekeeper_common::domain::sync_run::{RunCursor, RunKind, RunPhase, RunState};
use pagekeeper_store::messages::{ConversationUpsert, MessageUpsert, StoreBatch, ThreadListing};
use pagekeeper_store::sync_runs::{self, NewRun, RunEnd, RunLease, RunProgress};
use pagekeeper_store::testing::TestRows;
use pagekeeper_store::{AccountsTx, Store, StoreConfig, StoreError, SystemTx};
use pagekeeper_testkit::bench::{Report, Rounds};

const SMALLEST: usize = 10_000;
const LARGEST: usize = 1_000_000;
/// What one query may take at the largest size, in times of the smallest.
const FLAT: f64 = 2.0;

const CONVERSATIONS_PER_CALL: usize = 50;
const MESSAGES_PER_CONVERSATION: usize = 20;
/// Of which the first fill caches and prepare statements.
const ROUNDS: usize = 40;
const WARM_UP: usize = 5;

/// Characters of the longest bar.
const BAR: f64 = 40.0;

/// Query → its time at each size.
type Times = BTreeMap<&'static str, Vec<Duration>>;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let largest = match std::env::var("PAGEKEEPER_BENCH_CONVERSATIONS") {
        Ok(conversations) => conversations.parse()?,
        Err(_not_given) => LARGEST,
    };
    let database = Database::start().await?;
    let mut world = World::new(&database).await?;
    let (mut sizes, mut times) = (Vec::new(), Times::new());
    let mut size = SMALLEST;
    while size <= largest {
        world.grow_to(size).await?;
        for (query, time) in world.measure().await? {
            times.entry(query).or_default().push(time);
        }
        sizes.push(size);
        size *= 10;
    }
    plot(&sizes, &times);
    let mut report = Report::default();
    for (query, times) in &times {
        let ratio = times.last().unwrap().as_secs_f64() / times.first().unwrap().as_secs_f64();
        report.at_most(&format!("{query}: largest : smallest"), &Rounds::new([ratio]), FLAT);
    }
    Ok(report.print())
}

/// Time against size, a bar for each.
fn plot(sizes: &[usize], times: &Times) {
    for (query, times) in times {
        println!("{query}");
        let longest = times.iter().max().unwrap().as_secs_f64();
        for (size, time) in sizes.iter().zip(times) {
            let length = (time.as_secs_f64() / longest * BAR).round();
            let bar: String = (0..40).take_while(|place| f64::from(*place) < length).map(|_| '█').collect();
            println!("  {size:>9} {bar:<40} {:>8.2} ms", time.as_secs_f64() * 1e3);
        }
    }
}

struct World {
    store: Store,
    admin: AsyncPgConnection,
    account: AccountId,
    page: ConnectionId,
    /// Conversations of the last page of data that was new.
    stored: usize,
    known: StoreBatch,
}

impl World {
    async fn new(database: &Database) -> Result<Self> {
        let mut rows = TestRows::connect(&database.admin_url).await;
        let account = rows.account("bench").await;
        let page = rows.connection(account, "100").await;
        let store = Store::connect(&StoreConfig::new(database.worker_url.clone()));
        let known = page_of_data(account, page, 0);
        store.store_messages(&known).await?;
        let admin = AsyncPgConnection::establish(&database.admin_url).await?;
        Ok(Self { store, admin, account, page, stored: 1, known })
    }

    /// Conversations with two messages each, and runs that have ended, each of a Page of its own.
    async fn grow_to(&mut self, size: usize) -> Result<()> {
        let (account, page) = (self.account, self.page);
        let sql = format!(
            "with people as (
                 insert into contacts (account_id, connection_id, psid, name, profile_checked_at)
                 select {account}, {page}, '9' || lpad(n::text, 15, '0'), 'Nguyễn ' || n, now()
                 from generate_series((select count(*) from contacts), {size} - 1) n returning id, psid
             ), threads as (
                 insert into conversations (account_id, connection_id, psid, contact_id, last_message_at, last_message_mid,
                     snippet, last_inbound_at, read_up_to)
                 select {account}, {page}, psid, id, now() - id * interval '1 s', 'm' || id, 'Hello', now(), now()
                 from people returning id
             )
             insert into messages (account_id, connection_id, conversation_id, mid, from_page, sent_at, text)
             select {account}, {page}, id, 'old_' || md5(id::text || n), false, now() - id * interval '1 s', 'Do you still have it?'
             from threads, generate_series(1, 2) n;
             with pages as (
                 insert into connections (account_id, page_id, name, state)
                 select {account}, '9' || n, 'Page ' || n, 'disconnected'
                 from generate_series((select count(*) from connections), {size} / 100) n returning id
             )
             insert into sync_runs (account_id, connection_id, kind, state, created_at, started_at, ended_at)
             select {account}, id, 'incremental', 'succeeded', now() - n * interval '30 min', now() - n * interval '30 min',
                 now() - n * interval '30 min'
             from pages, generate_series(1, 100) n;"
        );
        self.admin.batch_execute(&sql).await?;
        self.admin.batch_execute("vacuum analyze").await?;
        Ok(())
    }

    /// The median of each query.
    async fn measure(&mut self) -> Result<BTreeMap<&'static str, Duration>> {
        let mut all: BTreeMap<&'static str, Vec<Duration>> = BTreeMap::new();
        for round in 0..ROUNDS + WARM_UP {
            let mut times = BTreeMap::new();
            self.one_run(&mut times).await?;
            if round >= WARM_UP {
                for (query, time) in times {
                    all.entry(query).or_default().push(time);
                }
            }
        }
        Ok(all
            .into_iter()
            .filter_map(|(query, mut times)| {
                times.sort_unstable();
                Some((query, *times.get(times.len() / 2)?))
            })
            .collect())
    }

    /// A run from its start to its end, with a page of data that is known and one that is new.
    async fn one_run(&mut self, times: &mut BTreeMap<&'static str, Duration>) -> Result<()> {
        let account = [self.account];
        let new = NewRun::of_page(self.account, RunKind::Full, self.page);
        let create = async |tx: &mut AccountsTx| Ok::<_, StoreError>(sync_runs::create(tx, &new).await?.id());
        let run: RunId = timed(times, "a run is made", self.store.accounts(&account, create)).await?;

        let waiting = async |tx: &mut SystemTx| sync_runs::claim_waiting(tx, 100, &[]).await;
        timed(times, "waiting runs are looked for", self.store.system(waiting)).await?;

        let claim = async |tx: &mut AccountsTx| sync_runs::claim(tx, run, "bench", Duration::from_mins(1)).await;
        let claimed = timed(times, "a run is taken up", self.store.accounts(&account, claim)).await?;
        let (_, lease): (_, RunLease) = claimed.unwrap();

        let (new, progress) = (page_of_data(self.account, self.page, self.stored), progress());
        self.stored += 1;
        let store = self.store.store_sync_page(&lease, &new, &progress);
        let (stored, _) = timed(times, "1,000 new messages are stored", store).await?;
        assert_eq!(stored.new_messages, (CONVERSATIONS_PER_CALL * MESSAGES_PER_CONVERSATION) as u64);
        let store = self.store.store_sync_page(&lease, &self.known, &progress);
        let (stored, _) = timed(times, "1,000 known messages are compared", store).await?;
        assert_eq!(stored.rows.new + stored.rows.changed, 0);

        let end = RunEnd { state: RunState::Succeeded, error: None, result: None };
        let end = async |tx: &mut AccountsTx| {
            sync_runs::end(tx, &lease, &end, None).await?;
            sync_runs::claim_next_of_pages(tx, &[lease]).await
        };
        timed(times, "a run ends and hands on", self.store.accounts(&account, end)).await?;
        Ok(())
    }
}

async fn timed<T>(
    times: &mut BTreeMap<&'static str, Duration>,
    query: &'static str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T> {
    let started = Instant::now();
    let done = work.await?;
    times.insert(query, started.elapsed());
    Ok(done)
}

/// The `number`-th full answer of Graph, whole and with its listings.
fn page_of_data(account_id: AccountId, connection_id: ConnectionId, number: usize) -> StoreBatch {
    let asked_at = at(2_000_000_000);
    let mut batch = StoreBatch::of_sync(asked_at);
    for person in number * CONVERSATIONS_PER_CALL..(number + 1) * CONVERSATIONS_PER_CALL {
        let sent_at = |message: usize| at(1_700_000_000 + i64::try_from(person * 100 + message).unwrap());
        let mid = |message: usize| Mid::parse(format!("m_{person:x}_{message:020x}")).unwrap();
        let conversation = batch.push_conversation(ConversationUpsert {
            account_id,
            connection_id,
            psid: Psid::parse(format!("7{person:015}")).unwrap(),
            name: None,
            thread_id: None,
            updated_at: sent_at(MESSAGES_PER_CONVERSATION - 1),
            read_up_to: None,
        });
        for message in 0..MESSAGES_PER_CONVERSATION {
            batch.push_message(MessageUpsert {
                conversation,
                mid: mid(message),
                from_page: message.is_multiple_of(3),
                sent_at: sent_at(message),
                text: Some(format!("Xin chào, do you still have the {message} in blue?")),
                attachments: Vec::new(),
                media: Vec::new(),
                app_id: None,
                reply_to_mid: None,
            });
        }
        let mids: Vec<Mid> = (0..MESSAGES_PER_CONVERSATION).map(mid).collect();
        batch.push_listing(ThreadListing {
            conversation,
            from: sent_at(0) + TimeDelta::seconds(1),
            to: asked_at,
            detailed: mids.clone(),
            mids,
            reactions: Vec::new(),
        });
    }
    batch
}

fn progress() -> RunProgress {
    RunProgress {
        phase: RunPhase::FetchingConversations,
        cursor: RunCursor { after: Some("QVFI".to_owned()), ..RunCursor::default() },
        expected_conversations: None,
        conversations: 50,
        calls: 1,
        throttled_ms: 0,
        bytes: 400_000,
        errors: 0,
        rows_known: 0,
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}
