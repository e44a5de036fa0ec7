//! What is stored is looked up by its own key, whatever PostgreSQL believes of the tables: a plan by another index reads an
//! account's every row for each that is stored.

use std::ops::RangeInclusive;
use std::time::Duration;

use pagekeeper_store::messages::StoreBatch;
use pagekeeper_testkit::{Poll, wait_for};

use crate::fixture::{Fixture, Tenant, message};

const STORED: i64 = 25;

/// What the last statistics know of beside the Page's first 30 customers.
const NOTHING: &str = "select 1";
const MANY_SMALL_ACCOUNTS: &str = "
    insert into accounts (name) select 'small' from generate_series(1, 500);
    insert into connections (account_id, page_id, name, state)
        select id, 'small ' || id, 'small', 'connected' from accounts where name = 'small';
    insert into contacts (account_id, connection_id, psid)
        select account_id, id, n::text from connections, generate_series(1, 3) n where name = 'small';
    insert into conversations (account_id, connection_id, psid, contact_id, last_message_at)
        select account_id, connection_id, psid, id, now() from contacts;
    insert into messages (account_id, connection_id, conversation_id, mid, from_page, sent_at)
        select account_id, connection_id, id, 'm_' || psid, false, now() from conversations";

#[tokio::test]
async fn rows_are_looked_up_by_their_key_while_statistics_know_of_few() {
    read_little(NOTHING).await;
}

#[tokio::test]
async fn rows_are_looked_up_by_their_key_while_most_accounts_are_small() {
    read_little(MANY_SMALL_ACCOUNTS).await;
}

async fn read_little(others: &str) {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    fixture.database.execute(others).await;
    add_customers(&fixture, &tenant, 1_001..=1_030).await;
    fixture.database.execute("analyze contacts, conversations, messages").await;
    add_customers(&fixture, &tenant, 1_031..=5_000).await;

    for first in [9_001, 2_001] {
        let before = rows_read(&fixture).await;
        fixture.worker().store_messages(&batch(&tenant, first)).await.unwrap();
        let read = rows_read(&fixture).await - before;
        assert!(read < 10 * STORED, "{read} rows were read to store {STORED} messages from customer {first} on");
    }
}

/// With a conversation and a message each.
async fn add_customers(fixture: &Fixture, tenant: &Tenant, numbers: RangeInclusive<u32>) {
    let (account, connection, first, last) = (tenant.account_id, tenant.connection_id, numbers.start(), numbers.end());
    let theirs = format!("account_id = {account} and psid::int between {first} and {last}");
    let sql = format!(
        "insert into contacts (account_id, connection_id, psid)
             select {account}, {connection}, n::text from generate_series({first}, {last}) n;
         insert into conversations (account_id, connection_id, psid, contact_id, last_message_at)
             select account_id, connection_id, psid, id, now() from contacts where {theirs};
         insert into messages (account_id, connection_id, conversation_id, mid, from_page, sent_at, text)
             select account_id, connection_id, id, 'm_' || psid, false, now(), 'hello' from conversations where {theirs}"
    );
    fixture.database.execute(&sql).await;
}

/// A message of each customer from a number on.
fn batch(tenant: &Tenant, first: i64) -> StoreBatch {
    let mut batch = StoreBatch::new();
    for customer in first..first + STORED {
        let conversation = batch.push_conversation(tenant.conversation(&customer.to_string()));
        batch.push_message(message(conversation, &format!("m_{customer}"), false, customer, "hello"));
    }
    batch
}

/// By all indexes of the tables so far: a session's counts are told when it ends.
async fn rows_read(fixture: &Fixture) -> i64 {
    wait_for("the worker's sessions to end", Duration::from_secs(30), async || {
        let sessions = "select count(*) from pg_stat_activity where datname = current_database() and usename = 'pagekeeper_sync_worker'";
        let left = fixture.database.number(sessions).await;
        Poll::when((left == 0).then_some(()), format!("{left} sessions"))
    })
    .await;
    let read =
        "select sum(idx_tup_read) from pg_stat_user_indexes where relname in ('contacts', 'conversations', 'messages')";
    fixture.database.number(read).await
}
