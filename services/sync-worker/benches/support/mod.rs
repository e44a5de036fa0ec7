//! What the benches share: the same rows again and again, and plain upserts of them.

use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, Mid, Psid};
use pagekeeper_store::messages::{ConversationUpsert, MessageUpsert, StoreBatch};
use pagekeeper_store::testing::PlainUpserts;
use pagekeeper_testkit::TestDatabase;

/// Rows of one transaction.
pub(crate) const BATCH: usize = 1_000;

/// One message of the traffic.
pub(crate) struct Row {
    pub psid: String,
    pub mid: String,
    pub at_ms: i64,
    pub text: String,
}

/// The `number`-th message, from the `person`-th customer.
pub(crate) fn row(number: usize, person: usize) -> Row {
    Row {
        psid: format!("7{person:015}"),
        mid: format!("m_{number:x}_{:032x}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
        at_ms: 1_760_000_000_000 + i64::try_from(number).unwrap_or_default() * 10,
        text: format!("Xin chào, do you still have the {number} in blue? It is for my sister's birthday."),
    }
}

/// Stores the rows by plain upserts of a thousand at once; answers how long it took.
pub(crate) async fn plain_upserts(
    plain: &mut PlainUpserts,
    owner: (AccountId, ConnectionId),
    rows: &[Row],
) -> Result<Duration> {
    let batches: Vec<StoreBatch> = rows.chunks(BATCH).map(|rows| batch(owner, rows)).collect::<Result<_>>()?;
    let started = Instant::now();
    for batch in &batches {
        plain.store(batch).await?;
    }
    Ok(started.elapsed())
}

fn batch((account_id, connection_id): (AccountId, ConnectionId), rows: &[Row]) -> Result<StoreBatch> {
    let mut batch = StoreBatch::new();
    for row in rows {
        let sent_at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(row.at_ms);
        let conversation = batch.push_conversation(ConversationUpsert {
            account_id,
            connection_id,
            psid: Psid::parse(row.psid.as_str())?,
            name: None,
            thread_id: None,
            updated_at: sent_at,
            read_up_to: None,
        });
        batch.push_message(MessageUpsert {
            conversation,
            mid: Mid::parse(row.mid.as_str())?,
            from_page: false,
            sent_at,
            text: Some(row.text.clone()),
            attachments: Vec::new(),
            app_id: None,
            reply_to_mid: None,
        });
    }
    Ok(batch)
}

/// The tests' private server saves itself the disk; a server that was given is left as it is.
pub(crate) async fn make_durable(database: &TestDatabase) {
    if std::env::var_os("DATABASE_URL").is_none() {
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            database.execute(&format!("alter system set {setting} = on")).await;
        }
        database.execute("select pg_reload_conf()").await;
    }
}
