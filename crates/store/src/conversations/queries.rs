use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::{ConnectionId, ConversationId, ThreadId};

use super::{COUNT_CAP, Conversation, FacebookStatus, InboxPage, PageStart, UNREAD_CAP};
use crate::columns::Column;
use crate::contacts::WANTS_PICTURE;
use crate::error::StoreError;
use crate::messages::{CHANGES, SNIPPET_LENGTH, TEXT_NOW};
use crate::prepared::Prepared;
use crate::scope::{AccountTx, AccountsTx, TenantTransaction, Transaction};

/// The longest page.
const PAGE_LIMIT: u32 = 200;

/// A page of the inbox, from new to old. The text is one of twelve, by filters and start, so that each is an index scan in
/// the index's order: no parameter that is "any or this one", which would spoil the plan.
///
/// Unread messages are counted by the index alone: a Page's own message raises `read_up_to`, so whatever is newer came
/// from the customer.
pub async fn list(tx: &mut AccountTx, page: &InboxPage) -> Result<Vec<Conversation>, StoreError> {
    let statement = bind_page(sql_query(list_sql(page)).into_boxed(), page);
    let mut conversations: Vec<Conversation> = Prepared(statement).load(tx.connection()).await?;
    if matches!(page.from, PageStart::NewerThan(_)) {
        conversations.reverse();
    }
    Ok(conversations)
}

/// One conversation of the account.
pub async fn find(tx: &mut impl TenantTransaction, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
    let joins = JOINS.as_str();
    let columns = COLUMNS.as_str();
    let sql = format!("select {columns} from conversations v {joins} where v.id = $1");
    let statement = sql_query(sql).bind::<BigInt, _>(id.get());
    Ok(Prepared(statement).get_result(tx.connection()).await.optional()?)
}

/// Reads a conversation up to a message that was seen; one that arrived meanwhile stays unread. False if there was
/// nothing unread until then, or no such conversation.
pub async fn mark_read(tx: &mut AccountTx, id: ConversationId, up_to: DateTime<Utc>) -> Result<bool, StoreError> {
    let statement = sql_query(
        "update conversations set read_up_to = least($2, last_inbound_at)
         where id = $1 and least($2, last_inbound_at) > read_up_to",
    )
    .bind::<BigInt, _>(id.get())
    .bind::<Timestamptz, _>(up_to);
    Ok(Prepared(statement).execute(tx.connection()).await? > 0)
}

/// How many of the account's conversations are unread, counted up to [`UNREAD_CAP`].
pub async fn count_unread(tx: &mut AccountTx, connection_id: Option<ConnectionId>) -> Result<u32, StoreError> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
        unread: u64,
    }
    let of_connection = if connection_id.is_some() { "and connection_id = $1" } else { "" };
    let sql = format!(
        "select count(*) as unread from (
             select from conversations where last_inbound_at > read_up_to {of_connection} limit {UNREAD_CAP}) few"
    );
    let mut statement = sql_query(sql).into_boxed();
    if let Some(connection_id) = connection_id {
        statement = statement.bind::<BigInt, _>(connection_id.get());
    }
    let counted: Counted = Prepared(statement).get_result(tx.connection()).await?;
    Ok(u32::try_from(counted.unread).unwrap_or(UNREAD_CAP))
}

/// How many conversations the account has, counted up to [`COUNT_CAP`].
pub async fn count(tx: &mut AccountTx) -> Result<u64, StoreError> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
        conversations: u64,
    }
    let account_id = tx.account_id();
    let sql = format!(
        "select count(*) as conversations from (select from conversations where account_id = $1 limit {COUNT_CAP}) few"
    );
    let statement = sql_query(sql).bind::<BigInt, _>(account_id.get());
    let counted: Counted = Prepared(statement).get_result(tx.connection()).await?;
    Ok(counted.conversations)
}

static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "v.id, v.connection_id, v.contact_id, v.psid, c.name as contact_name,
         c.picture_at is not null as contact_has_picture, {WANTS_PICTURE} as contact_wants_picture, v.thread_id,
         v.last_message_at, v.last_message_from_page, case when l.found then l.snippet else v.snippet end as snippet, v.last_inbound_at, v.read_up_to,
         coalesce(u.unread, 0) as unread"
    )
});

/// The contact's name, the unread messages where there can be any, and the newest message as it is now.
static JOINS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "join contacts c on c.account_id = v.account_id and c.id = v.contact_id
         left join lateral (
             select count(*)::int as unread from (
                 select from messages m
                 where m.account_id = v.account_id and m.conversation_id = v.id and m.sent_at > v.read_up_to limit 100
             ) newer
         ) u on v.last_inbound_at > v.read_up_to
         left join lateral (
             select true as found, left({TEXT_NOW}, {SNIPPET_LENGTH}) as snippet from messages m {CHANGES}
             where m.account_id = v.account_id and m.connection_id = v.connection_id and m.mid = v.last_message_mid
             limit 1
         ) l on true"
    )
});

