use diesel::sql_query;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::ids::ConversationId;

use super::Message;
use crate::conversations::PageStart;
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::TenantTransaction;

/// The longest page.
const PAGE_LIMIT: u32 = 200;

/// A message `m` as it is now, with what became of it `c`: the text that was told last, and nothing of one that was taken
/// back or is gone.
pub(crate) const TEXT_NOW: &str = "case when coalesce(c.deleted_at, c.absent_at) is not null then null
    when c.text_at > coalesce(m.text_told_at, '-infinity') then coalesce(c.text, m.text) else m.text end";

/// What became of a message `m`.
pub(crate) const CHANGES: &str = "left join message_changes c
    on c.account_id = m.account_id and c.connection_id = m.connection_id and c.mid = m.mid";

/// A page of a thread, from new to old.
pub async fn list(
    tx: &mut impl TenantTransaction,
    conversation_id: ConversationId,
    from: PageStart,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let mut statement = sql_query(list_sql(from))
        .into_boxed()
        .bind::<BigInt, _>(conversation_id.get())
        .bind::<BigInt, _>(i64::from(limit.min(PAGE_LIMIT)));
    if let PageStart::OlderThan(cursor) | PageStart::NewerThan(cursor) = from {
        statement = statement.bind::<Timestamptz, _>(cursor.at).bind::<BigInt, _>(cursor.id);
    }
    Ok(Prepared(statement).load(tx.connection()).await?)
}

fn list_sql(from: PageStart) -> String {
    let (condition, direction) = match from {
        PageStart::Newest => ("", "desc"),
        PageStart::OlderThan(_) => ("and (sent_at, id) < ($3, $4)", "desc"),
        PageStart::NewerThan(_) => ("and (sent_at, id) > ($3, $4)", "asc"),
    };
    format!(
        "select m.id, m.connection_id, m.conversation_id, m.mid, m.from_page, m.sent_at, {TEXT_NOW} as text,
             case when coalesce(c.deleted_at, c.absent_at) is null then m.attachments end as attachments,
             m.app_id, m.reply_to_mid,
             case when coalesce(c.deleted_at, c.absent_at) is null
                 then greatest(c.text_at, case when m.text_edited then m.text_told_at end) end as edited_at,
             coalesce(c.deleted_at, c.absent_at) as deleted_at, r.reactions
         from (
             select * from messages where conversation_id = $1 {condition}
             order by sent_at {direction}, id {direction} limit $2
         ) m {CHANGES}
         left join lateral (
             select jsonb_agg(jsonb_build_object('from_page', r.from_page, 'name', r.name, 'emoji', r.emoji)
                 order by r.from_page) as reactions
             from message_reactions r
             where r.account_id = m.account_id and r.connection_id = m.connection_id and r.mid = m.mid
                 and coalesce(r.name, r.emoji) is not null
         ) r on true
         order by m.sent_at desc, m.id desc"
    )
}
