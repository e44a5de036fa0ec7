//! Messages stored per second by `Store::store_messages`, as a ratio to plain upserts of the same rows, measured in turn
//! in the same run: `cargo bench -p pagekeeper-store --bench store_messages`.
//!
//! Two shapes. Webhooks: each message in any of 50,000 conversations, so three rows per message. Sync: 20 messages per
//! new conversation in a row. Batches of 1,000 messages, one connection each, policies forced, PostgreSQL durable.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and fails at once")]

#[path = "support/database.rs"]
mod database;

use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use database::Database;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, Mid, Psid, ThreadId};
use pagekeeper_store::messages::{ConversationUpsert, MessageUpsert, StoreBatch, ToldName};
use pagekeeper_store::testing::{PlainUpserts, TestRows};
use pagekeeper_store::{Store, StoreConfig};

const BATCH: usize = 1_000;
const WEBHOOK_CONVERSATIONS: usize = 50_000;
const MESSAGES_PER_CONVERSATION: usize = 20;
const ROUNDS: usize = 30;

#[tokio::main]
async fn main() -> Result<()> {
    let database = Database::start().await?;
    let mut rows = TestRows::connect(&database.admin_url).await;
    let store = Store::connect(&StoreConfig::new(database.worker_url.clone()));
    let mut plain = PlainUpserts::connect(&database.worker_url).await?;
    for shape in [Shape::Sync, Shape::Webhooks] {
        // The same traffic into an account each.
        let mut ours = Traffic::new(&mut rows, shape, "ours").await;
        let mut theirs = Traffic::new(&mut rows, shape, "plain").await;
        for batch in ours.known_conversations() {
            store.store_messages(&batch).await?;
        }
        for batch in theirs.known_conversations() {
            plain.store(&batch).await?;
        }
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS + 3 {
            let (our_batch, plain_batch) = (ours.next_batch(), theirs.next_batch());
            let started = Instant::now();
            let stored = store.store_messages(&our_batch).await?;
            let our_time = started.elapsed();
            assert_eq!(stored.new_messages, BATCH as u64);
            let started = Instant::now();
            plain.store(&plain_batch).await?;
            let plain_time = started.elapsed();
            // The first rounds fill caches and prepare statements.
            if round >= 3 {
                times[0].push(our_time);
                times[1].push(plain_time);
            }
        }
        let [ours, plain] = times.map(|times| report(&times));
        println!("{shape:?}: store_messages {ours}, plain upserts {plain}, ratio {:.2}", ours.0 / plain.0);
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Webhooks,
    Sync,
}

/// Messages per second: mean of all rounds, slowest and quickest round.
struct Rate(f64, f64, f64);

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0}/s ({:.0} to {:.0})", self.0, self.1, self.2)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn report(times: &[Duration]) -> Rate {
    let rate = |time: Duration, batches: usize| (BATCH * batches) as f64 / time.as_secs_f64();
    let slowest = times.iter().max().copied().unwrap();
    let quickest = times.iter().min().copied().unwrap();
    Rate(rate(times.iter().sum(), times.len()), rate(slowest, 1), rate(quickest, 1))
}

/// Deterministic traffic into one account's Page.
struct Traffic {
    shape: Shape,
    account_id: AccountId,
    connection_id: ConnectionId,
    name: &'static str,
    sent: usize,
    random: u64,
}

impl Traffic {
    async fn new(rows: &mut TestRows, shape: Shape, name: &'static str) -> Self {
        let account_id = rows.account(&format!("{shape:?} {name}")).await;
        let connection_id = rows.connection(account_id, &format!("{}", account_id.get() + 1_000)).await;
        Self { shape, account_id, connection_id, name, sent: 0, random: 7 }
    }

    /// What is there before webhooks come: 50,000 conversations, with names and a message each.
    fn known_conversations(&mut self) -> Vec<StoreBatch> {
        if self.shape == Shape::Sync {
            return Vec::new();
        }
        (0..WEBHOOK_CONVERSATIONS / BATCH)
            .map(|part| {
                let mut batch = StoreBatch::new();
                for index in 0..BATCH {
                    let person = part * BATCH + index;
                    self.push(&mut batch, person, true);
                }
                batch
            })
            .collect()
    }

    fn next_batch(&mut self) -> StoreBatch {
        let mut batch = StoreBatch::new();
        for _ in 0..BATCH {
            let person = match self.shape {
                Shape::Sync => self.sent / MESSAGES_PER_CONVERSATION,
                Shape::Webhooks => self.next_random() % WEBHOOK_CONVERSATIONS,
            };
            self.push(&mut batch, person, self.shape == Shape::Sync);
        }
        batch
    }

    fn push(&mut self, batch: &mut StoreBatch, person: usize, from_graph: bool) {
        let random = self.next_random();
        let sent_at = start() + TimeDelta::milliseconds(i64::try_from(self.sent).unwrap() * 10);
        let conversation = batch.push_conversation(ConversationUpsert {
            account_id: self.account_id,
            connection_id: self.connection_id,
            psid: Psid::parse(format!("7{person:015}")).unwrap(),
            name: from_graph.then(|| ToldName { told_at: start(), name: format!("Nguyễn Văn {person}") }),
            thread_id: from_graph.then(|| ThreadId::parse(format!("t_{person:015}")).unwrap()),
            updated_at: sent_at,
            read_up_to: None,
        });
        batch.push_message(MessageUpsert {
            conversation,
            mid: Mid::parse(format!("m_{}_{:x}_{:020}", self.name, random, self.sent)).unwrap(),
            from_page: self.sent.is_multiple_of(3),
            sent_at,
            text: Some(format!(
                "Xin chào, do you still have the {} in blue? It is for my sister's birthday.",
                self.sent
            )),
            attachments: Vec::new(),
            media: Vec::new(),
            app_id: None,
            reply_to_mid: None,
        });
        self.sent += 1;
    }

    fn next_random(&mut self) -> usize {
        // Knuth's linear congruential generator: the same traffic in each run.
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap()
    }
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}
