//! `GET /api/posts/{id}/comments`

use actix_web::{get, web};
use pagekeeper_common::domain::ids::PostRowId;
use pagekeeper_runtime::http::Query;
use pagekeeper_store::{AccountTx, StoreError, posts};
use serde::Serialize;
use utoipa::ToSchema;

use super::views::Comment;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::paging::Paging;

/// Comments below a post, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommentList {
    data: Vec<Comment>,
    /// Leads to older ones; null at the end.
    next_cursor: Option<String>,
}

/// List a post's comments
///
/// Answers stand among them, with the comment that they answer. Newest first.
#[utoipa::path(tag = "Posts", params(("id" = i64, Path, description = "The post", example = 310), Paging),
    responses((status = 200, description = "A page of comments", body = CommentList)))]
#[get("/api/posts/{id}/comments")]
pub(crate) async fn list_comments(
    scope: Authorised<ReadInbox>,
    path: web::Path<i64>,
    paging: Query<Paging>,
) -> Answer<web::Json<CommentList>> {
    let id = PostRowId::new(path.into_inner());
    let limit = paging.limit.get();
    let older_than = paging.cursor()?;
    let mut rows = scope
        .run(async move |tx: &mut AccountTx| {
            let rows = posts::list_comments(tx, id, older_than, limit + 1).await?;
            if rows.is_empty() && !posts::exists(tx, id).await? {
                return Err(StoreError::NotFound.into());
            }
            Ok(rows)
        })
        .await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.cursor().encode());
    Ok(web::Json(CommentList { data: rows.into_iter().map(Comment::from).collect(), next_cursor }))
}
