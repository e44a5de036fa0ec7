use diesel::sql_query;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{AccountId, ConversationId};
use tokio::sync::Mutex;

use crate::error::StoreError;

/// What the API's lists rest on, as bare queries of their indexes: past the policies, without a transaction's scope.
pub struct BareReading {
    connections: Vec<Mutex<AsyncPgConnection>>,
    account: AccountId,
}

/// One of the queries. Words are folded ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BareQuery {
    Inbox(KeysetCursor),
    Thread(ConversationId),
    /// All of these parts of words.
    Contacts(Vec<String>, Frequency),
    /// All of these words.
    Messages(Vec<String>, Frequency),
}

/// How often words are there, which the planner cannot know of words that stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// The newest rows are read until there are enough of them.
    Frequent,
    /// The index of words finds all of them.
    Rare,
}

/// Rows of each list, and one more.
const ROWS: u32 = 51;

#[expect(clippy::expect_used, reason = "a bench that cannot be set up must fail at once")]
impl BareReading {
    /// With so many connections, as an administrator.
    pub async fn connect(admin_url: &str, connections: usize, account: AccountId) -> Self {
        let mut open = Vec::new();
        for _ in 0..connections {
            open.push(Mutex::new(AsyncPgConnection::establish(admin_url).await.expect("the administrator's URL")));
        }
        Self { connections: open, account }
    }

    /// Runs a query on the connection of this number, round and round; answers how many rows it gave.
    pub async fn run(&self, number: usize, query: &BareQuery) -> Result<usize, StoreError> {
        let connection = self.connections.get(number % self.connections.len()).ok_or(StoreError::NotFound)?;
        let statement = sql_query(self.sql(query));
        Ok(statement.execute(&mut *connection.lock().await).await?)
    }

    fn sql(&self, query: &BareQuery) -> String {
        let account = self.account;
        let words = |words: &[String], open: &str| {
            let terms: Vec<String> = words.iter().map(|word| format!("''{account}.{word}''{open}")).collect();
            format!("'{}'::tsquery", terms.join(" & "))
        };
        match query {
            BareQuery::Inbox(from) => format!(
                "select v.*, c.name from (
                     select * from conversations
                     where account_id = {account} and (last_message_at, id) < ('{}', {})
                     order by last_message_at desc, id desc limit {ROWS}
                 ) v join contacts c on c.account_id = v.account_id and c.id = v.contact_id",
                from.at.to_rfc3339(),
                from.id
            ),
            BareQuery::Thread(id) => format!(
                "select * from messages where account_id = {account} and conversation_id = {id}
                 order by sent_at desc, id desc limit {ROWS}"
            ),
            BareQuery::Contacts(parts, frequency) => format!(
                "with found as {} (select contact_id from contact_search where account_id = {account} and words @@ {})
                 select c.* from (select contact_id from found order by contact_id desc limit {ROWS}) found
                 join contacts c on c.id = found.contact_id",
                materialized(*frequency),
                words(parts, ":*")
            ),
            BareQuery::Messages(whole, frequency) => format!(
                "with found as {} (
                     select message_id, sent_at from message_search where account_id = {account} and words @@ {}
                 )
                 select m.*, c.name from (select message_id from found order by sent_at desc, message_id desc limit {ROWS}) found
                 join messages m on m.id = found.message_id
                 join conversations v on v.account_id = m.account_id and v.id = m.conversation_id
                 join contacts c on c.account_id = v.account_id and c.id = v.contact_id",
                materialized(*frequency),
                words(whole, "")
            ),
        }
    }
}

fn materialized(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Frequent => "not materialized",
        Frequency::Rare => "materialized",
    }
}
