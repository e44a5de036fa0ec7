use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Bool, Timestamptz};
use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::ConversationId;

use super::Message;
use crate::conversations::PageStart;
use crate::error::StoreError;
use crate::schema::messages;
use crate::scope::TenantTransaction;

/// The longest page.
const PAGE_LIMIT: u32 = 200;

/// A page of a thread, from new to old.
pub async fn list(
    tx: &mut impl TenantTransaction,
    conversation_id: ConversationId,
    from: PageStart,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let query = messages::table
        .filter(messages::conversation_id.eq(conversation_id.get()))
        .select(Message::as_select())
        .limit(i64::from(limit.min(PAGE_LIMIT)))
        .into_boxed();
    let newest_first = (messages::sent_at.desc(), messages::id.desc());
    let query = match from {
        PageStart::Newest => query.order(newest_first),
        PageStart::OlderThan(cursor) => query
            .filter(
                sql::<Bool>("(sent_at, id) < (")
                    .bind::<Timestamptz, _>(cursor.at)
                    .sql(", ")
                    .bind::<BigInt, _>(cursor.id)
                    .sql(")"),
            )
            .order(newest_first),
        PageStart::NewerThan(cursor) => query
            .filter(
                sql::<Bool>("(sent_at, id) > (")
                    .bind::<Timestamptz, _>(cursor.at)
                    .sql(", ")
                    .bind::<BigInt, _>(cursor.id)
                    .sql(")"),
            )
            .order((messages::sent_at.asc(), messages::id.asc())),
    };
    let mut page: Vec<Message> = query.load(tx.connection()).await?;
    if matches!(from, PageStart::NewerThan(_)) {
        page.reverse();
    }
    Ok(page)
}
