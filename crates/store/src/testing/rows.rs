use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, UserId};

use crate::prepared::Prepared;

/// Writes rows as an administrator.
pub struct TestRows {
    connection: AsyncPgConnection,
}

#[derive(QueryableByName)]
struct Inserted {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[expect(clippy::expect_used, reason = "a test that cannot be set up must fail at once")]
impl TestRows {
    pub async fn connect(admin_url: &str) -> Self {
        let connection = AsyncPgConnection::establish(admin_url).await.expect("the administrator's URL");
        Self { connection }
    }

    pub async fn account(&mut self, name: &str) -> AccountId {
        let statement = sql_query("insert into accounts (name) values ($1) returning id").bind::<Text, _>(name);
        AccountId::new(self.insert(statement).await)
    }

    /// A person with a role in an account.
    pub async fn member(&mut self, account: AccountId, name: &str, role: &str) -> UserId {
        let statement = sql_query(
            "with person as (insert into users (name) values ($1) returning id),
             membership as (insert into memberships (account_id, user_id, role) select $2, id, $3 from person)
             select id from person",
        )
        .bind::<Text, _>(name)
        .bind::<BigInt, _>(account.get())
        .bind::<Text, _>(role);
        UserId::new(self.insert(statement).await)
    }

    /// A connected Page.
    pub async fn connection(&mut self, account: AccountId, page_id: &str) -> ConnectionId {
        let statement = sql_query(
            "insert into connections (account_id, page_id, name, state) values ($1, $2, 'Page ' || $2, 'connected')
             returning id",
        )
        .bind::<BigInt, _>(account.get())
        .bind::<Text, _>(page_id);
        ConnectionId::new(self.insert(statement).await)
    }

    /// Takes statistics: without them PostgreSQL reads whole tables for each batch of upserts.
    pub async fn analyze(&mut self) {
        sql_query("analyze").execute(&mut self.connection).await.expect("statistics");
    }

    async fn insert<Q>(&mut self, statement: Q) -> i64
    where
        Q: QueryFragment<Pg> + Send,
    {
        let row: Inserted =
            Prepared(statement).get_result(&mut self.connection).await.expect("a row that the test needs");
        row.id
    }
}
