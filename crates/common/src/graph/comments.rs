//! Comments under a Page's posts, and what the Page does about them ("Comment" reference).

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::paging::{Cursor, Page, continued};
use super::posts::POSTS_AT_ONCE;
use super::request::{Answer, Call};
use crate::domain::ids::{CommentId, PostId};
use crate::lenient::{self, Decode};

const FIELDS: &str = "id,message,created_time,from,parent{id},is_hidden,can_hide,can_reply_privately";

/// A comment under a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    /// The comment that it answers.
    pub parent_id: Option<CommentId>,
    pub message: Option<String>,
    pub created_time: Option<DateTime<Utc>>,
    /// Absent for people who did not allow it; the Page's own id for its own comments.
    pub author_id: Option<String>,
    pub author_name: Option<String>,
    /// Its writer and the Page alone see it.
    pub is_hidden: bool,
    pub can_hide: bool,
    pub can_reply_privately: bool,
}

impl GraphClient {
    /// One page of the comments under a post with all answers, oldest first.
    pub async fn comments(
        &self,
        auth: &GraphAuth,
        post: &PostId,
        limit: NonZeroU32,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<Comment>>, GraphError> {
        let call = Call::get("comments", &[post.as_str(), "comments"])
            .auth(auth)
            .query("fields", FIELDS)
            .query("order", "chronological")
            .query("filter", "stream")
            .query("limit", limit.get().min(POSTS_AT_ONCE).to_string());
        self.send_page(continued(call, after)).await
    }

    pub async fn comment(&self, auth: &GraphAuth, comment: &CommentId) -> Result<Answer<Comment>, GraphError> {
        let call = Call::get("comment", &[comment.as_str()]).auth(auth).query("fields", FIELDS);
        self.send_and(call, |body| Comment::decode(lenient::answer(body)?)).await
    }

    /// The Page answers a comment, for everybody to see. There is no key against doubles.
    pub async fn answer_comment(
        &self,
        auth: &GraphAuth,
        comment: &CommentId,
        message: &str,
    ) -> Result<Answer<CommentId>, GraphError> {
        let call = Call::post("answer_comment", &[comment.as_str(), "comments"]).auth(auth).form("message", message);
        self.send_and(call, |body| lenient::answer::<WireComment>(body)?.id).await
    }

    /// Hides somebody's comment, or shows it again.
    pub async fn hide_comment(
        &self,
        auth: &GraphAuth,
        comment: &CommentId,
        hidden: bool,
    ) -> Result<Answer<()>, GraphError> {
        let call = Call::post("hide_comment", &[comment.as_str()]).auth(auth).form("is_hidden", hidden.to_string());
        self.send_change(call).await
    }

    /// Deletes a comment with its answers, for good.
    pub async fn delete_comment(&self, auth: &GraphAuth, comment: &CommentId) -> Result<Answer<()>, GraphError> {
        self.send_change(Call::new("delete_comment", Method::DELETE, &[comment.as_str()]).auth(auth)).await
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireComment {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<CommentId>,
    #[serde(deserialize_with = "lenient::object")]
    parent: Option<WireParent>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::time")]
    created_time: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::object")]
    from: Option<WireAuthor>,
    #[serde(deserialize_with = "lenient::truth")]
    is_hidden: Option<bool>,
    #[serde(deserialize_with = "lenient::truth")]
    can_hide: Option<bool>,
    #[serde(deserialize_with = "lenient::truth")]
    can_reply_privately: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireParent {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<CommentId>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireAuthor {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
}

impl Decode for Comment {
    type Wire = WireComment;

    fn decode(wire: WireComment) -> Option<Self> {
        let author = wire.from.unwrap_or_default();
        Some(Self {
            id: wire.id?,
            parent_id: wire.parent.and_then(|parent| parent.id),
            message: wire.message,
            created_time: wire.created_time,
            author_id: author.id,
            author_name: author.name,
            is_hidden: wire.is_hidden.unwrap_or_default(),
            can_hide: wire.can_hide.unwrap_or_default(),
            can_reply_privately: wire.can_reply_privately.unwrap_or_default(),
        })
    }
}
