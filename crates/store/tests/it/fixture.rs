//! A database of its own for a test, and the store as each service's role.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Nullable, Text};
use diesel_async::AsyncPgConnection;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, Mid, PageId, Psid, UserId};
use pagekeeper_common::domain::sync_run::RunKind;
use pagekeeper_store::messages::{ConversationUpsert, MessageUpsert, StoreBatch};
use pagekeeper_store::migrations::roles;
use pagekeeper_store::sync_runs::{NewRun, RunLease};
use pagekeeper_store::testing::TestRows;
use pagekeeper_store::{AccountsTx, KeyRing, Store, StoreConfig, sync_runs};
use pagekeeper_testkit::TestDatabase;

pub(crate) struct Fixture {
    pub(crate) database: TestDatabase,
    pub(crate) rows: TestRows,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::new().await;
        let rows = TestRows::connect(&database.admin_url()).await;
        Self { database, rows }
    }

    pub(crate) fn store_as(&self, role: &str) -> Store {
        Store::connect(&StoreConfig { pool_size: 3, ..StoreConfig::new(self.database.url_as(role)) })
    }

    pub(crate) fn gateway(&self) -> Store {
        self.store_as(roles::GATEWAY)
    }

    pub(crate) fn worker(&self) -> Store {
        self.store_as(roles::SYNC_WORKER)
    }

    pub(crate) fn ingest(&self) -> Store {
        self.store_as(roles::WEBHOOK_INGEST)
    }

    /// An account with an owner and a connected Page.
    pub(crate) async fn tenant(&mut self, page_id: &str) -> Tenant {
        let account_id = self.rows.account(&format!("account of {page_id}")).await;
        let owner = self.rows.member(account_id, "Lan", "owner").await;
        let connection_id = self.rows.connection(account_id, page_id).await;
        Tenant { account_id, owner, connection_id, page_id: PageId::parse(page_id).unwrap() }
    }

    /// Lines of text that a query gives, read past all policies.
    pub(crate) async fn lines(&self, sql: &str) -> Vec<String> {
        lines(&mut self.database.connect().await.unwrap(), sql).await
    }

    /// So many conversations with two messages each, a tenth of them unread, past the policies.
    pub(crate) async fn large_inbox(&self, tenant: &Tenant, conversations: u32) {
        let (account, connection) = (tenant.account_id, tenant.connection_id);
        let sql = format!(
                "insert into contacts (account_id, connection_id, psid, name, profile_checked_at)
                     select {account}, {connection}, n::text, 'Customer ' || n, now() from generate_series(1, {conversations}) n;
                 insert into conversations (account_id, connection_id, psid, contact_id, last_message_at, last_inbound_at, read_up_to)
                     select account_id, connection_id, psid, id, t, t, case psid::int % 10 when 0 then t - interval '1 hour' else t end
                     from contacts, lateral (select now() - psid::int * interval '1 minute' as t) times;
                 insert into messages (account_id, connection_id, conversation_id, mid, from_page, sent_at, text)
                     select account_id, connection_id, id, 'm_' || psid || '_' || n, false, last_message_at - n * interval '1 second', 'hello'
                     from conversations, generate_series(0, 1) n;
                 analyze contacts, conversations, messages"
        );
        self.database.execute(&sql).await;
    }

    /// A run of a tenant's Page, claimed.
    pub(crate) async fn claimed_run(&self, tenant: &Tenant) -> RunLease {
        let new = NewRun::of_page(tenant.account_id, RunKind::Incremental, tenant.connection_id);
        let claimed = self
            .worker()
            .accounts(&[tenant.account_id], async |tx: &mut AccountsTx| {
                let run = sync_runs::create(tx, &new).await?;
                sync_runs::claim(tx, run.id(), "the test", Duration::from_mins(1)).await
            })
            .await;
        claimed.unwrap().unwrap().1
    }
}

pub(crate) async fn lines(connection: &mut AsyncPgConnection, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Nullable<Text>)]
        line: Option<String>,
    }
    let query = diesel::sql_query(format!("select q::text as line from ({sql}) q"));
    let lines: Vec<Line> = diesel_async::RunQueryDsl::load(query, connection).await.unwrap();
    lines.into_iter().map(|line| line.line.unwrap_or_default()).collect()
}

#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) account_id: AccountId,
    pub(crate) owner: UserId,
    pub(crate) connection_id: ConnectionId,
    pub(crate) page_id: PageId,
}

impl Tenant {
    pub(crate) fn conversation(&self, psid: &str) -> ConversationUpsert {
        ConversationUpsert {
            account_id: self.account_id,
            connection_id: self.connection_id,
            psid: Psid::parse(psid).unwrap(),
            name: None,
            thread_id: None,
            updated_at: at(0),
            read_up_to: None,
        }
    }

    /// A batch with one message.
    pub(crate) fn message(&self, psid: &str, mid: &str, from_page: bool, seconds: i64, text: &str) -> StoreBatch {
        let mut batch = StoreBatch::new();
        let conversation = batch.push_conversation(self.conversation(psid));
        batch.push_message(message(conversation, mid, from_page, seconds, text));
        batch
    }
}

pub(crate) fn message(conversation: usize, mid: &str, from_page: bool, seconds: i64, text: &str) -> MessageUpsert {
    MessageUpsert {
        conversation,
        mid: Mid::parse(mid).unwrap(),
        from_page,
        sent_at: at(seconds),
        text: Some(text.to_owned()),
        attachments: Vec::new(),
        media: Vec::new(),
        app_id: None,
        reply_to_mid: None,
    }
}

/// So many seconds after the tests' beginning of time.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub(crate) fn keys() -> KeyRing {
    KeyRing::parse(&"1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned().into()).unwrap()
}