pub(crate) fn list_sql(page: &InboxPage) -> String {
    let mut conditions = Vec::new();
    let mut parameters = 0;
    let mut parameter = || {
        parameters += 1;
        format!("${parameters}")
    };
    if page.connection_id.is_some() {
        conditions.push(format!("connection_id = {}", parameter()));
    }
    let direction = match page.from {
        PageStart::Newest => "desc",
        PageStart::OlderThan(_) => {
            conditions.push(format!("(last_message_at, id) < ({}, {})", parameter(), parameter()));
            "desc"
        }
        PageStart::NewerThan(_) => {
            conditions.push(format!("(last_message_at, id) > ({}, {})", parameter(), parameter()));
            "asc"
        }
    };
    if page.unread_only {
        conditions.push("last_inbound_at > read_up_to".to_owned());
    }
    let condition = if conditions.is_empty() { String::new() } else { format!("where {}", conditions.join(" and ")) };
    let (limit, columns, joins) = (parameter(), COLUMNS.as_str(), JOINS.as_str());
    format!(
        "select {columns} from (
             select * from conversations {condition}
             order by last_message_at {direction}, id {direction} limit {limit}
         ) v {joins} order by v.last_message_at {direction}, v.id {direction}"
    )
}

pub(crate) type PageQuery<'a> = BoxedSqlQuery<'a, Pg, SqlQuery>;

pub(crate) fn bind_page<'a>(mut statement: PageQuery<'a>, page: &InboxPage) -> PageQuery<'a> {
    if let Some(connection_id) = page.connection_id {
        statement = statement.bind::<BigInt, _>(connection_id.get());
    }
    if let PageStart::OlderThan(cursor) | PageStart::NewerThan(cursor) = page.from {
        statement = statement.bind::<Timestamptz, DateTime<Utc>>(cursor.at).bind::<BigInt, _>(cursor.id);
    }
    statement.bind::<BigInt, _>(i64::from(page.limit.min(PAGE_LIMIT)))
}

/// How many messages of a conversation there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct MessageCount {
    #[diesel(sql_type = BigInt, deserialize_as = Column<ConversationId>)]
    pub id: ConversationId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub messages: u64,
}

/// Of a Page's conversations, the most recently active first.
pub async fn count_messages(
    tx: &mut AccountTx,
    connection_id: ConnectionId,
    limit: u32,
) -> Result<Vec<MessageCount>, StoreError> {
    let statement = sql_query(
        "select v.id, (select count(*) from messages m where m.account_id = $1 and m.conversation_id = v.id) as messages
         from conversations v
         where v.account_id = $1 and v.connection_id = $2
         order by v.last_message_at desc, v.id desc limit $3",
    )
    .bind::<BigInt, _>(tx.account_id().get())
    .bind::<BigInt, _>(connection_id.get())
    .bind::<BigInt, _>(i64::from(limit));
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// Stores what Facebook says of a conversation; what is read there is read here too. What it says again writes nothing but
/// the time.
pub async fn set_facebook_status(
    tx: &mut AccountsTx,
    id: ConversationId,
    status: &FacebookStatus,
) -> Result<(), StoreError> {
    let statement = sql_query(
        "update conversations v set facebook_unread_count = $2, can_reply = coalesce($3, can_reply), status_checked_at = now(),
             read_up_to = greatest(read_up_to, case when $2 = 0 then least($4, last_inbound_at) else (
                 select m.sent_at - interval '1 microsecond' from messages m
                 where m.account_id = v.account_id and m.conversation_id = v.id and not m.from_page
                 order by m.sent_at desc, m.id desc offset greatest($2 - 1, 0) limit 1) end)
         where id = $1",
    )
    .bind::<BigInt, _>(id.get())
    .bind::<Integer, _>(i32::try_from(status.unread_count).unwrap_or(i32::MAX))
    .bind::<Nullable<Bool>, _>(status.can_reply)
    .bind::<Nullable<Timestamptz>, _>(status.updated_at);
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}

/// Fills in which thread of Facebook's it is; webhooks do not say.
pub async fn set_thread(tx: &mut AccountsTx, id: ConversationId, thread_id: &ThreadId) -> Result<(), StoreError> {
    let statement =
        sql_query("update conversations set thread_id = $2 where id = $1 and thread_id is distinct from $2")
            .bind::<BigInt, _>(id.get())
            .bind::<Text, _>(thread_id.as_str());
    Prepared(statement).execute(tx.connection()).await?;
    Ok(())
}
