//! `GET /api/posts`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::AccountTx;
use pagekeeper_store::posts::{self, PostsPage};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::Post;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::paging::{PageLimit, page_limit, parse_cursor};
use crate::state::State;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostsQuery {
    /// Entries in one answer.
    #[serde(default, deserialize_with = "page_limit")]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: PageLimit,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
    /// Only of this connection.
    #[serde(default, deserialize_with = "crate::extract::paging::number")]
    #[param(value_type = Option<i64>, example = 7)]
    connection_id: Option<i64>,
}

/// Posts, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct PostList {
    data: Vec<Post>,
    /// Leads to older ones; null at the end.
    next_cursor: Option<String>,
}

/// List posts
///
/// Of Pages and Instagram accounts, newest first, with how many comments and reactions are known.
#[utoipa::path(tag = "Posts", params(PostsQuery),
    responses((status = 200, description = "A page of posts", body = PostList)))]
#[get("/api/posts")]
pub(crate) async fn list_posts(
    scope: Authorised<ReadInbox>,
    state: web::Data<State>,
    query: Query<PostsQuery>,
) -> Answer<web::Json<PostList>> {
    let limit = query.limit.get();
    let page = PostsPage {
        connection_id: query.connection_id.map(ConnectionId::new),
        older_than: parse_cursor(query.cursor.as_deref())?,
        limit: limit + 1,
    };
    let mut rows = scope.run(async |tx: &mut AccountTx| Ok(posts::list(tx, &page).await?)).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.cursor().encode());
    let briefs = state.briefs.get(&scope, rows.iter().map(|row| row.connection_id)).await?;
    Ok(web::Json(PostList { data: rows.into_iter().map(|row| Post::new(row, &briefs)).collect(), next_cursor }))
}
