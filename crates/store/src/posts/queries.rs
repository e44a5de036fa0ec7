use diesel::sql_types::{BigInt, Bool, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::PostRowId;

use super::{COUNT_CAP, Comment, Post, PostsPage};
use crate::error::StoreError;
use crate::prepared::Prepared;
use crate::scope::{AccountTx, Transaction};

/// The longest page.
const PAGE_LIMIT: u32 = 200;

/// Of posts `p` or comments `c`.
const IS_HIDDEN: &str = "coalesce(hidden_at > coalesce(shown_at, '-infinity'), false) as is_hidden";

/// The account's posts, from new to old.
pub async fn list(tx: &mut AccountTx, page: &PostsPage) -> Result<Vec<Post>, StoreError> {
    let mut conditions = Vec::new();
    let mut parameters = 1;
    let mut parameter = || {
        parameters += 1;
        format!("${parameters}")
    };
    if page.connection_id.is_some() {
        conditions.push(format!("connection_id = {}", parameter()));
    }
    if page.older_than.is_some() {
        conditions.push(format!("(posted_at, id) < ({}, {})", parameter(), parameter()));
    }
    let condition = if conditions.is_empty() { String::new() } else { format!("where {}", conditions.join(" and ")) };
    let sql = format!(
        "select p.*, {IS_HIDDEN}, c.comments, r.reactions
         from (select * from posts {condition} order by posted_at desc, id desc limit $1) p,
         lateral (select count(*)::int as comments from (
             select from comments c where c.account_id = p.account_id and c.connection_id = p.connection_id
                 and c.post_id = p.post_id and c.removed_at is null limit {COUNT_CAP}) few) c,
         lateral (select count(*)::int as reactions from (
             select from post_reactions r where r.account_id = p.account_id and r.connection_id = p.connection_id
                 and r.post_id = p.post_id and r.comment_id = '' and r.is_on limit {COUNT_CAP}) few) r
         order by p.posted_at desc, p.id desc"
    );
    let mut statement = sql_query(sql).into_boxed().bind::<BigInt, _>(i64::from(page.limit.min(PAGE_LIMIT)));
    if let Some(connection_id) = page.connection_id {
        statement = statement.bind::<BigInt, _>(connection_id.get());
    }
    if let Some(cursor) = page.older_than {
        statement = statement.bind::<Timestamptz, _>(cursor.at).bind::<BigInt, _>(cursor.id);
    }
    Ok(Prepared(statement).load(tx.connection()).await?)
}

/// Whether the account has this post.
pub async fn exists(tx: &mut AccountTx, id: PostRowId) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let statement = sql_query("select exists (select from posts where id = $1) as found").bind::<BigInt, _>(id.get());
    let found: Found = Prepared(statement).get_result(tx.connection()).await?;
    Ok(found.found)
}

/// The comments below a post, answers among them, from new to old.
pub async fn list_comments(
    tx: &mut AccountTx,
    id: PostRowId,
    older_than: Option<KeysetCursor>,
    limit: u32,
) -> Result<Vec<Comment>, StoreError> {
    let after = if older_than.is_some() { "and (c.posted_at, c.id) < ($3, $4)" } else { "" };
    let sql = format!(
        "select c.*, {IS_HIDDEN}, r.reactions from (
             select c.* from posts p
             join comments c on c.account_id = p.account_id and c.connection_id = p.connection_id and c.post_id = p.post_id
             where p.id = $1 {after} order by c.posted_at desc, c.id desc limit $2
         ) c,
         lateral (select count(*)::int as reactions from (
             select from post_reactions r where r.account_id = c.account_id and r.connection_id = c.connection_id
                 and r.post_id = c.post_id and r.comment_id = c.comment_id and r.is_on limit {COUNT_CAP}) few) r
         order by c.posted_at desc, c.id desc"
    );
    let mut statement =
        sql_query(sql).into_boxed().bind::<BigInt, _>(id.get()).bind::<BigInt, _>(i64::from(limit.min(PAGE_LIMIT)));
    if let Some(cursor) = older_than {
        statement = statement.bind::<Timestamptz, _>(cursor.at).bind::<BigInt, _>(cursor.id);
    }
    Ok(Prepared(statement).load(tx.connection()).await?)
}
